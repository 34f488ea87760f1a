package io.github.diffusionhost.app.train

import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.run.TINY_RUN
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.copyTo
import kotlin.io.path.createDirectories
import kotlin.io.path.createSymbolicLinkPointingTo
import kotlin.io.path.deleteExisting
import kotlin.io.path.exists
import kotlin.io.path.moveTo
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** Every file and folder below [root], links not followed, with sizes and times. */
private fun everything(root: Path): Map<String, String> =
  Files.walk(root).use { paths ->
    paths.toList().associate { path ->
      val link = Files.isSymbolicLink(path)
      val size = if (link || Files.isDirectory(path)) 0 else Files.size(path)
      val bytes = if (link || Files.isDirectory(path)) "" else "${path.toFile().readBytes().contentHashCode()}"
      "$path" to "$link $size $bytes"
    }
  }

/** What `--resume` does not go on with: refused with the reason and what to type instead, and nothing is changed. */
@Tags("Slow")
class ResumeRefusedSpec :
  FunSpec({
    val folder = tempdir().toPath().toRealPath()
    val run = folder.resolve("run")
    val config = folder.resolve("tiny.yaml")

    fun copied(name: String): Path = folder.resolve(name).also { run.toFile().copyRecursively(it.toFile()) }

    beforeSpec {
      config.writeText(TINY_RUN)
      val short = arrayOf("--set", "train.steps=6", "--set", "train.emaSnapshotEvery=0")
      inProcess("run", "--config", "$config", "--run-dir", "$run", *short).let { it.exit to it.err } shouldBe (0 to "")
    }

    class Row(val words: String, val message: String, val instead: String, val make: () -> Path)

    fun taken(name: String, change: (Path) -> Unit): Path =
      copied(name).also {
        val checkpoints = it.resolve("checkpoints")
        checkpoints.moveTo(folder.resolve("$name-checkpoints"))
        change(checkpoints)
      }

    listOf(
        Row("a checkpoint of a run", "is a checkpoint of the run", "host run --resume $run") {
          run.resolve("checkpoints/step-000003")
        },
        Row("a checkpoint of a run: a fork", "is a checkpoint of the run", "host run --fork $run@3") {
          run.resolve("checkpoints/step-000003")
        },
        Row("the folder of checkpoints", "is a part of the run", "host run --resume $run") {
          run.resolve("checkpoints")
        },
        Row("the folder of samples", "is a part of the run", "host run --resume $run") { run.resolve("samples") },
        Row("the config of a run", "is a part of the run", "host run --resume $run") { run.resolve("config.yaml") },
        Row("a checkpoint without a run", "is a checkpoint without a run", "--set train.from=$folder/lonely") {
          folder.resolve("lonely").also { run.resolve("checkpoints/step-000003").toFile().copyRecursively(it.toFile()) }
        },
        Row("a folder of diffusers", "is a folder of diffusers", "--set train.from=$folder/pipeline") {
          folder.resolve("pipeline").also { it.createDirectories().resolve("model_index.json").writeText("{}") }
        },
        Row("a config in a folder", "nothing of a run", "host run --config $folder/only/config.yaml") {
          folder.resolve("only").also { config.copyTo(it.createDirectories().resolve("config.yaml")) }
        },
        Row(
          "what is left of a run: config and log",
          "lost its manifest.json and its checkpoints",
          "host run --config",
        ) {
          copied("what-is-left").also {
            it.resolve("checkpoints").toFile().deleteRecursively()
            it.resolve("manifest.json").deleteExisting()
          }
        },
        Row("a run without its config", "has lost its config.yaml", "a copy is in each of its checkpoints") {
          copied("no-config").also { it.resolve("config.yaml").deleteExisting() }
        },
        Row("a name with a line break", "one\\u000atwo", "does not exist") { folder.resolve("one\ntwo") },
        Row("an empty folder", "has no config.yaml", "the folder of a run") {
          folder.resolve("empty").createDirectories()
        },
        Row("nothing", "does not exist", "the folder of a run") { folder.resolve("nothing") },
        Row("a link that leads nowhere", "is a link that leads nowhere", "link") {
          folder.resolve("link").also { it.createSymbolicLinkPointingTo(folder.resolve("gone")) }
        },
        Row("a run whose checkpoints are missing", "checkpoints is missing", "--config $folder/missing/config.yaml") {
          taken("missing") {}
        },
        Row("a run whose checkpoints are a dangling link", "is a link that leads nowhere", "not mounted") {
          taken("dangling") { it.createSymbolicLinkPointingTo(folder.resolve("gone")) }
        },
        Row("a run whose checkpoints are a file", "checkpoints is a file", "bring the checkpoints back") {
          taken("file") { it.writeText("") }
        },
        Row("a run whose checkpoints were emptied", "manifest.json tells of one at step 6", "host run --config") {
          taken("emptied") { it.createDirectories() }
        },
        Row("an emptied run of a program that noted none", "metrics.jsonl goes to step 6", "host run --config") {
          taken("emptied-before") {
            it.createDirectories()
            val manifest = it.resolveSibling("manifest.json")
            manifest.writeText(
              manifest.readText().replace(Regex(",\\s*\"(newestCheckpoint|changes)\": (\\d+|\\[\\s*])"), "")
            )
          }
        },
      )
      .forEach { row ->
        test("--resume refuses ${row.words}, says what to type, and changes nothing") {
          val path = row.make()
          val before = everything(folder)
          val ended = inProcess("run", "--resume", "$path")
          withClue(ended.err) {
            ended.exit shouldBe 2
            ended.err shouldContain row.message
            ended.err shouldContain row.instead
            ended.err shouldNotContain "\tat "
          }
          everything(folder) shouldBe before
        }
      }

    test("no path is a message that says what to name, for every option that takes one") {
      for (line in
        listOf(
          listOf("run", "--resume", ""),
          listOf("run", "--config", "$config", "--run-dir", ""),
          listOf("sample", "--checkpoint", "", "--out", "x.png"),
          listOf("sample", "--checkpoint", "$run", "--out", ""),
          listOf("report", ""),
        )) {
        val ended = inProcess(*line.toTypedArray())
        withClue(line) { ended.exit shouldBe 2 }
        ended.err shouldContain "it is empty; name a file or folder"
      }
    }

    test("a manifest that is none is a message that says what it lacks") {
      val damaged = copied("no-manifest")
      damaged.resolve("manifest.json").writeText("{}")
      val ended = inProcess("run", "--resume", "$damaged")
      ended.exit shouldBe 1
      ended.err shouldContain "manifest.json is no manifest of a run, for it lacks started, commandLine, "
      ended.err shouldContain "; put back a copy, or move it away"
    }

    test("a checkpoint that is not called after its step is named once, with its name, and left out") {
      val copy = copied("misnamed")
      copy.resolve("checkpoints/step-000006").moveTo(copy.resolve("checkpoints/step-6"))
      val ended = inProcess("run", "--resume", "$copy", "--set", "train.steps=9")
      withClue(ended.err) { ended.exit shouldBe 0 }
      ended.err.split("step-6 is left out: it is not called step-000006").size shouldBe 2
      ended.out shouldContain "Goes on from step 3"
      inProcess("sample", "--checkpoint", "$run", "--count", "1", "--out", "$folder/y.png").err shouldNotContain
        "left out"
    }

    test("a damaged manifest is a message and nothing is changed") {
      val damaged = copied("damaged")
      damaged.resolve("manifest.json").writeText("{")
      val before = everything(folder)
      val ended = inProcess("run", "--resume", "$damaged")
      ended.exit shouldBe 1
      ended.err shouldContain "manifest.json is damaged"
      everything(folder) shouldBe before
    }

    test("other images than before are refused with both digests and the fork, and nothing is changed") {
      val other = copied("images")
      val manifest = other.resolve("manifest.json")
      val digest =
        Regex("\"classes\": 10,\\s*\"sha256\": \"([0-9a-f]{64})\"").find(manifest.readText())!!.groupValues[1]
      manifest.writeText(manifest.readText().replace(digest, "f".repeat(64)))
      val before = everything(folder)
      val ended = inProcess("run", "--resume", "$other", "--set", "train.steps=9")
      withClue(ended.err) {
        ended.exit shouldBe 2
        ended.err shouldContain "sha256 ${"f".repeat(12)}"
        ended.err shouldContain "sha256 ${digest.take(12)}"
        ended.err shouldContain "host run --fork $other"
      }
      everything(folder) shouldBe before
    }

    test("a run's folder is neither a checkpoint nor one with left checkpoints") {
      val checkpoint = run.resolve("checkpoints/step-000003")
      val left = folder.resolve("left")
      checkpoint.toFile().copyRecursively(left.resolve("checkpoints/step-000003").toFile())
      for ((place, words) in listOf(checkpoint to "is a checkpoint", left to "holds checkpoints without a run")) {
        val ended = inProcess("run", "--config", "$config", "--run-dir", "$place")
        ended.exit shouldBe 2
        ended.err shouldContain words
      }
    }

    class Kept(val setting: String, val key: String)

    listOf(
        Kept("seed=1", "seed, which is 0 and would be 1"),
        Kept("train.batchSize=8", "train.batchSize, which is 16 and would be 8"),
        Kept("model.layers=2", "model.layers, which is 1 and would be 2"),
        Kept("scheduler.shift=none", "scheduler.shift"),
        Kept("scheduler.use=ddpm", "scheduler.use, which is flowmatch and would be ddpm"),
        Kept("dataset.count=100", "dataset.count, which is 200 and would be 100"),
        Kept("train.optimizer.use=sgd", "train.optimizer.use"),
        Kept("train.optimizer.betas=[0.5,0.9]", "train.optimizer.betas"),
        Kept("train.labelDropout=0.2", "train.labelDropout"),
        Kept("train.ema.0.use=constant", "train.ema.0.use, which is ramp and would be constant"),
        Kept("train.ema=[]", "train.ema"),
      )
      .forEach { kept ->
        test("--resume refuses ${kept.setting} with both values and the fork, and changes nothing") {
          val before = everything(run)
          val ended = inProcess("run", "--resume", "$run", "--set", "train.steps=9", "--set", kept.setting)
          withClue(ended.err) {
            ended.exit shouldBe 2
            ended.err shouldContain kept.key
            // A fork keeps its parent's batches, too.
            val fork = "host run --fork $run --set train.steps=9 --set "
            (fork in ended.err) shouldBe (kept.key.substringBefore(',') != "train.batchSize")
            ended.err shouldContain "--set train.from=$run --set train.steps=9 --set "
          }
          everything(run) shouldBe before
        }
      }

    test("--resume with other weights to begin with says how a new run begins with them") {
      val ended = inProcess("run", "--resume", "$run", "--set", "train.from=$folder")
      withClue(ended.err) { ended.exit shouldBe 2 }
      ended.err shouldContain
        "A new run with those weights: host run --config $run/config.yaml --set train.from=$folder"
      ended.err shouldNotContain "--fork"
    }

    test("a log that cannot be gone on with is refused before anything is changed") {
      val copy = copied("bad-log")
      val log = copy.resolve("metrics.jsonl")
      log.writeText("{\"step\": 99999999999999999999}\n" + log.readText())
      val before = everything(copy)
      val ended = inProcess("run", "--resume", "$copy", "--set", "train.steps=9")
      withClue(ended.err) { ended.exit shouldBe 1 }
      ended.err shouldContain "metrics.jsonl"
      everything(copy) shouldBe before
    }

    test("a copy of a checkpoint under another step's name is set aside, and the real ones stay") {
      val copy = copied("copied")
      copy.resolve("checkpoints/step-000003").toFile().copyRecursively(copy.resolve("checkpoints/step-000099").toFile())
      val ended = inProcess("run", "--resume", "$copy", "--set", "train.steps=9")
      withClue(ended.err) { ended.exit shouldBe 0 }
      ended.err shouldContain "step-000099 is a checkpoint of step 3: call it step-000003, or remove it"
      ended.out shouldContain "Goes on from step 6"
      copy.resolve("checkpoints/step-000006").exists() shouldBe true
      copy.resolve("checkpoints/step-000009").exists() shouldBe true
      copy.resolve("set-aside/1-beyond-step-6/checkpoints/step-000099").exists() shouldBe true
    }

    test("a shorter length than what is done is refused with the fork") {
      val ended = inProcess("run", "--resume", "$run", "--set", "train.steps=3")
      ended.exit shouldBe 2
      ended.err shouldContain "has done 6 steps"
      ended.err shouldContain "host run --fork $run@STEP"
    }

    test("--resume and --fork, --fork and --config exclude each other") {
      inProcess("run", "--resume", "$run", "--fork", "$run").err shouldContain "leave one out"
      inProcess("run", "--fork", "$run", "--config", "$config").err shouldContain "change it by --set"
    }

    test("a whole run is as it was after all of this") {
      run.resolve("checkpoints/step-000006/state.json").copyTo(folder.resolve("state"))
      folder.resolve("state").deleteExisting()
      inProcess("sample", "--checkpoint", "$run", "--count", "1", "--out", "$folder/x.png").exit shouldBe 0
    }
  })
