package io.github.diffusionhost.engine.train

import ai.djl.Device
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.engine.log.MetricsLog
import io.github.diffusionhost.engine.options.TrainOptions.NoiseSource
import io.github.diffusionhost.engine.options.TrainOptions.Precision
import io.github.diffusionhost.engine.pass.FusedAttention
import io.github.diffusionhost.engine.pass.OneDnnProducts
import io.github.diffusionhost.engine.pass.Passes
import io.github.diffusionhost.engine.support.CountingDataset
import io.github.diffusionhost.engine.support.TinyRun
import io.github.diffusionhost.engine.support.pretendedGpu
import io.github.diffusionhost.engine.support.tinyOptions
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.floats.plusOrMinus
import io.kotest.matchers.shouldBe

private class MappedImages(private val images: ImageDataset) : ImageDataset by images {
  override fun mapped() = true
}

/** What is chosen where the device is a GPU gives the same training: draws, images, passes, one part or several. */
class PretendedGpuSpec :
  FunSpec({
    fun train(device: Device, noise: NoiseSource, compile: Boolean, dataset: ImageDataset): Pair<List<Double>, Any> {
      val options = tinyOptions(12, compile = compile, noise = noise)
      return TinyRun(tempdir().toPath(), options, device = device, dataset = dataset).use { run ->
        run.trainer.run { false }
        val losses = MetricsLog.read(run.directory.metrics()).map { it.values.getValue("train/loss") }
        losses to run.weights()
      }
    }

    for (noise in listOf(NoiseSource.HOST, NoiseSource.DEVICE)) for (compile in listOf(true, false)) {
      for (mapped in listOf(true, false)) {
        val how =
          "noise of the $noise, ${if (compile) "compiled" else "eager"}, ${if (mapped) "mapped" else "resident"}"
        test("a training on a GPU is that on the CPU: $how") {
          val images = CountingDataset(40)
          val dataset = if (mapped) MappedImages(images) else images
          val (losses, weights) = train(pretendedGpu(), noise, compile, dataset)
          val (expected, others) = train(Device.cpu(), noise, compile, dataset)
          losses.zip(expected).forEach { (a, b) -> a shouldBe (b plusOrMinus 1e-5) }
          withClue("weights") { closeTo(weights, others) }
        }
      }
    }

    test("where a run leaves it open, a GPU draws by counters, and the CPU by the JVM's streams") {
      tinyOptions(1).noiseOn(pretendedGpu()) shouldBe NoiseSource.DEVICE
      tinyOptions(1).noiseOn(Device.cpu()) shouldBe NoiseSource.HOST
    }

    test("what only a CPU is quick at is not done to a GPU's programs") {
      NDManager.newBaseManager(pretendedGpu(), "PyTorch").use { manager ->
        val passes = Passes.of(Precision.BF16, manager)
        val kinds = (passes.before() + passes.after()).map { it::class }
        kinds shouldNotContain FusedAttention::class
        kinds shouldNotContain OneDnnProducts::class
      }
    }
  })

@Suppress("UNCHECKED_CAST")
private fun closeTo(found: Any, expected: Any) {
  val others = expected as Map<String, List<Float>>
  for ((name, values) in found as Map<String, List<Float>>) {
    values.zip(others.getValue(name)).forEach { (a, b) -> withClue(name) { a shouldBe (b plusOrMinus 1e-5f) } }
  }
}
