package io.github.diffusionhost.app.cli

import io.github.diffusionhost.app.run.TINY_RUN
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.WRITE
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

/** What a person can do wrong with a run, from outside: one message, the right exit code, nothing lost. */
@Tags("Slow")
class RunMistakesSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val config = folder.resolve("tiny.yaml")
    val run = folder.resolve("run")

    beforeSpec {
      config.writeText(TINY_RUN)
      inProcess("run", "--config", "$config", "--run-dir", "$run", "--set", "train.steps=6").exit shouldBe 0
      folder.resolve("a-file").writeText("")
      folder.resolve("empty").createDirectories()
      folder.resolve("no.zip").writeText("this is no zip")
      folder
        .resolve("broken.yaml")
        .writeText("model: { use: dit, layrs: 3 }\nscheduler: { use: flowmach }\ntrain: { batchSize: 0 }\n")
      folder
        .resolve("images.yaml")
        .writeText(
          "model: { use: dit }\nscheduler: { use: flowmatch }\ndataset: { use: image-folder, path: $folder/no.zip }\n"
        )
    }

    class Row(val words: String, val exit: Int, val message: String, vararg val arguments: String)

    listOf(
        Row("nothing to run", 2, "Give --config FILE, --plugins A,B,C, --resume RUN or --fork RUN[@STEP]", "run"),
        Row("a config that is not there", 2, "nowhere.yaml", "run", "--config", "nowhere.yaml"),
        Row(
          "a config with three mistakes: the first",
          2,
          "did you mean layers?",
          "run",
          "--config",
          "$folder/broken.yaml",
        ),
        Row(
          "a config with three mistakes: the second",
          2,
          "did you mean flowmatch?",
          "run",
          "--config",
          "$folder/broken.yaml",
        ),
        Row("a config with three mistakes: the third", 2, "train.batchSize", "run", "--config", "$folder/broken.yaml"),
        Row("two models", 2, "dit", "run", "--plugins", "dit,dit,flowmatch"),
        Row("no dataset", 2, "glyphs", "run", "--plugins", "dit,flowmatch"),
        Row("an unknown plugin", 2, "did you mean glyphs?", "run", "--plugins", "dit,flowmatch,glyph"),
        Row("an option that does not exist", 2, "--confg", "run", "--confg", "x"),
        Row("a run's folder that is a file", 1, "a-file", "run", "--config", "$config", "--run-dir", "$folder/a-file"),
        Row(
          "a run's folder under a file",
          1,
          "choose another by --run-dir",
          "run",
          "--config",
          "$config",
          "--run-dir",
          "$folder/a-file/run",
        ),
        Row("a run's folder that holds a run", 2, "--resume $run", "run", "--config", "$config", "--run-dir", "$run"),
        Row("to resume what is no run", 2, "has no config.yaml", "run", "--resume", "$folder/empty"),
        Row("to resume what is not there", 2, "does not exist", "run", "--resume", "$folder/nothing"),
        Row(
          "to resume and to begin at once",
          2,
          "leave out --config",
          "run",
          "--resume",
          "$run",
          "--config",
          "$config",
        ),
        Row("a device that is not there", 2, "--device cpu", "run", "--config", "$config", "--device", "gpu:7"),
        Row(
          "a device that is none",
          2,
          "--device tpu: device: 'tpu' is not auto",
          "run",
          "--config",
          "$config",
          "--device",
          "tpu",
        ),
        Row(
          "guidance without label dropout",
          2,
          "train.labelDropout",
          "run",
          "--config",
          "$config",
          "--set",
          "train.labelDropout=0",
          "--run-dir",
          "$folder/g",
        ),
        Row(
          "a patch that does not divide the image",
          2,
          "patch 5 does not divide",
          "run",
          "--config",
          "$config",
          "--set",
          "model.patch=5",
          "--run-dir",
          "$folder/p",
        ),
        Row(
          "more sampling steps than there are timesteps",
          2,
          "sampler ddim: 11 steps: the network is trained on 10 timesteps",
          "run",
          "--config",
          "$config",
          "--set",
          "scheduler={use: ddpm, timesteps: 10}",
          "--set",
          "sample.steps=11",
          "--run-dir",
          "$folder/s",
        ),
        Row("a dataset that is no zip", 1, "no.zip", "run", "--config", "$folder/images.yaml"),
        Row("a plugin folder that is not there", 2, "nowhere", "--plugins-dir", "$folder/nowhere", "plugins", "list"),
        Row("the folder of checkpoints", 2, "name the run, $run, ", *sampled("$run/checkpoints")),
        Row(
          "the folder of checkpoints: one",
          2,
          "one of them: $run/checkpoints/step-000006",
          *sampled("$run/checkpoints"),
        ),
        Row("a part of a run", 2, "is a part of a run, and no checkpoint", *sampled("$run/samples")),
        Row("a file of a run", 2, "name the run, $run, for its newest checkpoint", *sampled("$run/config.yaml")),
        Row("a file", 2, "is a file; a checkpoint is a folder", *sampled("$folder/a-file")),
        Row("a folder of anything", 2, "is neither a run nor a checkpoint", *sampled("$folder/empty")),
        Row(
          "a checkpoint that is not there",
          1,
          "there is no such folder",
          "sample",
          "--checkpoint",
          "$folder/nothing",
          "--out",
          "x.png",
        ),
      )
      .forEach { row ->
        test("one message for ${row.words}") {
          val ended = inProcess(*row.arguments)
          ended.err shouldContain row.message
          ended.exit shouldBe row.exit
          ended.err shouldNotContain "\tat "
          ended.err.lines().size shouldBeLessThan 12
        }
      }

    test("a mistake leaves no folder behind") {
      listOf("g", "p", "s").filter { folder.resolve(it).exists() }.shouldBeEmpty()
    }

    test("--debug shows where it went wrong") {
      inProcess("--debug", "run", "--resume", "$folder/empty").err shouldContain "\tat io.github.diffusionhost"
    }

    test("a checkpoint that was changed is refused by file, with the earlier one to use") {
      val copy = folder.resolve("copy")
      run.toFile().copyRecursively(copy.toFile())
      val weights = copy.resolve("checkpoints/step-000006/ema.safetensors")
      weights.writeBytes(weights.readBytes().also { it[it.size - 5] = (it[it.size - 5] + 1).toByte() })
      val ended = inProcess("sample", "--checkpoint", "$copy/checkpoints/step-000006", "--out", "$folder/x.png")
      ended.exit shouldBe 1
      ended.err shouldContain
        "ema.safetensors was changed after it was written; use an earlier checkpoint: $copy/checkpoints/step-000003"
      inProcess("sample", "--checkpoint", "$copy", "--count", "2", "--out", "$folder/earlier.png").exit shouldBe 0
    }

    test("a folder that another training of this process has just begun in is left as it is") {
      val begun = folder.resolve("begun")
      for (name in listOf("samples", "checkpoints")) begun.resolve(name).createDirectories()
      FileChannel.open(begun.resolve(".lock"), CREATE, WRITE).use { lock ->
        lock.lock()
        val ended = inProcess("run", "--config", "$config", "--run-dir", "$begun")
        ended.err shouldContain "another training is at work in $begun"
        ended.exit shouldBe 2
      }
      begun.listDirectoryEntries().map { it.name }.sorted() shouldBe listOf(".lock", "checkpoints", "samples")
    }

    test("what cannot be written on a read-only file system is named, with what to do") {
      withSmallDisk(folder.resolve("read-only"), "16m") { disk ->
        run.toFile().copyRecursively(disk.resolve("run").toFile())
        ProcessBuilder("mount", "-o", "remount,ro", "$disk").start().waitFor() shouldBe 0
        val checkpoint = listOf("--checkpoint", "$run")
        for ((file, arguments) in
          listOf(
            "run/.lock" to listOf("run", "--resume", "$disk/run", "--set", "train.steps=9"),
            "new" to listOf("run", "--config", "$config", "--run-dir", "$disk/new"),
            "x.png" to listOf("sample", "--count", "1", "--out", "$disk/x.png") + checkpoint,
            "x.safetensors" to listOf("sample", "--count", "1", "--out", "$disk/x.safetensors") + checkpoint,
            "x.pt" to listOf("export", "--format", "torchscript", "--out", "$disk/x.pt") + checkpoint,
            "x.csv" to listOf("report", "$run", "--csv", "$disk/x.csv"),
            "run/report.html" to listOf("report", "$disk/run"),
          )) {
          val ended = inProcess(*arguments.toTypedArray())
          withClue("$arguments: ${ended.err}") {
            ended.exit shouldBe 1
            ended.err shouldContain "$disk/$file"
            ended.err shouldContain "Read-only file system; "
            ended.err shouldNotContain "tmp-"
          }
        }
      }
    }

    test("a full disk stops the run with one message, and the checkpoints before it stay usable") {
      withSmallDisk(folder.resolve("disk"), "3m") { disk ->
        val ended = inProcess("run", "--config", "$config", "--run-dir", "$disk/run", "--set", "train.steps=5000")
        ended.exit shouldBe 1
        ended.err shouldContain "$disk/run"
        ended.err shouldNotContain "\tat "
        val kept = disk.resolve("run/checkpoints").listDirectoryEntries("step-*")
        inProcess("sample", "--checkpoint", "${kept.max()}", "--count", "2", "--out", "$folder/after-full.png")
          .exit shouldBe 0
      }
    }
  })

private fun sampled(checkpoint: String) = arrayOf("sample", "--checkpoint", checkpoint, "--out", "x.png")

/** Runs [block] on a file system of its own, if the user may mount one; else says that it is skipped. */
private fun withSmallDisk(place: Path, size: String, block: (Path) -> Unit) {
  Files.createDirectories(place)
  val mounted = runCatching {
    ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=$size", "tmpfs", "$place")
      .redirectErrorStream(true)
      .start()
      .waitFor() == 0
  }
  if (!mounted.getOrDefault(false)) return println("RunMistakesSpec: the full disk is skipped; only root may mount one")
  try {
    block(place)
  } finally {
    ProcessBuilder("umount", "$place").start().waitFor()
  }
}
