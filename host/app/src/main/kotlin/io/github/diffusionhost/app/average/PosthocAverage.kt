package io.github.diffusionhost.app.average

import ai.djl.Device
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.config.source.realText
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.app.words.count
import io.github.diffusionhost.app.words.digits
import io.github.diffusionhost.engine.checkpoint.CheckpointState
import io.github.diffusionhost.engine.posthoc.EmaSnapshots
import io.github.diffusionhost.engine.posthoc.PosthocEma
import io.github.diffusionhost.engine.posthoc.Reconstruction
import io.github.diffusionhost.engine.train.RunDirectory
import io.github.diffusionhost.engine.train.RunFiles
import java.nio.file.Path
import kotlin.io.path.exists

/**
 * The snapshots of a run up to a step, checked.
 *
 * @param step the step of the average; the last snapshot's if null
 * @throws UserError if there are none, or none of that step
 */
internal fun openSnapshots(run: Path, step: Long?): Reconstruction {
  if (!run.exists()) throw UserError("$run does not exist; --run takes the folder of a run", ExitCode.USAGE)
  val snapshots = EmaSnapshots(RunDirectory(run).emaSnapshots())
  val steps = snapshots.steps()
  if (steps.isEmpty()) {
    throw UserError(
      "$run has no snapshots of averages: train with power-function averages in train.ema, such as {use: power, " +
        "width: 0.05} and {use: power, width: 0.1}, and with train.emaSnapshotEvery",
      ExitCode.USAGE,
    )
  }
  if (step != null && step !in steps) {
    throw UserError("--step $step: there are snapshots of the steps ${listed(steps)}", ExitCode.USAGE)
  }
  return Reconstruction(snapshots.upTo(step ?: steps.last()))
}

/**
 * Solves for a width.
 *
 * @throws UserError if the snapshots have no solution
 */
internal fun Reconstruction.solveOrExplain(width: Double): PosthocEma =
  try {
    solve(width)
  } catch (e: IllegalArgumentException) {
    throw UserError("width $width: ${e.message}", ExitCode.FAILED, e)
  }

/** Writes the average of a width as a checkpoint to sample from. */
internal fun writeAverage(snapshots: Reconstruction, ema: PosthocEma, width: Double, out: Path) {
  val last = snapshots.last()
  val of = last.state()
  val numbers = of.doubles() + mapOf("ema.width" to width, "ema.distance" to ema.distance())
  val state = CheckpointState(of.step(), of.images(), of.longs(), numbers, of.strings())
  NDManager.newBaseManager(Device.cpu(), "PyTorch").use { manager ->
    val weights = snapshots.weights(ema, manager)
    writeCheckpoint(out, state, mapOf(RunFiles.ema(0) to weights), last.text(EmaSnapshots.CONFIG))
  }
}

/** What an average is made of, and how near it comes. */
internal fun describe(snapshots: Reconstruction, ema: PosthocEma, width: Double): String =
  "width ${realText(width)} at step ${count(snapshots.last().state().step())}, from ${snapshots.snapshots().size} " +
    "snapshots of ${snapshots.widths().joinToString(" and ") { realText(it) }}; " +
    "its profile is ${percent(ema.distance())} off"

/** A warning if the snapshots come nowhere near a width; else null. */
internal fun caution(snapshots: Reconstruction, ema: PosthocEma, width: Double): String? {
  if (ema.distance() <= FAR) return null
  return "width ${realText(width)} cannot be made of these snapshots: the nearest profile is " +
    "${percent(ema.distance())} off; more snapshots (train.emaSnapshotEvery) come nearer, and so do widths nearer to " +
    snapshots.widths().joinToString(" and ") { realText(it) }
}

/** The share of the wanted profile's L2 norm beyond which an average is another one than was asked for. */
private const val FAR = 0.05

private const val SHOWN = 8

private fun percent(share: Double) = "${digits(100 * share)}%"

private fun listed(steps: List<Long>): String {
  if (steps.size <= SHOWN) return steps.joinToString(", ")
  return steps.take(SHOWN / 2).joinToString(", ") + ", … " + steps.takeLast(SHOWN / 2).joinToString(", ")
}
