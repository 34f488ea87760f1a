package io.github.diffusionhost.engine.train

import io.github.diffusionhost.engine.checkpoint.CheckpointFolder
import io.github.diffusionhost.engine.network.Weights
import io.github.diffusionhost.engine.support.Quiet
import io.github.diffusionhost.engine.support.TinyRun
import io.github.diffusionhost.engine.support.tinyOptions
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.name
import kotlin.io.path.readSymbolicLink

/** Measures every [every] steps what [of] says of the step; less is better. Keeps what it found in [found]. */
private class Played(
  private val every: Long,
  private val last: Long,
  private val folder: Path,
  private val of: (Long) -> Double = { it.toDouble() },
) : Evaluations {
  val found = mutableMapOf<Long, Double>()
  val weights = mutableMapOf<Long, List<Float>>()
  val measured = mutableListOf<Long>()
  var interrupt = false
  var restarted = listOf<Long>()

  override fun restart(done: Long) {
    restarted += done
    found.keys.removeIf { it > done }
  }

  override fun due(step: Long) = step % every == 0L || step == last

  override fun measure(step: Long, weights: Weights): Map<String, Double> {
    check(folder.resolve("checkpoints/step-%06d/ema.safetensors".format(step)).exists())
    if (interrupt) throw InterruptedException()
    if (step in found) return mapOf()
    measured += step
    this.weights[step] = weights.values().values.first().toFloatArray().toList()
    return mapOf("played" to of(step).also { found[step] = it })
  }

  override fun ranking() = found.entries.sortedBy { it.value }.map { it.key }
}

class EvaluatedTrainingSpec :
  FunSpec({
    fun kept(folder: Path) = CheckpointFolder(folder.resolve("checkpoints")).list().map { CheckpointFolder.step(it) }

    fun best(folder: Path) = folder.resolve("checkpoints/best").readSymbolicLink().name

    test("weights are measured when it is due and at the end, after their checkpoint is written") {
      val folder = tempdir().toPath()
      val played = Played(3, 8, folder)
      val heard = mutableListOf<Pair<Long, Map<String, Double>>>()
      val listener =
        object : TrainListener by Quiet {
          override fun evaluated(step: Long, values: Map<String, Double>) {
            heard += step to values
          }
        }
      TinyRun(folder, tinyOptions(8, checkpointEvery = 4), listener, evaluations = played).use { run ->
        run.trainer.run { false } shouldBe Trainer.Outcome.FINISHED
      }
      played.measured shouldBe listOf(3L, 6L, 8L)
      heard shouldBe listOf(3L, 6L, 8L).map { it to mapOf("played" to it.toDouble()) }
      kept(folder) shouldBe listOf(3L, 4L, 6L, 8L)
      best(folder) shouldBe "step-000003"
    }

    test("measuring changes nothing of the training") {
      val weights =
        listOf(false, true).map { measured ->
          val folder = tempdir().toPath()
          val evaluations = if (measured) Played(2, 7, folder) else Evaluations.NONE
          TinyRun(folder, tinyOptions(7), evaluations = evaluations).use { run ->
            run.trainer.run { false }
            run.weights()
          }
        }
      weights[1] shouldBe weights[0]
    }

    test("the newest and the best checkpoints stay, and best names the best") {
      val folder = tempdir().toPath()
      // Best is 4, then 10, then 6.
      val order = listOf(4L, 10L, 6L, 8L, 12L, 2L)
      val played = Played(2, 12, folder) { order.indexOf(it).toDouble() }
      val options = tinyOptions(12, checkpointEvery = 1, keepLast = 2, keepBest = 2)
      TinyRun(folder, options, evaluations = played).use { it.trainer.run { false } }
      kept(folder) shouldBe listOf(4L, 10L, 11L, 12L)
      best(folder) shouldBe "step-000004"
    }

    test("a run that was stopped while it measured measures again when it goes on, and nothing twice") {
      val folder = tempdir().toPath()
      val played = Played(3, 8, folder)
      TinyRun(folder, tinyOptions(8), evaluations = played).use { run ->
        run.trainer.run {
          played.interrupt = run.trainer.done() >= 5
          false
        } shouldBe Trainer.Outcome.STOPPED
        run.trainer.done() shouldBe 6
      }
      played.measured shouldBe listOf(3L)
      played.interrupt = false
      TinyRun(folder, tinyOptions(8), evaluations = played).use { run ->
        run.trainer.resume()
        run.trainer.run { false } shouldBe Trainer.Outcome.FINISHED
      }
      played.measured shouldBe listOf(3L, 6L, 8L)
      played.restarted shouldBe listOf(0L, 6L)

      val alone = tempdir().toPath()
      val other = Played(3, 8, alone)
      TinyRun(alone, tinyOptions(8), evaluations = other).use { it.trainer.run { false } }
      played.weights shouldBe other.weights
    }

    test("what was measured of steps that are trained anew is measured anew") {
      val folder = tempdir().toPath()
      val played = Played(3, 8, folder)
      TinyRun(folder, tinyOptions(8), evaluations = played).use { it.trainer.run { false } }
      for (step in listOf(6, 8)) folder.resolve("checkpoints/step-00000$step").toFile().deleteRecursively()
      TinyRun(folder, tinyOptions(8), evaluations = played).use { run ->
        run.trainer.resume()
        run.trainer.run { false }
      }
      played.measured shouldBe listOf(3L, 6L, 8L, 6L, 8L)
    }
  })
