package io.github.diffusionhost.engine.train

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.engine.batch.DatasetBatches
import io.github.diffusionhost.engine.data.ResidentDataset
import io.github.diffusionhost.engine.options.TrainOptions.NoiseSource
import io.github.diffusionhost.engine.support.CountingDataset
import io.github.diffusionhost.engine.support.TinyRun
import io.github.diffusionhost.engine.support.tinyOptions
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import java.nio.file.Path
import kotlin.math.abs

/** Training with draws that are functions of their place: `train.noise: device`. */
@Tags("Slow")
class CounterNoiseTrainingSpec :
  FunSpec({
    fun trained(noise: NoiseSource, compile: Boolean = true, folder: Path = tempdir().toPath(), vararg stops: Long) =
      stops
        .toList()
        .plus(Long.MAX_VALUE)
        .map { stop ->
          TinyRun(folder, tinyOptions(12, noise = noise, compile = compile)).use { run ->
            run.trainer.resume()
            run.trainer.run { run.trainer.done() >= stop }
            run.weights()
          }
        }
        .last()

    test("a run that was stopped and resumed ends as one that was left alone, bit for bit") {
      trained(NoiseSource.DEVICE, true, tempdir().toPath(), 1, 4, 11) shouldBe trained(NoiseSource.DEVICE)
    }

    test("compiled steps draw what steps operation by operation do") {
      val compiled = trained(NoiseSource.DEVICE)
      for ((name, values) in trained(NoiseSource.DEVICE, compile = false)) {
        withClue(name) {
          for (i in values.indices) abs(values[i].toDouble() - compiled.getValue(name)[i]) shouldBeLessThan 1e-4
        }
      }
    }

    test("the CPU draws on the host if nobody says otherwise, and otherwise trains on other noise") {
      val host = trained(NoiseSource.HOST)
      trained(NoiseSource.AUTO) shouldBe host
      trained(NoiseSource.DEVICE) shouldNotBe host
    }

    test("what a batch draws does not depend on the parts it is cut into") {
      NDManager.newBaseManager().use { manager ->
        val data = ResidentDataset.load(CountingDataset(40), manager)
        val batches = DatasetBatches(data, manager, 5, 0.0, NoiseSource.DEVICE)
        fun draws(first: Int, count: Int): List<List<Float>> {
          val inputs = batches.inputs(3, 8, first, count)
          val shape = Shape(count.toLong(), 6)
          return listOf(inputs.loss().normal(shape), inputs.loss().uniform(shape), inputs.augmentation().uniform(shape))
            .map {
              it.toFloatArray().toList()
            }
        }
        val whole = draws(0, 8)
        val parts = listOf(draws(0, 2), draws(2, 6))
        for (i in whole.indices) whole[i] shouldBe parts.flatMap { it[i] }
        whole[1] shouldNotBe whole[2]
      }
    }
  })
