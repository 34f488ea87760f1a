package io.github.diffusionhost.plugins.fidelity.stats

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import com.google.gson.JsonObject
import io.github.diffusionhost.engine.support.golden.GoldenSet
import io.github.diffusionhost.engine.support.golden.golden
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe

private fun JsonObject.at(path: String): Double {
  val names = path.split(".")
  return names.dropLast(1).fold(this) { o, name -> o.getAsJsonObject(name) }.get(names.last()).asDouble
}

/** The statistics against torchmetrics, pytorch-fid and prdc. */
class GoldenMetricsSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()

    fun GoldenSet.features() = tensors(manager, "metrics/features")
    fun GoldenSet.images() = tensors(manager, "metrics/images")
    fun GoldenSet.expected() = json("metrics/expected")
    afterSpec { manager.close() }

    fun moments(x: NDArray): Gaussian =
      Moments(manager).use { moments ->
        for (first in 0L until x.shape.get(0) step 37) {
          moments.add(x.get("$first:${minOf(x.shape.get(0), first + 37)}"))
        }
        moments.gaussian()
      }

    fun relative(value: Double) = value plusOrMinus 1e-9 * value

    golden("Fréchet distance", "metrics/features", "metrics/expected") { set ->
      val expected = set.expected()
      val features = set.features()
      val real = moments(features.getValue("real"))
      val fake = moments(features.getValue("fake"))
      FrechetDistance.between(real, fake, manager) shouldBe (expected.at("frechet.value") plusOrMinus 1e-6)
      FrechetDistance.between(fake, real, manager) shouldBe (expected.at("frechet.via_eigenvalues") plusOrMinus 1e-6)
      FrechetDistance.between(real, real, manager) shouldBe (0.0 plusOrMinus 1e-6)
    }

    golden("kernel distance of all and of stored subsets", "metrics/features", "metrics/expected") { set ->
      val expected = set.expected()
      val features = set.features()
      val real = features.getValue("real")
      val fake = features.getValue("fake")
      KernelDistance.unbiased(real, fake) shouldBe relative(expected.at("kid.full_set_unbiased"))
      val subsets =
        expected.getAsJsonObject("kid").getAsJsonArray("subsets").mapIndexed { i, value ->
          val found =
            KernelDistance.unbiased(
              real.get(features.getValue("kid_subset$i.real_index")),
              fake.get(features.getValue("kid_subset$i.fake_index")),
            )
          found shouldBe relative(value.asDouble)
          found
        }
      val all = MeanAndDeviation.of(subsets.toDoubleArray())
      all.mean() shouldBe relative(expected.at("kid.subset_mean"))
      all.deviation() shouldBe relative(expected.at("kid.subset_std_population"))
    }

    golden("Inception Score", "metrics/features", "metrics/expected") { set ->
      val expected = set.expected()
      val features = set.features()
      val probabilities = features.getValue("logits").softmax(1)
      val ten = InceptionScore.of(probabilities, 10)
      ten.mean() shouldBe relative(expected.at("inception_score.splits10.mean"))
      ten.deviation() shouldBe relative(expected.at("inception_score.splits10.std_population"))
      InceptionScore.of(probabilities, 1).mean() shouldBe relative(expected.at("inception_score.splits1.mean"))
    }

    for ((k, suffix) in listOf(3 to "", 5 to "_k5")) {
      golden("precision and recall, k = $k", "metrics/features", "metrics/expected") { set ->
        val expected = set.expected()
        val features = set.features()
        val manifolds = Manifolds(features.getValue("real"), features.getValue("fake"), k)
        manifolds.precision() shouldBe expected.at("precision_recall$suffix.precision")
        manifolds.recall() shouldBe expected.at("precision_recall$suffix.recall")
      }
    }

    for ((k, suffix) in listOf(5 to "", 3 to "_k3")) {
      golden("density and coverage, k = $k", "metrics/features", "metrics/expected") { set ->
        val expected = set.expected()
        val features = set.features()
        val manifolds = Manifolds(features.getValue("real"), features.getValue("fake"), k)
        manifolds.density() shouldBe (expected.at("density_coverage$suffix.density") plusOrMinus 1e-12)
        manifolds.coverage() shouldBe expected.at("density_coverage$suffix.coverage")
      }
    }

    golden("radii of neighbours", "metrics/features") { set ->
      val features = set.features()
      val stored = features.getValue("real_radii_k3").toDoubleArray()
      Distances.neighbourRadii(features.getValue("real"), 3).forEachIndexed { i, squared ->
        Math.sqrt(squared) shouldBe (stored[i] plusOrMinus 1e-9)
      }
    }

    for ((part, range) in listOf("images" to 1.0, "images.signed_range" to 2.0)) {
      golden("SSIM and PSNR, pixels of a range of $range", "metrics/images", "metrics/expected") { set ->
        val expected = set.expected()
        val images = set.images()
        val wanted = images.getValue("target").mul(range).sub(range - 1)
        val found = images.getValue("preds").mul(range).sub(range - 1)
        val json = part.split(".").fold(expected) { o, name -> o.getAsJsonObject(name) }
        Ssim.of(found, wanted, range).toDoubleArray().forEachIndexed { i, ssim ->
          ssim shouldBe (json.getAsJsonArray("ssim_per_image")[i].asDouble plusOrMinus 1e-6)
        }
        val error = PixelError(range).apply { add(found, wanted) }
        error.psnr() shouldBe (json["psnr_all"].asDouble plusOrMinus 1e-6)
      }
    }

    golden("root mean squared error", "metrics/images", "metrics/expected") { set ->
      val expected = set.expected()
      val images = set.images()
      val error = PixelError(1.0)
      for (i in 0L until images.getValue("preds").shape[0]) {
        error.add(images.getValue("preds").get("$i:${i + 1}"), images.getValue("target").get("$i:${i + 1}"))
      }
      val squares = expected.getAsJsonObject("images").getAsJsonArray("mse_per_image").map { it.asDouble }
      error.rmse() shouldBe (Math.sqrt(squares.average()) plusOrMinus 1e-6)
      error.ssim() shouldBe (expected.at("images.ssim_mean") plusOrMinus 1e-6)
    }
  })
