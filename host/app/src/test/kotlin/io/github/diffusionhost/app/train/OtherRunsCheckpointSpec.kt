package io.github.diffusionhost.app.train

import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.run.Manifest
import io.github.diffusionhost.app.run.TINY_RUN
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.train.TrainingPlan
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeUnique
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import java.nio.file.Path
import kotlin.io.path.deleteExisting
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** Checkpoints belong to the run that they were made in. */
@Tags("Slow")
class OtherRunsCheckpointSpec :
  FunSpec({
    val folder = tempdir().toPath().toRealPath()
    val config = folder.resolve("tiny.yaml").also { it.writeText(TINY_RUN) }
    val run = folder.resolve("run")
    val other = folder.resolve("other")

    fun manifest(run: Path) = Manifest.parse(run.resolve("manifest.json").readText())

    fun ids(run: Path) =
      run.resolve("checkpoints").listDirectoryEntries("step-*").map {
        TrainingPlan.run(Checkpoint.open(it).state()).orElse(null)
      }

    fun copy(name: String) = folder.resolve(name).also { run.toFile().copyRecursively(it.toFile()) }

    fun mixed(name: String) =
      copy(name).also {
        val foreign = other.resolve("checkpoints/step-000009")
        foreign.toFile().copyRecursively(it.resolve("checkpoints/step-000009").toFile())
      }

    /** As an earlier program wrote it. */
    fun withoutId(run: Path) {
      val file = run.resolve("manifest.json")
      file.writeText(file.readText().replace(Regex("\\s*\"id\": \"tiny-[^\"]*\","), ""))
      manifest(run).id.shouldBeNull()
    }

    beforeSpec {
      for ((place, seed, steps) in listOf(Triple(run, 0, 6), Triple(other, 1, 9))) {
        val settings = arrayOf("--set", "train.steps=$steps", "--set", "seed=$seed")
        inProcess("run", "--config", "$config", "--run-dir", "$place", *settings).exit shouldBe 0
      }
    }

    test("each run has an id of its own, which its manifest and all its checkpoints have") {
      for (each in listOf(run, other)) {
        manifest(each).id!! shouldStartWith "tiny-"
        ids(each).toSet() shouldBe setOf(manifest(each).id)
      }
      listOf(manifest(run).id, manifest(other).id).shouldBeUnique()
    }

    test("--resume refuses a checkpoint of another run with the names of both, and changes nothing") {
      val copy = mixed("mixed")
      val before = copy.resolve("metrics.jsonl").readText() + copy.resolve("manifest.json").readText()
      val ended = inProcess("run", "--resume", "$copy", "--set", "train.steps=12")
      withClue(ended.err) {
        ended.exit shouldBe 2
        ended.err shouldContain
          "$copy/checkpoints/step-000009 is a checkpoint of another run, ${manifest(other).id}, and $copy is " +
            "${manifest(run).id}: move it away"
      }
      copy.resolve("metrics.jsonl").readText() + copy.resolve("manifest.json").readText() shouldBe before
    }

    test(
      "samples, weights and evaluations of such a run say whose checkpoint they are of, and stay out of its record"
    ) {
      val copy = mixed("mixed-sampled")
      val foreign = "$copy/checkpoints/step-000009 is a checkpoint of another run, ${manifest(other).id}, and $copy is"
      val evaluate = arrayOf("--metrics", "novelty", "--count", "4")
      val begin = arrayOf("--config", "$config", "--run-dir", "$folder/begun", "--set", "train.steps=1")
      for (command in
        listOf(
          arrayOf("sample", "--checkpoint", "$copy", "--count", "1", "--out", "$folder/mixed.png"),
          arrayOf("run", *begin, "--set", "train.from=$copy"),
          arrayOf("evaluate", "--checkpoint", "$copy", *evaluate),
        )) {
        val ended = inProcess(*command)
        withClue(ended.err) { ended.exit shouldBe 0 }
        ended.err shouldContain foreign
      }
      inProcess("evaluate", "--checkpoint", "$copy/checkpoints/step-000009", *evaluate).err shouldContain
        "was made in another run than $copy: what is found of it is not added to that run's evaluations.jsonl"
      copy.resolve("evaluations.jsonl").exists() shouldBe false
      inProcess("evaluate", "--checkpoint", "$copy/checkpoints/step-000006", *evaluate).exit shouldBe 0
      copy.resolve("evaluations.jsonl").exists() shouldBe true
      inProcess("sample", "--checkpoint", "$run", "--count", "1", "--out", "$folder/own.png").err shouldNotContain
        "another run"
    }

    test("--fork of such a run is refused as --resume is, and leaves nothing") {
      val copy = mixed("mixed-newest")
      val ended = inProcess("run", "--fork", "$copy", "--run-dir", "$folder/no-fork", "--set", "train.steps=12")
      withClue(ended.err) { ended.exit shouldBe 2 }
      ended.err shouldContain "$copy/checkpoints/step-000009 is a checkpoint of another run, ${manifest(other).id}"
      folder.resolve("no-fork").exists() shouldBe false
    }

    test("without a manifest, checkpoints of two runs are refused, for nothing says whose the run is") {
      val copy = mixed("mixed-no-manifest").also { it.resolve("manifest.json").deleteExisting() }
      val ended = inProcess("run", "--resume", "$copy", "--set", "train.steps=12")
      withClue(ended.err) { ended.exit shouldBe 2 }
      ended.err shouldContain "$copy has no manifest.json that says which run it is, and its checkpoints are of two: "
      ended.err shouldContain "step-000009 of ${manifest(other).id}, and $copy/checkpoints/step-00000"
      copy.resolve("set-aside").exists() shouldBe false
    }

    test("a fork of such a checkpoint is none of the run that it lies in") {
      val copy = mixed("mixed-fork")
      val fork = folder.resolve("fork-of-foreign")
      inProcess("run", "--fork", "$copy@9", "--run-dir", "$fork", "--set", "train.steps=10").exit shouldBe 0
      manifest(fork).parent?.run shouldBe "$copy/checkpoints/step-000009"
    }

    test("a run that goes on keeps its id") {
      val copy = copy("gone-on")
      inProcess("run", "--resume", "$copy", "--set", "train.steps=9", "--set", "name=renamed").exit shouldBe 0
      ids(copy).toSet() shouldBe setOf(manifest(run).id)
      manifest(copy).id shouldBe manifest(run).id
    }

    test("a fork has its own id from its first checkpoint on, and is no part of its parent") {
      val fork = folder.resolve("fork")
      inProcess("run", "--fork", "$run@3", "--run-dir", "$fork", "--set", "train.steps=9").exit shouldBe 0
      ids(fork).toSet() shouldBe setOf(manifest(fork).id)
      listOf(manifest(run).id, manifest(fork).id).shouldBeUnique()
      val copy = copy("forked")
      fork.resolve("checkpoints/step-000009").toFile().copyRecursively(copy.resolve("checkpoints/step-000009").toFile())
      inProcess("run", "--resume", "$copy", "--set", "train.steps=12").err shouldContain "of another run"
    }

    test("a run without an id, of an earlier program, is gone on with, and has one from then on") {
      val copy = copy("earlier")
      withoutId(copy)
      inProcess("run", "--resume", "$copy", "--set", "train.steps=9").exit shouldBe 0
      manifest(copy).id shouldBe ids(copy).last()
    }

    test("a run whose manifest was moved away has the id of its newest checkpoint") {
      val copy = copy("no-manifest")
      copy.resolve("manifest.json").deleteExisting()
      inProcess("run", "--resume", "$copy", "--set", "train.steps=9").exit shouldBe 0
      manifest(copy).id shouldBe manifest(run).id
    }

    listOf("run/deeper" to "run", "run/checkpoints" to "run", "run/samples/a/b" to "run", "link/deeper" to "run")
      .forEach { (place, _) ->
        test("a new run in $place, inside another run, is refused with the reason") {
          val link = folder.resolve("link")
          if (!link.exists()) java.nio.file.Files.createSymbolicLink(link, run)
          for (begin in listOf(arrayOf("--config", "$config"), arrayOf("--fork", "$other"))) {
            val ended = inProcess("run", *begin, "--run-dir", "$folder/$place", "--set", "train.steps=12")
            withClue(ended.err) { ended.exit shouldBe 2 }
            ended.err shouldContain "$folder/$place lies in the run $folder/"
            ended.err shouldContain "choose a --run-dir outside of it"
          }
          run.resolve("deeper").exists() shouldBe false
        }
      }

    test("a new run inside a checkpoint is refused, and one beside a run is not") {
      val checkpoint = folder.resolve("lonely")
      run.resolve("checkpoints/step-000003").toFile().copyRecursively(checkpoint.toFile())
      val inside = inProcess("run", "--config", "$config", "--run-dir", "$checkpoint/run")
      inside.exit to
        inside.err.trim() shouldBe
        (2 to "$checkpoint/run lies in the checkpoint $checkpoint: choose a --run-dir outside of it")
      val beside = inProcess("run", "--config", "$config", "--run-dir", "$folder/runs/b", "--set", "train.steps=1")
      beside.exit shouldBe 0
      beside.err shouldNotContain "lies in"
    }

    test("a new run around others is refused: it would make them its parts") {
      val before = folder.listDirectoryEntries().toSet()
      val ended = inProcess("run", "--config", "$config", "--run-dir", "$folder")
      withClue(ended.err) { ended.exit shouldBe 2 }
      ended.err shouldContain "$folder holds other runs, such as $folder/"
      folder.listDirectoryEntries().toSet() shouldBe before
    }

    test("a link that leads nowhere is no folder for a run, and is called that") {
      val link = java.nio.file.Files.createSymbolicLink(folder.resolve("nowhere"), folder.resolve("not-there"))
      inProcess("run", "--config", "$config", "--run-dir", "$link").err shouldContain
        "$link is a link that leads nowhere"
    }
  })
