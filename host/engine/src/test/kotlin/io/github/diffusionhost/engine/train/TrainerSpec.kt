package io.github.diffusionhost.engine.train

import com.google.gson.JsonParser
import io.github.diffusionhost.api.options.Cadence
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.log.MetricsLog
import io.github.diffusionhost.engine.optimize.OptimizerOptions
import io.github.diffusionhost.engine.options.TrainOptions
import io.github.diffusionhost.engine.step.DivergedException
import io.github.diffusionhost.engine.support.Quiet
import io.github.diffusionhost.engine.support.TinyRun
import io.github.diffusionhost.engine.support.tinyOptions
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import java.nio.file.Path
import java.util.Locale
import javax.imageio.ImageIO
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.writeBytes
import kotlin.math.pow

private const val STEPS = 23L

/** What a finished run leaves behind that must not depend on how often it was interrupted. */
private class Result(run: TinyRun) {
  val weights = run.weights()
  val losses =
    MetricsLog.read(run.directory.metrics()).map { row ->
      row.step to row.values.filterKeys { it != "train/images_per_second" }
    }
  val checkpoint =
    listOf("model.safetensors", "ema.safetensors", "ema-1.safetensors", "optimizer.safetensors").map { name ->
      run.directory.checkpoints().resolve("step-%06d".format(Locale.ROOT, STEPS)).resolve(name).readBytes().toList()
    }
  val samples = run.directory.samples(STEPS).readBytes().toList()

  fun shouldEqual(other: Result) {
    weights shouldBe other.weights
    losses shouldBe other.losses
    (checkpoint == other.checkpoint) shouldBe true
    (samples == other.samples) shouldBe true
  }
}

private fun uninterrupted(folder: Path): Result =
  TinyRun(folder, tinyOptions(STEPS)).use {
    it.trainer.run { false } shouldBe Trainer.Outcome.FINISHED
    Result(it)
  }

/** Runs until [stopAt] steps are done. */
private fun runTo(folder: Path, stopAt: Long): Trainer.Outcome =
  TinyRun(folder, tinyOptions(STEPS)).use { run ->
    run.trainer.resume()
    run.trainer.run { run.trainer.done() >= stopAt }
  }

private fun <T> inLocale(locale: Locale, block: () -> T): T {
  val before = Locale.getDefault()
  Locale.setDefault(locale)
  try {
    return block()
  } finally {
    Locale.setDefault(before)
  }
}

