package io.github.diffusionhost.it

import io.github.diffusionhost.app.run.HostProcess
import io.github.diffusionhost.app.run.TINY_RUN
import io.github.diffusionhost.engine.train.RunDirectory
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeIn
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import java.util.SplittableRandom
import kotlin.io.path.createDirectory
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.walk
import kotlin.io.path.writeText
import kotlin.time.Duration.Companion.seconds

/** How often to kill; `-Ddiffusionhost.kills=200` takes a quarter of an hour to an hour. */
private val KILLS = Integer.getInteger("diffusionhost.kills", 6)
private val SEED = java.lang.Long.getLong("diffusionhost.killSeed", 14)

private const val STEPS = 120

/** A run with everything that writes files: averages, snapshots, samples, metrics, TensorBoard, MLflow, a report. */
private fun config(): String {
  val power = "{ use: power, width: 0.1 }, { use: constant"
  val more = "emaSnapshotEvery: 20\n  keepLast: 3\n  checkpointEvery"
  return TINY_RUN.replace("steps: 60", "steps: $STEPS")
    .replace("{ use: constant", power)
    .replace("checkpointEvery", more) +
    """
metrics:
  - { use: novelty, everyImages: 160, samples: 6, best: greatest, bestValue: median }
  - { use: pixel-error, everyImages: 320, images: 8 }
"""
}

/** A real process, ended at any moment in every way, and gone on with. */
class ManyKillsSpec :
  FunSpec({
    val base = tempdir().toPath()
    val config = base.resolve("tiny.yaml").also { it.writeText(config()) }
    val temporary = base.resolve("tmp").createDirectory()
    val flags = listOf("-Djava.io.tmpdir=$temporary")
    val random = SplittableRandom(SEED)
    val exits = sortedMapOf<String, Int>()

    fun start(folder: Path): HostProcess {
      val uri = "tracker={use: mlflow, uri: \"$folder-mlruns\"}"
      return if (RunDirectory(folder).config().exists())
        HostProcess("run", "--resume", "$folder", flags = flags, directory = temporary)
      else
        HostProcess("run", "--config=$config", "--run-dir=$folder", "--set", uri, flags = flags, directory = temporary)
    }

    /** Ends a process somewhere between its start and its end; returns how. */
    fun kill(process: HostProcess): String {
      val moment = listOf("start", "training", "training", "training", "end")[random.nextInt(5)]
      val way = listOf("KILL", "KILL", "INT INT", "TERM TERM", "INT", "TERM")[random.nextInt(6)]
      val gap = random.nextLong(120)
      when (moment) {
        // Before main begins, SIGTERM ends any JVM with 143.
        "start" -> if ("TERM" in way) process.awaitOutput("tiny:") else Thread.sleep(random.nextLong(400))
        "training" -> process.awaitOutput("step ")
        else -> process.awaitOutput("step $STEPS")
      }
      Thread.sleep(random.nextLong(if (moment == "start") 3000 else 400))
      way.split(" ").forEachIndexed { i, signal ->
        if (i > 0) Thread.sleep(gap)
        process.signal(signal)
      }
      return "$way, $moment"
    }

    test("a run killed $KILLS times at random moments ends as one left alone, and leaves no file behind").config(
      timeout = (120 + 20 * KILLS).seconds
    ) {
      println("ManyKillsSpec: seed $SEED")
      val lone = base.resolve("alone")
      start(lone).finish().let { it.exit to it.err } shouldBe (0 to "")
      val alone = Left(lone)
      alone.eventsShouldEqualLogs()
      val aloneInMlflow = LeftInMlflow(base.resolve("alone-mlruns"))
      var kills = 0
      var round = 0
      while (kills < KILLS) {
        val folder = base.resolve("killed-${round++}")
        while (true) {
          val process = start(folder)
          val how = if (kills < KILLS) kill(process).also { kills++ } else "left alone"
          val ended = process.finish()
          exits.merge("$how: ${ended.exit}", 1, Int::plus)
          withClue("$how, kill $kills of round $round: $ended") {
            ended.exit shouldBeIn if ("KILL" in how) listOf(137, 0) else listOf(130, 0)
          }
          if (ended.exit == 0) break
        }
        withClue("round $round, after $kills kills") {
          val left = Left(folder)
          left.eventsShouldEqualLogs()
          left.shouldEqual(alone)
          LeftInMlflow(base.resolve("${folder.name}-mlruns")).shouldEqual(aloneInMlflow)
          left.litter() shouldBe emptyList()
          base.resolve("${folder.name}-mlruns").walk().filter { it.name.startsWith(".") }.toList() shouldBe emptyList()
          temporary.listDirectoryEntries().filter {
            it.name.startsWith("hs_err") || it.name.startsWith("core")
          } shouldBe emptyList()
        }
      }
      println("ManyKillsSpec: $kills kills in $round runs: $exits")
    }
  })
