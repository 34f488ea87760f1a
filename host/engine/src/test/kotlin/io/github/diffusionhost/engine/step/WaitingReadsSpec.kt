package io.github.diffusionhost.engine.step

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.ops.Ops
import io.github.diffusionhost.engine.batch.DatasetBatches
import io.github.diffusionhost.engine.compile.StepProgram
import io.github.diffusionhost.engine.data.ResidentDataset
import io.github.diffusionhost.engine.optimize.OptimizerOptions.Kind
import io.github.diffusionhost.engine.optimize.OptimizerState
import io.github.diffusionhost.engine.options.EmaOptions
import io.github.diffusionhost.engine.options.TrainOptions.NoiseSource
import io.github.diffusionhost.engine.options.TrainOptions.Precision
import io.github.diffusionhost.engine.pass.Passes
import io.github.diffusionhost.engine.schedule.Ema
import io.github.diffusionhost.engine.support.CountingDataset
import io.github.diffusionhost.engine.support.TinyDenoiser
import io.github.diffusionhost.engine.support.tinyNetwork
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.shouldBe

/**
 * A program waits for a GPU where it makes a number of a tensor that is there, and where it copies to it without being
 * told not to wait. The text of a step shows every such place.
 */
class WaitingReadsSpec :
  FunSpec({
    for (kind in Kind.entries) {
      test("a compiled step with $kind reads numbers on the CPU alone, and copies without waiting") {
        NDManager.newBaseManager().use { manager ->
          val text = stepText(manager, kind)
          val read = Regex("\\b(?:int|float|bool|complex)\\((.*?)\\)").findAll(text).map { it.groupValues[1] }.toList()
          read.shouldNotBeEmpty()
          // The numbers of a step lie on the CPU; the images are counted by a size.
          read.filterNot { it.startsWith("numbers[") || it == "images" }.shouldBeEmpty()
          Regex("torch\\.(?:item|nonzero|masked_select|is_nonzero|equal|unique\\w*)\\(")
            .findAll(text)
            .toList()
            .shouldBeEmpty()
          val copied = text.lines().filter { Regex("= torch\\.to\\((?:indices|labels),").containsMatchIn(it) }
          copied.size shouldBe 4
          copied.filterNot { it.endsWith(", True)") }.shouldBeEmpty()
          val made =
            text.lines().filter { Regex("torch\\.(?:full|zeros|ones|arange|tensor|empty)\\(").containsMatchIn(it) }
          made.filterNot { "device=device" in it }.shouldBeEmpty()
        }
      }
    }
  })

private fun stepText(manager: NDManager, kind: Kind): String {
  val network = tinyNetwork(manager, denoiser = ::Forgetful)
  val data = ResidentDataset.load(CountingDataset(40), manager)
  val batches = DatasetBatches(data, manager, 5, 0.1, NoiseSource.DEVICE)
  val averages = listOf(Ema(EmaOptions.DEFAULTS, network.weights()))
  val optimizer = OptimizerState.of(adam(kind), network.trainable())
  val setup = TrainingSetup(network, batches, 8, 4, optimizer, 1.0, averages)
  val program = StepProgram.of(network, batches, Passes.of(Precision.FP32, manager), manager)
  val index = network.weights().values().keys.withIndex().associate { it.value to it.index }
  return "${StepScript(program, index, setup).module()}"
}

private class Forgetful(noise: Noise) : TinyDenoiser(noise) {
  override fun predict(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?): NDArray =
    super.predict(pass, if (pass.training()) Ops.dropout(x, 0.5, pass.noise()) else x, noiseCondition, labels)
}
