package io.github.diffusionhost.engine.sample

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.scheduler.Sampler
import io.github.diffusionhost.api.scheduler.Sampling
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.options.Execution
import io.github.diffusionhost.engine.support.NoOptions
import io.github.diffusionhost.engine.support.TINY_IMAGES
import io.github.diffusionhost.engine.support.TinyDenoiser
import io.github.diffusionhost.engine.support.TinyEuler
import io.github.diffusionhost.engine.support.tinyNetwork
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.floats.plusOrMinus
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe

class ImageGeneratorSpec :
  FunSpec({
    for (compile in listOf(false, true)) context(if (compile) "compiled" else "operation by operation") {
      images(compile)
    }

    test("compiled predictions are those operation by operation, after the weights have changed, too") {
      NDManager.newBaseManager().use { manager ->
        val network = tinyNetwork(manager)
        val both = listOf(false, true).map { generator(network, manager, it) }
        val plan = SamplePlan(TinyEuler.create(NoOptions()), 5, 2.0, listOf(0, 1, 2), 11)
        repeat(2) {
          val (eager, compiled) =
            both.map {
              it.generate(plan, network.weights(), 0, 5, null, Sampling.Listener.NONE).toFloatArray().toList()
            }
          shouldBeNear(compiled, eager)
          network.weights().values().values.forEach { it.muli(1.1f) }
        }
      }
    }

    test("a network that draws noise while it predicts samples operation by operation") {
      NDManager.newBaseManager().use { manager ->
        val network = tinyNetwork(manager, denoiser = ::DrawingDenoiser)
        val plan = SamplePlan(TinyEuler.create(NoOptions()), 5, 1.0, listOf(0, 1, 2), 11)
        val (eager, compiled) =
          listOf(false, true).map { compile ->
            generator(network, manager, compile)
              .generate(plan, network.weights(), 0, 5, null, Sampling.Listener.NONE)
              .toFloatArray()
              .toList()
          }
        compiled shouldBe eager
      }
    }

    test("batches are as large as the memory allows") {
      NDManager.newBaseManager().use { manager ->
        val generator = generator(tinyNetwork(manager), manager, true)
        val plan = SamplePlan(TinyEuler.create(NoOptions()), 5, 1.0, listOf(0), 11)
        val guided = SamplePlan(TinyEuler.create(NoOptions()), 5, 2.0, listOf(0), 11)
        generator.batch(plan, 1L shl 40, 256) shouldBe 256
        generator.batch(plan, 1, 256) shouldBe 1
        val some = generator.batch(plan, 20_000, 256)
        some shouldBeInRange 2..100
        generator.batch(guided, 20_000, 256) shouldBe some / 2
      }
    }
  })

/** Adds noise to what it predicts, in sampling too. */
private class DrawingDenoiser(noise: Noise) : TinyDenoiser(noise) {
  override fun predict(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?): NDArray =
    super.predict(pass, x, noiseCondition, labels).add(pass.noise().normal(x.shape))
}

private fun generator(network: Network, manager: NDManager, compile: Boolean, guide: Guide? = null) =
  ImageGenerator(network, guide, TINY_IMAGES, manager, Execution.EAGER.withCompile(compile))

private fun shouldBeNear(a: List<Float>, b: List<Float>) =
  a.zip(b).forEach { (x, y) -> x shouldBe (y plusOrMinus 1e-5f) }