@Tags("Slow")
class TrainerSpec :
  FunSpec({
    test("a locale with digits of its own changes nothing: not the weights, not the files") {
      val here = tempdir().toPath()
      val there = tempdir().toPath()
      val expected = inLocale(Locale.ROOT) { uninterrupted(here) }
      val found = inLocale(Locale("ar", "EG")) { uninterrupted(there) }
      found.shouldEqual(expected)
      fun names(folder: Path) =
        folder.toFile().walk().map { it.relativeTo(folder.toFile()).path }.filter { "tfevents" !in it }.toSet()
      names(there) shouldBe names(here)
      there
        .toFile()
        .walk()
        .filter { it.isFile && it.extension in setOf("json", "jsonl", "yaml") }
        .forEach {
          Regex("[\\p{Nd}&&[^0-9]]").containsMatchIn(it.readText()) shouldBe false
        }
    }

    test("a folder that is not there is made, with all that a run needs") {
      val folder = tempdir().toPath().resolve("deep/run")
      runTo(folder, 10) shouldBe Trainer.Outcome.STOPPED
      RunDirectory(folder).samples(10).readBytes().isNotEmpty() shouldBe true
    }

    test("grids after every epoch, with real images below them") {
      val folder = tempdir().toPath()
      // 40 images in batches of 8: an epoch is 5 steps.
      val options = tinyOptions(12, checkpointEvery = 0, sampleEvery = Cadence.parse("1 epoch", Cadence.Unit.STEPS))
      val heights =
        listOf(false, true).map { real ->
          val own = folder.resolve("$real")
          TinyRun(own, options, realImages = real).use { run ->
            run.trainer.run { false } shouldBe Trainer.Outcome.FINISHED
            val samples = (1L..12L).filter { run.directory.samples(it).exists() }
            samples shouldContainExactly listOf(5, 10, 12)
            ImageIO.read(run.directory.samples(5).toFile()).height
          }
        }
      // Two rows become four, with two pixels between them.
      heights[1] shouldBe 2 * heights[0] + 2
    }

    test("a run leaves a log, samples and checkpoints where the config asks for them") {
      val folder = tempdir().toPath()
      uninterrupted(folder)
      val directory = RunDirectory(folder)
      MetricsLog.read(directory.metrics()).map { it.step } shouldContainExactly listOf(3, 6, 9, 12, 15, 18, 21, 23)
      val rows = MetricsLog.read(directory.metrics())
      rows.last().images shouldBe STEPS * 8
      rows.first().values.keys.take(6) shouldContainExactly
        listOf("loss", "rmse", "vs_linear", "grad_norm", "lr", "images_per_second").map { "train/$it" }
      rows.flatMap { it.values.keys }.filter { "_by_level/" in it }.toSet() shouldBe
        listOf("loss", "rmse", "vs_linear")
          .flatMap { of -> listOf("0-0.25", "0.25-0.5", "0.5-0.75", "0.75-1").map { "${of}_by_level/$it" } }
          .toSet()
      // Its loss is its squared error.
      rows.forEach {
        it.values.getValue("train/rmse").pow(2) shouldBe (it.values.getValue("train/loss") plusOrMinus 1e-6)
      }
      val curves = JsonParser.parseString(directory.references().readText()).asJsonObject
      curves["images"].asInt shouldBe 40
      curves["level"].asJsonArray.size() shouldBe curves["fromSpectrum"].asJsonArray.size()
      // The target is noise minus image: without noise the image is known, and all of the noise is missing.
      curves["fromSpectrum"].asJsonArray.first().asDouble shouldBe (1.0 plusOrMinus 1e-12)
      curves["fromSpectrum"].asJsonArray.last().asDouble shouldBe (curves["pixelVariance"].asDouble plusOrMinus 1e-12)
      directory.checkpoints().listDirectoryEntries().map { it.name }.sorted() shouldContainExactly
        listOf(5, 10, 15, 20, 23).map { "step-%06d".format(it) }
      folder.resolve("samples").listDirectoryEntries().map { it.name }.sorted() shouldContainExactly
        listOf("step-000010.png", "step-000020.png", "step-000023-model.png", "step-000023.png")
      Checkpoint.open(directory.checkpoints().resolve("step-000023")).text("config.yaml") shouldBe "name: tiny\n"
    }

    test("a run that was stopped and resumed several times ends as one that was left alone") {
      val alone = uninterrupted(tempdir().toPath())
      val folder = tempdir().toPath()
      for (stop in listOf(1L, 4L, 12L, 13L)) runTo(folder, stop) shouldBe Trainer.Outcome.STOPPED
      TinyRun(folder, tinyOptions(STEPS)).use { run ->
        run.trainer.resume().get().state().step shouldBe 13
        run.trainer.run { false } shouldBe Trainer.Outcome.FINISHED
        Result(run).shouldEqual(alone)
      }
    }

    test("a damaged newest checkpoint is passed over for the one before it") {
      val alone = uninterrupted(tempdir().toPath())
      val folder = tempdir().toPath()
      runTo(folder, 12)
      val newest = RunDirectory(folder).checkpoints().resolve("step-000012/ema.safetensors")
      newest.writeBytes(newest.readBytes().also { it[it.size - 1] = (it.last() + 1).toByte() })
      TinyRun(folder, tinyOptions(STEPS)).use { run ->
        run.trainer.resume().get().state().step shouldBe 10
        run.trainer.run { false }
        Result(run).shouldEqual(alone)
      }
    }

    test("a resumed run that is finished does nothing") {
      val folder = tempdir().toPath()
      val before = uninterrupted(folder)
      TinyRun(folder, tinyOptions(STEPS)).use { run ->
        run.trainer.resume()
        run.trainer.run { false } shouldBe Trainer.Outcome.FINISHED
        Result(run).shouldEqual(before)
      }
    }

    test("measuring the speed changes nothing") {
      val alone = uninterrupted(tempdir().toPath())
      TinyRun(tempdir().toPath(), tinyOptions(STEPS)).use { run ->
        run.trainer.imagesPerSecond(4)
        run.trainer.run { false }
        Result(run).shouldEqual(alone)
      }
    }

    test("a training that diverges says when, what, and where the last good checkpoint is") {
      TinyRun(tempdir().toPath(), tinyOptions(STEPS)).use { run ->
        val failure =
          shouldThrow<DivergedException> {
            run.trainer.run {
              if (run.trainer.done() == 12L) run.network.trainable().getValue("out").muli(1e38f)
              false
            }
          }
        failure.message shouldContain "step 13: the loss is not a finite number"
        failure.message shouldContain "step-000010"
      }
    }

    test("a checkpoint of another network is refused by name and shape") {
      val folder = tempdir().toPath()
      runTo(folder, 5)
      val sgd = OptimizerOptions(OptimizerOptions.Kind.SGD, 1e-2, listOf(0.9, 0.999), 1e-8, 0.0, 0.9)
      val other = tinyOptions(STEPS, optimizer = sgd)
      TinyRun(folder, other, Quiet).use { run ->
        shouldThrow<IOException> { run.trainer.resume() }.message shouldContain
          "optimizer.safetensors has no tensor momentum_buffer.hidden"
      }
    }

    test("a run goes on operation by operation, compiled, or in bfloat16 as it is told") {
      val folder = tempdir().toPath()
      runTo(folder, 5)
      for ((stop, options) in
        listOf(
          10L to tinyOptions(STEPS, compile = false),
          15L to tinyOptions(STEPS, precision = TrainOptions.Precision.BF16),
        )) {
        TinyRun(folder, options).use { run ->
          run.trainer.resume().get().state().step shouldBe stop - 5
          run.trainer.run { run.trainer.done() >= stop } shouldBe Trainer.Outcome.STOPPED
        }
      }
    }

    test("another batch size is refused with the reason") {
      val folder = tempdir().toPath()
      runTo(folder, 5)
      TinyRun(folder, tinyOptions(STEPS, batchSize = 16)).use { run ->
        shouldThrow<IOException> { run.trainer.resume() }.message shouldContain
          "was trained with batches of 8 images, and train.batchSize is 16: a run keeps its batch size"
      }
    }

    test("live arrays are as many after 300 steps with samples and checkpoints as after ten") {
      TinyRun(tempdir().toPath(), tinyOptions(300, checkpointEvery = 50)).use { run ->
        var early = 0
        run.trainer.run {
          // The first samples are drawn after ten.
          if (run.trainer.done() == 11L) early = run.liveArrays()
          false
        }
        run.liveArrays() shouldBe early
      }
    }
  })
