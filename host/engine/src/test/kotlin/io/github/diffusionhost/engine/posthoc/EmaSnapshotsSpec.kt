package io.github.diffusionhost.engine.posthoc

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.options.TrainOptions
import io.github.diffusionhost.engine.step.DivergedException
import io.github.diffusionhost.engine.support.TinyRun
import io.github.diffusionhost.engine.support.ema
import io.github.diffusionhost.engine.support.tinyOptions
import io.github.diffusionhost.engine.train.RunDirectory
import io.github.diffusionhost.engine.train.RunFiles
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.doubles.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import java.nio.file.Path
import kotlin.io.path.deleteExisting
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.relativeTo
import kotlin.io.path.walk
import kotlin.io.path.writeBytes
import kotlin.math.abs
import kotlin.math.pow
import kotlin.math.sqrt

private val TRACKED = listOf(ema(0.05), ema(0.1))

private fun options(steps: Long, checkpointEvery: Int = 5): TrainOptions =
  tinyOptions(steps, checkpointEvery = checkpointEvery, ema = TRACKED, emaSnapshotEvery = 4)

private fun TinyRun.snapshots() = EmaSnapshots(directory.emaSnapshots())

private fun train(folder: Path, steps: Long, stopAt: Long = steps, checkpointEvery: Int = 5) =
  TinyRun(folder, options(steps, checkpointEvery)).use { run ->
    run.trainer.resume()
    run.trainer.run { run.trainer.done() >= stopAt }
    run.snapshots().steps()
  }

/** Every file of the snapshots, by its path. */
private fun bytes(folder: Path): Map<String, List<Byte>> {
  val snapshots = RunDirectory(folder).emaSnapshots()
  return snapshots.walk().associate { "${it.relativeTo(snapshots)}" to it.readBytes().toList() }
}

