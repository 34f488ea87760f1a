package io.github.diffusionhost.engine.checkpoint

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.engine.files.Sha256
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.optional.shouldBeEmpty
import io.kotest.matchers.optional.shouldBePresent
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.createDirectory
import kotlin.io.path.deleteExisting
import kotlin.io.path.fileSize
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.moveTo
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

class CheckpointFolderSpec :
  FunSpec({
    val root = tempdir().toPath()
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    fun empty(): Path = Files.createTempDirectory(root, "run").resolve("checkpoints")

    fun weights(value: Float): Map<String, Map<String, NDArray>> =
      linkedMapOf(
        "model.safetensors" to linkedMapOf("w" to manager.full(Shape(2, 3), value), "b" to manager.create(value)),
        "optimizer.safetensors" to mapOf("w.m" to manager.full(Shape(6), -value)),
      )

    fun CheckpointFolder.writeStep(step: Long): Path =
      write(CheckpointState.of(step, step * 8), weights(step.toFloat()), mapOf("config.yaml" to "seed: $step\n"))

    fun Checkpoint.value(): Float = tensors("model.safetensors", manager).getValue("b").getFloat()

    test("a copy of a checkpoint under the name of another step is not taken for that step") {
      val folder = CheckpointFolder(empty())
      val real = folder.writeStep(16)
      val last = folder.writeStep(30)
      for (name in listOf("step-000099", "step-000030")) {
        val copy = last.resolveSibling(name)
        copy.toFile().deleteRecursively()
        real.toFile().copyRecursively(copy.toFile())
        val expected = if (name == "step-000099") 30f else 16f
        folder.latestUsable().get().value() shouldBe expected
      }
      real.toFile().deleteRecursively()
      shouldThrow<CheckpointException> { folder.latestUsable() }.message shouldContain
        "${last.resolveSibling("step-000099")} is a checkpoint of step 16: call it step-000016, or remove it"
    }

    test("what was written comes back: counts, the trainer's numbers, texts, arrays in order") {
      val state =
        CheckpointState(
          500,
          4000,
          mapOf("seed" to Long.MAX_VALUE, "draws" to -1L),
          mapOf("lr" to 0.1 + 0.2, "best" to Double.NaN, "bound" to Double.NEGATIVE_INFINITY),
          mapOf("model" to "dit \"small\" größe"),
        )
      val path = CheckpointFolder(empty()).write(state, weights(2f), mapOf("config.yaml" to "seed: 0\n"))
      path.name shouldBe "step-000500"
      val read = Checkpoint.open(path)
      read.state() shouldBe state
      read.files().toList() shouldContainExactly listOf("model.safetensors", "optimizer.safetensors", "config.yaml")
      read.text("config.yaml") shouldBe "seed: 0\n"
      val model = read.tensors("model.safetensors", manager)
      model.keys.toList() shouldContainExactly listOf("w", "b")
      model.getValue("w").shape shouldBe Shape(2, 3)
      model.getValue("w").toFloatArray().toList() shouldContainExactly List(6) { 2f }
      read.tensors("optimizer.safetensors", manager).getValue("w.m").toFloatArray().toList() shouldContainExactly
        List(6) { -2f }
    }

    test("state.json holds size and checksum of every other file, readable by anybody") {
      val path = CheckpointFolder(empty()).writeStep(3)
      val state = path.resolve("state.json").readText()
      for (name in listOf("model.safetensors", "optimizer.safetensors", "config.yaml")) {
        val sha256 = Sha256.of(path.resolve(name))
        state.replace(Regex("\\s"), "") shouldContain
          """"$name":{"bytes":${path.resolve(name).fileSize()},"sha256":"$sha256"}"""
      }
      path.listDirectoryEntries().size shouldBe 4
    }

    test("checkpoints are listed ascending by step, and the newest is used") {
      val checkpoints = CheckpointFolder(empty())
      checkpoints.list().shouldBeEmpty()
      checkpoints.latestUsable().shouldBeEmpty()
      for (step in listOf(1_000_000L, 20L, 3L)) checkpoints.writeStep(step)
      checkpoints.list().map { it.name } shouldContainExactly listOf("step-000003", "step-000020", "step-1000000")
      checkpoints.latestUsable().shouldBePresent().state().step() shouldBe 1_000_000
    }

    test("files and folders of other names are left alone") {
      val folder = empty()
      val checkpoints = CheckpointFolder(folder)
      checkpoints.writeStep(1)
      folder.resolve("notes.txt").writeText("mine")
      folder.resolve("step-x").createDirectory()
      folder.resolve("step-000009").writeText("a file")
      checkpoints.writeStep(2)
      checkpoints.list().map { it.name } shouldContainExactly listOf("step-000001", "step-000002")
      folder.resolve("notes.txt").readText() shouldBe "mine"
    }

    test("the same step again replaces the checkpoint and leaves nothing else") {
      val folder = empty()
      val checkpoints = CheckpointFolder(folder)
      checkpoints.writeStep(5)
      checkpoints.write(CheckpointState.of(5, 40), weights(7f), mapOf())
      checkpoints.latestUsable().shouldBePresent().value() shouldBe 7f
      folder.listDirectoryEntries().map { it.name } shouldContainExactly listOf("step-000005")
    }

    test("what interrupted writes left behind is removed by the next write, never listed") {
      val folder = empty()
      val leftover = folder.resolve(".step-000007.tmp-4242").createDirectories()
      leftover.resolve("model.safetensors").writeText("half")
      val checkpoints = CheckpointFolder(folder)
      checkpoints.list().shouldBeEmpty()
      checkpoints.writeStep(8)
      folder.listDirectoryEntries().map { it.name } shouldContainExactly listOf("step-000008")
    }

    test("a write killed between its two renames costs nothing: the displaced checkpoint is used and put back") {
      val folder = empty()
      val checkpoints = CheckpointFolder(folder)
      checkpoints.writeStep(5).moveTo(folder.resolve(".step-000005.old"))
      checkpoints.latestUsable().shouldBePresent().state().step() shouldBe 5
      checkpoints.writeStep(6)
      folder.listDirectoryEntries().map { it.name }.sorted() shouldContainExactly listOf("step-000005", "step-000006")
    }

    class Damage(val name: String, val complaint: String, val inflict: (Path) -> Unit)

    fun edit(path: Path, from: String, to: String) =
      path.writeText(path.readText().also { it shouldContain from }.replace(from, to))

    listOf(
        Damage("a truncated file", "model.safetensors has 40 bytes, but ") {
          val file = it.resolve("model.safetensors")
          file.writeBytes(file.readBytes().copyOf(40))
        },
        Damage("a file with one bit flipped", "optimizer.safetensors was changed after it was written") {
          val file = it.resolve("optimizer.safetensors")
          val bytes = file.readBytes()
          bytes[bytes.size - 1] = (bytes[bytes.size - 1].toInt() xor 1).toByte()
          file.writeBytes(bytes)
        },
        Damage("an edited config", "config.yaml was changed after it was written") {
          edit(it.resolve("config.yaml"), "seed: 20", "seed: 21")
        },
        Damage("a missing file", "config.yaml is missing") { it.resolve("config.yaml").deleteExisting() },
        Damage("a folder in place of a file", "config.yaml is missing") {
          it.resolve("config.yaml").deleteExisting()
          it.resolve("config.yaml").createDirectory()
        },
        Damage("a missing state.json", "state.json is missing") { it.resolve("state.json").deleteExisting() },
        Damage("an empty state.json", "state.json is empty") { it.resolve("state.json").writeText("") },
        Damage("a state.json that is not JSON", "state.json is not a JSON object") {
          it.resolve("state.json").writeText("step: 20")
        },
        Damage("a state.json that is a list", "state.json is not a JSON object") {
          it.resolve("state.json").writeText("[]")
        },
        Damage("a truncated state.json", "state.json is not a JSON object") {
          val file = it.resolve("state.json")
          file.writeBytes(file.readBytes().copyOf(100))
        },
        Damage("an edited state.json", "state.json was changed after it was written") {
          edit(it.resolve("state.json"), "\"step\": 20", "\"step\": 21")
        },
        Damage("a state.json without a version", "state.json lacks an entry") {
          it.resolve("state.json").writeText("{}")
        },
        Damage("a huge state.json", "state.json has 10000001 bytes, far too many") {
          it.resolve("state.json").writeBytes(ByteArray(10_000_001))
        },
        Damage(
          "a future format",
          "state.json has format version 2; this program reads version 1: use the newer program",
        ) {
          edit(it.resolve("state.json"), "\"formatVersion\": 1", "\"formatVersion\": 2")
        },
        Damage("no folder", "there is no such folder") { it.moveTo(it.resolveSibling("elsewhere")) },
      )
      .forEach { damage ->
        test("${damage.name} is one clear message that names an earlier checkpoint") {
          val checkpoints = CheckpointFolder(empty())
          val earlier = checkpoints.writeStep(10)
          val damaged = checkpoints.writeStep(20)
          damage.inflict(damaged)
          val message = shouldThrow<CheckpointException> { Checkpoint.open(damaged) }.message!!
          message shouldContain "checkpoint $damaged cannot be used: ${damage.complaint}"
          message shouldContain "; use an earlier checkpoint: $earlier"
          message.lines().size shouldBe 1
          checkpoints.latestUsable().shouldBePresent().state().step() shouldBe 10
        }
      }

    test("if none can be used, that is an error which says so of each, not a fresh start") {
      val checkpoints = CheckpointFolder(empty())
      for (step in listOf(1L, 2L)) checkpoints.writeStep(step).resolve("config.yaml").deleteExisting()
      val message = shouldThrow<CheckpointException> { checkpoints.latestUsable() }.message!!
      message shouldContain "step-000001 cannot be used: config.yaml is missing; there is no earlier checkpoint"
      message shouldContain "step-000002 cannot be used: config.yaml is missing"
    }

    test("a file that a checkpoint lacks is an error that names those it has") {
      val checkpoint = Checkpoint.open(CheckpointFolder(empty()).writeStep(1))
      shouldThrow<CheckpointException> { checkpoint.tensors("ema.safetensors", manager) }.message shouldContain
        "has no file ema.safetensors; it has model.safetensors, optimizer.safetensors, config.yaml"
    }

    test("a state.json that points outside its folder is refused") {
      val path = CheckpointFolder(empty()).writeStep(1)
      val outside = mapOf("../config.yaml" to StateFile.StoredFile(1, "00"))
      path.resolve("state.json").writeBytes(StateFile(CheckpointState.of(1, 1), outside).toBytes())
      shouldThrow<CheckpointException> { Checkpoint.open(path) }.message shouldContain
        "state.json names a file outside the folder: ../config.yaml"
    }

    listOf("../evil", "state.json", ".hidden", "").forEach { name ->
      test("a file cannot be named '$name'") {
        shouldThrow<IllegalArgumentException> {
            CheckpointFolder(empty()).write(CheckpointState.of(1, 1), mapOf(), mapOf(name to ""))
          }
          .message shouldContain "a file of a checkpoint cannot be named"
      }
    }
  })
