package io.github.diffusionhost.app.cli.faults

import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.run.Finished
import io.github.diffusionhost.app.run.TINY_RUN
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Path
import kotlin.io.path.appendBytes
import kotlin.io.path.createFile
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readText
import kotlin.io.path.writeText

private val FOREIGN = byteArrayOf('"'.code.toByte(), 0xe9.toByte(), '"'.code.toByte(), '\n'.code.toByte())

/** Runs whose files were damaged: what is said names the file and what to do, and nothing else is lost. */
class DamagedRunSpec :
  FunSpec({
    val root = tempdir().toPath()
    val sound = root.resolve("sound")
    var copies = 0

    beforeSpec {
      val config = root.resolve("tiny.yaml").apply { writeText(TINY_RUN) }
      val steps = arrayOf("--set", "train.steps=6", "--set", "train.sampleEvery=3")
      inProcess("run", "--config", "$config", "--run-dir", "$sound", *steps).exit shouldBe 0
    }

    fun copy(): Path = root.resolve("run-${copies++}").also { sound.toFile().copyRecursively(it.toFile()) }

    fun resumed(run: Path): Finished = inProcess("run", "--resume", "$run", "--set", "train.steps=9")

    fun refused(finished: Finished, message: String) {
      finished.exit shouldBe 1
      finished.err.lines() shouldContain message
      finished.err shouldNotContain "unexpected"
    }

    test("lines of evaluations that are no UTF-8 stop nothing") {
      val run = copy()
      run.resolve("evaluations.jsonl").createFile().appendBytes(FOREIGN)
      resumed(run).exit shouldBe 0
      run.resolve("evaluations.jsonl").toFile().readBytes() shouldBe FOREIGN
    }

    test("a line of the log that is no UTF-8 is named, and the log stays") {
      val run = copy()
      val log = run.resolve("metrics.jsonl")
      val lines = log.readText().lines().size
      log.appendBytes(FOREIGN)
      val before = log.toFile().readBytes()
      refused(resumed(run), "$log, line $lines: not UTF-8 text; correct the line or remove it")
      log.toFile().readBytes() shouldBe before
    }

    test("a damaged manifest is named, with what to do, and the run stays") {
      val run = copy()
      run.resolve("manifest.json").writeText("{\"started\": \"2026\", ")
      val finished = resumed(run)
      finished.exit shouldBe 1
      finished.err shouldContain "${run.resolve("manifest.json")} is damaged: "
      finished.err shouldContain "; put back a copy, or move it away to do without what it says"
      inProcess("report", "$run").exit shouldBe 0
    }

    test("a checkpoint whose state is no UTF-8 is passed over for the one before it") {
      val run = copy()
      val newest = run.resolve("checkpoints").listDirectoryEntries("step-*").max()
      newest.resolve("state.json").appendBytes(FOREIGN)
      resumed(run).exit shouldBe 0
      inProcess("sample", "--checkpoint", "$newest", "--count", "1", "--out", "$root/x.png").exit shouldBe 0
    }

    test("files where folders are wanted are named") {
      val run = copy()
      run.resolve("samples").toFile().deleteRecursively()
      run.resolve("samples").createFile()
      refused(resumed(run), "${run.resolve("samples")} is a file, and a folder is wanted there; move it away")
    }

    test("a picture whose step is beyond 64 bits is none of the run's") {
      val run = copy()
      run.resolve("samples/step-99999999999999999999.png").writeText("no picture")
      inProcess("report", "$run").exit shouldBe 0
    }
  })
