package io.github.diffusionhost.engine.sample

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.options.Execution
import io.github.diffusionhost.engine.options.TrainOptions.Precision
import io.github.diffusionhost.engine.random.HostNoise
import io.github.diffusionhost.engine.random.StagingBuffer
import io.github.diffusionhost.engine.support.TINY_SHAPE
import io.github.diffusionhost.engine.support.TinyDenoiser
import io.github.diffusionhost.engine.support.tinyNetwork
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.floats.plusOrMinus
import io.kotest.matchers.shouldBe

private class Drawing(noise: Noise) : TinyDenoiser(noise) {
  override fun predict(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?): NDArray =
    super.predict(pass, x, noiseCondition, labels).add(pass.noise().normal(x.shape))
}

class LevelPredictorSpec :
  FunSpec({
    val manager = autoClose(NDManager.newBaseManager())
    val seen = HostNoise.single(manager, StagingBuffer(), 3).normal(TINY_SHAPE.batch(4))
    val labels = manager.create(longArrayOf(0, 2, 1, 2))

    fun draws() = HostNoise.single(manager, StagingBuffer(), 9)

    fun predictor(network: Network, compile: Boolean, precision: Precision = Precision.FP32): LevelPredictor {
      val spec = ImageSpec(TINY_SHAPE, 3, PixelNormalization.SIGNED)
      return LevelPredictor(network, spec, Execution(precision, compile)).also { it.use(network.weights(), draws()) }
    }

    fun values(array: NDArray) = array.toFloatArray().toList()

    for (compile in listOf(true, false)) {
      test("the network is told level and labels, ${if (compile) "compiled" else "operation by operation"}") {
        val network = tinyNetwork(manager)
        val pass = Forward.of(network.weights().store(), false, draws())
        val condition = manager.create(FloatArray(4) { network.scheduler().conditionAt(0.3).toFloat() })
        val expected = values(network.predict(pass, seen, condition, labels))
        val found = predictor(network, compile).of(seen, 0.3, labels)
        found.shape shouldBe seen.shape
        values(found).zip(expected).forEach { (a, b) -> a shouldBe (b plusOrMinus 1e-6f) }
      }
    }

    test("compiled predictions are those operation by operation, after the weights have changed, too") {
      val network = tinyNetwork(manager)
      val both = listOf(false, true).map { predictor(network, it) }
      repeat(2) {
        both.forEach { it.use(network.weights(), draws()) }
        val (eager, compiled) = both.map { values(it.of(seen, 0.5, labels)) }
        compiled.zip(eager).forEach { (a, b) -> a shouldBe (b plusOrMinus 1e-6f) }
        network.weights().values().values.forEach { it.muli(1.5f) }
      }
    }

    test("the precision is that of the arithmetic, which is float32 where nothing is compiled") {
      val network = tinyNetwork(manager)
      predictor(network, true, Precision.BF16).precision() shouldBe "bf16"
      predictor(network, true).precision() shouldBe "fp32"
      predictor(network, false, Precision.BF16).precision() shouldBe "fp32"
      predictor(tinyNetwork(manager, denoiser = ::Drawing), true, Precision.BF16).precision() shouldBe "fp32"
    }
  })