private suspend fun FunSpecContainerScope.images(compile: Boolean) {
  val manager = NDManager.newBaseManager()
  val network = tinyNetwork(manager)
  val generator = generator(network, manager, compile)
  val noisy = Sampler { net, noise, sampling ->
    net.predict(noise, noise.manager.zeros(Shape(noise.shape[0]))).add(sampling.noise().normal(noise.shape))
  }

  fun plan(
    sampler: Sampler = TinyEuler.create(NoOptions()),
    guidance: Double = 1.0,
    labels: List<Int> = listOf(0, 1, 2),
  ) = SamplePlan(sampler, 5, guidance, labels, 11)

  fun images(plan: SamplePlan, first: Int, count: Int, start: NDArray? = null): List<Float> =
    generator.generate(plan, network.weights(), first, count, start, Sampling.Listener.NONE).toFloatArray().toList()

  test("image i is the same whatever the batch, for deterministic and stochastic samplers, with guidance and without") {
    for (plan in listOf(plan(), plan(noisy), plan(guidance = 3.0))) {
      val whole = images(plan, 0, 7)
      shouldBeNear(images(plan, 0, 3) + images(plan, 3, 1) + images(plan, 4, 3), whole)
    }
  }

  test("images differ among themselves and with the seed") {
    val images = images(plan(labels = listOf(0)), 0, 4).chunked(16)
    images.toSet().size shouldBe 4
    images(SamplePlan(TinyEuler.create(NoOptions()), 5, 1.0, listOf(0), 12), 0, 4).chunked(16).none {
      it in images
    } shouldBe true
  }

  test("given noise is where sampling starts") {
    val start = generator.startingNoise(plan(), 0, 4)
    images(plan(), 0, 4, start) shouldContainExactly images(plan(), 0, 4)
  }

  test("guidance mixes the predictions with and without label") {
    val one = Sampler { net, noise, _ -> net.predict(noise, noise.manager.ones(Shape(noise.shape[0]))) }
    val labelled = images(plan(one, labels = listOf(1)), 0, 2)
    val unlabelled = images(plan(one, guidance = 0.0, labels = listOf(1)), 0, 2)
    val byHand = unlabelled.zip(labelled).map { (u, l) -> u + 2.5f * (l - u) }
    shouldBeNear(images(plan(one, guidance = 2.5, labels = listOf(1)), 0, 2), byHand)
  }

  test("a guide leads away from its images") {
    val weaker = tinyNetwork(manager, seed = 9)
    val guided = generator(network, manager, compile, Guide(weaker, weaker.weights()))
    val alone = generator(weaker, manager, compile)

    fun guided(w: Double, sampler: Sampler = TinyEuler.create(NoOptions())) =
      guided.generate(plan(sampler, w), network.weights(), 0, 3, null, Sampling.Listener.NONE).toFloatArray().toList()
    fun alone(sampler: Sampler = TinyEuler.create(NoOptions())) =
      alone.generate(plan(sampler), weaker.weights(), 0, 3, null, Sampling.Listener.NONE).toFloatArray().toList()

    guided(1.0) shouldContainExactly images(plan(), 0, 3)
    shouldBeNear(guided(0.0), alone())
    val one = Sampler { net, noise, _ -> net.predict(noise, noise.manager.ones(Shape(noise.shape[0]))) }
    val byHand = alone(one).zip(images(plan(one), 0, 3)).map { (weak, main) -> weak + 2.5f * (main - weak) }
    shouldBeNear(guided(2.5, one), byHand)
    guided.batch(plan(guidance = 2.0), 20_000, 256) shouldBe generator.batch(plan(), 20_000, 256)

    val live = manager.managedArrays.size
    repeat(5) { ai.djl.ndarray.NDScope().use { guided(2.0) } }
    manager.managedArrays.size shouldBe live
    listOf(guided, alone).forEach { it.close() }
  }

  test("a network that is its own guide stays what it is, whatever the guidance") {
    val own = generator(network, manager, compile, Guide(network, network.weights()))
    for (w in listOf(-1.0, 0.5, 2.0, 4.0)) {
      shouldBeNear(
        own.generate(plan(guidance = w), network.weights(), 0, 3, null, Sampling.Listener.NONE).toFloatArray().toList(),
        images(plan(), 0, 3),
      )
    }
    own.close()
  }

  test("labels go to images in turn") {
    val shown = Sampler { net, noise, _ ->
      net.predict(noise.zerosLike(), noise.manager.zeros(Shape(noise.shape[0])))
    }
    val byLabel = images(plan(shown), 0, 6).chunked(16)
    byLabel.take(3).toSet().size shouldBe 3
    shouldBeNear(byLabel.drop(3).flatten(), byLabel.take(3).flatten())
  }

  test("nothing is left behind") {
    images(plan(), 0, 2)
    val live = manager.managedArrays.size
    repeat(20) { ai.djl.ndarray.NDScope().use { images(plan(guidance = 2.0), 0, 4) } }
    manager.managedArrays.size shouldBe live
  }
  manager.close()
}