@Tags("Slow")
class EmaSnapshotsSpec :
  FunSpec({
    test("snapshots are written every so many steps and at the end, with all that an average needs") {
      val folder = tempdir().toPath()
      train(folder, 11) shouldContainExactly listOf(4L, 8L, 11L)
      val last = EmaSnapshots(RunDirectory(folder).emaSnapshots()).upTo(11).last()
      last.files() shouldBe setOf("width-0.05.safetensors", "width-0.1.safetensors", "config.yaml")
      last.state().step() shouldBe 11
      last.state().images() shouldBe 88
      ImageSpec.of(last.state()).shape.height shouldBe 4
      last.text("config.yaml") shouldBe "name: tiny\n"
      // The last snapshot is the average as the last checkpoint has it.
      for ((snapshot, checkpoint) in mapOf("width-0.05" to "ema", "width-0.1" to "ema-1")) {
        folder.resolve("ema-snapshots/step-000011/$snapshot.safetensors").readBytes().toList() shouldBe
          folder.resolve("checkpoints/step-000011/$checkpoint.safetensors").readBytes().toList()
      }
    }

    test("no snapshots are written unless they are asked for") {
      val folder = tempdir().toPath()
      TinyRun(folder, tinyOptions(6, ema = TRACKED)).use { it.trainer.run { false } }
      folder.listDirectoryEntries("ema-snapshots") shouldBe emptyList()
    }

    test("a run that was resumed has the snapshots of one left alone, bit for bit") {
      val alone = tempdir().toPath()
      train(alone, 23)
      val folder = tempdir().toPath()
      // Stopped after 10 steps and after 17, each with a checkpoint; then cut off: the checkpoints of 15 and later go.
      train(folder, 23, stopAt = 10)
      train(folder, 23, stopAt = 17)
      folder
        .resolve("checkpoints")
        .listDirectoryEntries()
        .filter { it.name > "step-000010" }
        .forEach {
          it.toFile().deleteRecursively()
        }
      train(folder, 23)
      bytes(folder) shouldBe bytes(alone)
    }

    test("a run that goes on from an earlier step drops later snapshots at once") {
      val folder = tempdir().toPath()
      train(folder, 23) shouldContainExactly listOf(4L, 8L, 12L, 16L, 20L, 23L)
      folder
        .resolve("checkpoints")
        .listDirectoryEntries()
        .filter { it.name > "step-000010" }
        .forEach {
          it.toFile().deleteRecursively()
        }
      train(folder, 23, stopAt = 11) shouldContainExactly listOf(4L, 8L)
      folder.resolve("ema-snapshots").listDirectoryEntries().map { it.name }.filter { it.startsWith(".") } shouldBe
        emptyList()
    }

    test("weights that diverged are not kept") {
      val folder = tempdir().toPath()
      val options = options(8)
      TinyRun(folder, options).use { run ->
        shouldThrow<DivergedException> {
          run.trainer.run {
            // The step before the snapshot; nothing else would look at step 4.
            if (run.trainer.done() == 3L) run.network.trainable().getValue("out").muli(1e38f)
            false
          }
        }
        run.snapshots().steps() shouldBe emptyList()
      }
    }

    test("a snapshot that is damaged or of another network is named, with what to do") {
      val folder = tempdir().toPath()
      train(folder, 12)
      val snapshots = EmaSnapshots(RunDirectory(folder).emaSnapshots())
      val file = folder.resolve("ema-snapshots/step-000008/width-0.1.safetensors")
      val before = file.readBytes()
      file.writeBytes(before.clone().also { it[it.size - 3] = (it[it.size - 3] + 1).toByte() })
      val damaged = shouldThrow<IOException> { snapshots.upTo(12) }.message!!
      damaged shouldContain "step-000008 cannot be used: width-0.1.safetensors was changed after it was written"
      damaged shouldContain "move it away to do without it, at the price of a less exact average"
      snapshots.upTo(4).size shouldBe 1
      file.deleteExisting()
      shouldThrow<IOException> { snapshots.upTo(12) }.message!! shouldContain "width-0.1.safetensors is missing"
      file.writeBytes(before)
      snapshots.upTo(12).size shouldBe 3
    }

    // Karras et al. 2023 (arXiv 2312.02696), section 3.2: a reconstruction is the sum of snapshots whose density is
    // nearest to the wanted one in the L2 norm; what is left is the paper's error. With the decay of equation 127 a
    // tracked average is the integral of its density over the weights w(t) exactly, where w(t) are the weights after
    // step k for t from k - 1 to k. So a reconstruction whose density is e away from the wanted one misses the tracked
    // average by the integral of e(t) w(t), which is that of e(t) (w(t) - c) for any constant c, as e integrates to 0;
    // c is the mean of the weights here. Two bounds follow: by Cauchy and Schwarz, |e| times the square root of the sum
    // over all steps of |w - c|^2; and, as it is true of each step, the sum of |integral of e over it| |w - c|, which
    // is
    // never more. To both comes float32: each update of an average rounds it twice, by up to 2^-24 of itself; it
    // forgets
    // such errors as it forgets weights, over at most n / (gamma + 1) steps; and a sum of snapshots has them multiplied
    // by its coefficients.
    test("a width made from snapshots is the tracked one, within the distance of the densities") {
      val steps = 400
      val manager = autoClose(NDManager.newBaseManager())
      val weights = mutableListOf<List<Float>>()
      val folder = tempdir().toPath()
      val tracking = tinyOptions(steps.toLong(), checkpointEvery = 0, ema = TRACKED, emaSnapshotEvery = 25)
      TinyRun(folder, tracking).use { run ->
        run.trainer.run {
          weights += run.weights().toSortedMap().values.flatten()
          false
        }
        weights += run.weights().toSortedMap().values.flatten() // nobody is asked to stop after the last step
      }
      weights.size shouldBe steps
      val tracked = listOf(0.06, 0.075, 0.09, 0.15)
      val direct = tempdir().toPath()
      TinyRun(direct, tinyOptions(steps.toLong(), checkpointEvery = 0, ema = tracked.map(::ema))).use {
        it.trainer.run { false }
      }
      val reconstruction = Reconstruction(EmaSnapshots(RunDirectory(folder).emaSnapshots()).upTo(steps.toLong()))
      reconstruction.widths() shouldBe TRACKED.map { it.width() }
      val last = Checkpoint.open(direct.resolve("checkpoints/step-%06d".format(steps)))
      val nearest = TRACKED.map { flat(reconstruction.weights(reconstruction.solve(it.width()), manager)) }
      val movement = movement(weights)
      for ((i, width) in tracked.withIndex()) {
        val expected = flat(last.tensors(RunFiles.ema(i), manager))
        val solution = reconstruction.solve(width)
        val found = flat(reconstruction.weights(solution, manager))
        val wanted = PowerAverage(steps.toDouble() * 8, width)
        val memory = steps / (PowerFunction.ofWidth(maxOf(0.1, width)).exponent + 1)
        val rounding = (solution.amplification() + 1) * 2 * 2.0.pow(-24) * memory * norm(expected)
        val whole = solution.distance * sqrt(8 * wanted.dot(wanted)) * sqrt(movement.sumOf { it * it })
        val errors = densityErrors(steps, reconstruction.averages(), solution, wanted)
        val byStep = errors.zip(movement) { error, moved -> abs(error) * moved }.sum()
        val error = distance(found, expected)
        withClue("width $width: error $error, bounds $byStep and $whole, rounding $rounding") {
          error shouldBeLessThanOrEqual whole + rounding
          error shouldBeLessThanOrEqual byStep + rounding
          // These are bounds that mean something: the nearer of the tracked averages does not keep to them.
          byStep + rounding shouldBeLessThan nearest.minOf { distance(it, expected) }
        }
      }
    }
  })

/** How far the weights of each step are from their mean over all steps. */
private fun movement(weights: List<List<Float>>): List<Double> {
  val mean = DoubleArray(weights.first().size) { i -> weights.sumOf { it[i].toDouble() } / weights.size }
  return weights.map { step -> sqrt(step.indices.sumOf { (step[it] - mean[it]).pow(2) }) }
}

/** The integral over each step, of 8 images, of the density of a solution less the wanted one. */
private fun densityErrors(
  steps: Int,
  snapshots: List<PowerAverage>,
  solution: PosthocEma,
  wanted: PowerAverage,
): List<Double> {
  fun PowerAverage.upTo(step: Int) = minOf(step * 8 / time, 1.0).pow(PowerFunction.ofWidth(width).exponent + 1)
  val integral =
    (0..steps).map { step ->
      snapshots.indices.sumOf { solution.coefficients[it] * snapshots[it].upTo(step) } - wanted.upTo(step)
    }
  return integral.zipWithNext { before, after -> after - before }
}

private fun flat(weights: Map<String, ai.djl.ndarray.NDArray>) =
  weights.toSortedMap().values.flatMap { it.toFloatArray().toList() }

private fun norm(values: List<Float>) = sqrt(values.sumOf { it.toDouble() * it })

private fun distance(a: List<Float>, b: List<Float>) = sqrt(a.zip(b).sumOf { (x, y) -> (x.toDouble() - y).pow(2) })
