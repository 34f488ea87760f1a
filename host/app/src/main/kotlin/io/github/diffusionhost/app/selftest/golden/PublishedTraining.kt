package io.github.diffusionhost.app.selftest.golden

import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.scheduler.SchedulerContext
import io.github.diffusionhost.app.selftest.Subject
import io.github.diffusionhost.app.selftest.difference
import io.github.diffusionhost.app.selftest.norm
import io.github.diffusionhost.app.selftest.values
import io.github.diffusionhost.engine.golden.SampledTensors
import io.github.diffusionhost.engine.network.Weights
import io.github.diffusionhost.engine.optimize.OptimizerState
import io.github.diffusionhost.engine.options.Execution
import io.github.diffusionhost.engine.schedule.Ema
import io.github.diffusionhost.engine.schedule.LrSchedule
import io.github.diffusionhost.engine.step.StepSums
import io.github.diffusionhost.engine.step.TrainingSetup

/** Twenty steps of HiDolen's training of recipe R3 on recorded batches: AdamW, warm-up, clipping, average. */
internal class PublishedTraining(private val subject: Subject, private val execution: Execution) {
  private val manager = subject.manager
  private val recorded = subject.golden.json("$TRAINING/trajectory")
  private val expected = recorded.getAsJsonObject("variants").getAsJsonObject(VARIANT).getAsJsonObject("per_step")
  private val config = GoldenDit.config(subject)

  /** The largest differences that were found, as shares of what is right. */
  class Differences(val loss: Double, val norm: Double, val weights: Double, val average: Double)

  /** Trains from the published weights. */
  fun differences(): Differences {
    // The reference's levels are those of 28×28 pixels whatever the image.
    val scheduler = config.scheduler.create(SchedulerContext(ImageShape(1, 28, 28), startingNoise(manager)))
    GoldenDit.network(subject, config, scheduler, manager).use { network ->
      val train = config.train
      val lr = LrSchedule.of(train, 1)
      val optimizer = OptimizerState.of(train.optimizer(), network.trainable())
      Ema(train.ema()[0], network.weights()).use { average ->
        val setup =
          TrainingSetup(network, batches(), train.batchSize(), null, optimizer, train.clipNorm(), listOf(average))
        var loss = 0.0
        var norm = 0.0
        subject.step(setup, execution).use { step ->
          for (k in 0 until recorded["steps"].asInt) {
            step.restart(StepSums.NONE)
            step.run(k.toLong(), lr.at(k.toLong()))
            val sums = step.sums()
            loss = maxOf(loss, difference(sums.loss(), expected.getAsJsonArray("loss")[k].asDouble))
            norm =
              maxOf(norm, difference(sums.gradientNorm(), expected.getAsJsonArray("grad_norm_before_clip")[k].asDouble))
          }
        }
        return Differences(
          loss,
          norm,
          worst(network.weights(), "final_weights_sampled"),
          worst(average.weights(), "ema_weights_sampled"),
        )
      }
    }
  }

  private fun batches(): ReplayedBatches {
    val all = subject.golden.tensors(manager, "$TRAINING/batches")
    val (steps, size) = all.getValue("images").shape.shape
    val images = all.getValue("images").reshape(steps * size, 1, 12, 12).sub(0.5f).div(0.3081f)
    val labels = all.getValue("class_idx").toType(DataType.INT64, false)
    return ReplayedBatches(images, { labels.get(it) }) {
      ReplayedNoise(all.getValue("normals").get(it), GoldenDit.unpacked(all.getValue("noise").get(it)))
    }
  }

  private fun worst(weights: Weights, file: String): Double {
    val right: SampledTensors = subject.golden.sampled(manager, "$TRAINING/${file}_$VARIANT")
    return right.names().maxOf { name ->
      right.difference(name, weights.values()[GoldenDit.PREFIX + name]?.toFloatArray())
    }
  }

  private companion object {
    const val TRAINING = "training/dit_flow"
    const val VARIANT = "plutils_as_published"
  }
}
