package io.github.diffusionhost.testkit

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.types.Shape
import ai.djl.nn.Parameter
import io.github.diffusionhost.api.Provider
import io.github.diffusionhost.api.dataset.DatasetContext
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.model.ModelContext
import io.github.diffusionhost.api.model.NormalInitializer
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.scheduler.Sampler
import io.github.diffusionhost.api.scheduler.TrainingLoss
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain

/** The names of the checks that fail. */
private fun failing(checks: List<Check>): List<String> =
  checks.filter { runCatching { it.run() }.exceptionOrNull() is AssertionError }.map { it.name }

private fun of(dataset: ImageDataset) =
  ProviderChecks.of(
    object : GoodDataset() {
      override fun open(options: Knob, context: DatasetContext) = dataset
    },
    Knob(0.5),
    NoFiles,
  )

class ProviderChecksSpec :
  FunSpec({
    test("sound providers pass every check") {
      failing(ProviderChecks.of(GoodModel())).shouldBeEmpty()
      failing(ProviderChecks.of(GoodScheduler())).shouldBeEmpty()
      failing(ProviderChecks.of(GoodDataset())).shouldBeEmpty()
      failing(of(GoodDataset.Squares())).shouldBeEmpty()
    }

    fun spoilt(how: String, check: String, provider: () -> Provider<*>) =
      test("found out: $how") { failing(ProviderChecks.of(provider())) shouldContain check }

    spoilt("a name in capitals", "the name is lower-case letters, digits and dashes") {
      object : GoodModel() {
        override fun name() = "Good"
      }
    }
    spoilt("a class that nobody else can make", "the class can be made without arguments") {
      object : GoodModel() {}
    }
    spoilt("a summary with a full stop", "the summary is one line without a full stop") {
      object : GoodModel() {
        override fun summary() = "a model."
      }
    }
    spoilt("a default outside its range", "the defaults are documented and allowed") {
      object : GoodModel() {
        override fun defaults() = Knob(2.0)
      }
    }
    spoilt("a preset outside its range", "every preset is allowed and binds") {
      object : GoodModel() {
        override fun presets() = mapOf("loud" to Knob(11.0))
      }
    }

    fun spoiltNet(how: String, check: String, net: (ModelContext) -> ScaleNet) = spoilt(how, check) { GoodModel(net) }

    spoiltNet("a prediction without the channel dimension", "a prediction has the shape of its images") {
      object : ScaleNet(it) {
        override fun predict(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?) =
          super.predict(pass, x, noiseCondition, labels).mean(intArrayOf(1))
      }
    }
    spoiltNet("a prediction that mixes the batch", "an image does not depend on its neighbours") {
      object : ScaleNet(it) {
        override fun predict(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?) =
          super.predict(pass, x.sub(x.mean()), noiseCondition, labels)
      }
    }
    spoiltNet("an infinite prediction at time 0", "any noise condition gives finite numbers") {
      object : ScaleNet(it) {
        override fun predict(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?) =
          super.predict(pass, x, noiseCondition.pow(-1), labels)
      }
    }
    spoiltNet("weights of its own making", "the same noise makes the same network") {
      val noise =
        object : Noise {
          override fun normal(shape: Shape): NDArray = it.noise.normal(shape).add(Math.random())

          override fun uniform(shape: Shape): NDArray = it.noise.uniform(shape)
        }
      ScaleNet(ModelContext(it.imageShape, it.classes, it.unlabelled, noise))
    }
    spoiltNet("a weight that is never used", "the loss moves nearly every weight") {
      object : ScaleNet(it) {
        init {
          parameter("unused", Parameter.Type.WEIGHT, NormalInitializer(it.noise, 1.0), Shape(2))
        }
      }
    }
    spoiltNet("a constant named like a parameter", "reference constants are no parameters") {
      object : ScaleNet(it) {
        override fun referenceConstants() = setOf("weight")
      }
    }

    spoilt("one loss for the whole batch", "each image has a loss and a level") {
      GoodScheduler({ network, images, noise ->
        goodLoss(network, images, noise).let { TrainingLoss(it.perImage.mean(), it.squaredError, it.level) }
      })
    }
    spoilt("noise from elsewhere", "the same noise gives the same losses") {
      GoodScheduler({ network, images, noise ->
        goodLoss(network, images, noise).let { TrainingLoss(it.perImage.add(Math.random()), it.squaredError, it.level) }
      })
    }
    spoilt("level edges that fall", "levels have bins and a meaning") {
      GoodScheduler(edges = doubleArrayOf(0.0, 1.0, 0.5))
    }
    spoilt("a network that is given scaled images", "a level says what training gives the network") {
      GoodScheduler({ network, images, noise -> goodLoss({ x, t -> network.predict(x.mul(0.5), t) }, images, noise) })
    }
    spoilt("twice the noise", "a level says what training gives the network") {
      GoodScheduler({ network, images, noise ->
        goodLoss({ x, t -> network.predict(x.sub(images).mul(2).add(images), t) }, images, noise)
      })
    }
    spoilt("a loss that ignores the network", "the loss moves the network") {
      GoodScheduler({ network, images, noise ->
        goodLoss({ x, t -> network.predict(x, t).stopGradient() }, images, noise)
      })
    }
    spoilt("a sampler that is silent", "samplers keep the shape, and tell of every step") {
      GoodScheduler(
        sampler = Sampler { network, noise, _ -> network.predict(noise, noise.manager.ones(Shape(noise.shape[0]))) }
      )
    }
    spoilt("a sampler that writes into its noise", "samplers leave the noise alone") {
      GoodScheduler(sampler = Sampler { network, noise, sampling -> goodSample(network, noise.muli(2), sampling) })
    }
    spoilt("a sampler that mixes the batch", "a sample does not depend on its neighbours") {
      GoodScheduler(
        sampler = Sampler { network, noise, sampling -> goodSample(network, noise.sub(noise.mean()), sampling) }
      )
    }
    spoilt("a sampler with noise of its own", "the same noise gives the same samples") {
      GoodScheduler(
        sampler = Sampler { network, noise, sampling -> goodSample(network, noise, sampling).add(Math.random()) }
      )
    }

    fun spoiltData(how: String, check: String, dataset: () -> ImageDataset) =
      test("found out: $how") { failing(of(dataset())) shouldContain check }

    spoiltData("no images", "there are images") {
      object : GoodDataset.Squares() {
        override fun size() = 0
      }
    }
    spoiltData("bytes beside the image", "an image fills its bytes and no others") {
      object : GoodDataset.Squares() {
        override fun read(index: Int, target: ByteArray, offset: Int) = target.fill(1)
      }
    }
    spoiltData("an image that changes", "an image read twice is the same") {
      object : GoodDataset.Squares() {
        private var reads = 0

        override fun read(index: Int, target: ByteArray, offset: Int) =
          target.fill((reads++).toByte(), offset, offset + 16)
      }
    }
    spoiltData("a label without a name", "labels have names") {
      object : GoodDataset.Squares() {
        override fun label(index: Int) = index
      }
    }
    spoiltData("augmentation that crops", "augmented images keep their shape") {
      object : GoodDataset.Squares() {
        override fun augment(images: NDArray, noise: Noise): NDArray = images.get(":, :, 1:, :")
      }
    }
  })
