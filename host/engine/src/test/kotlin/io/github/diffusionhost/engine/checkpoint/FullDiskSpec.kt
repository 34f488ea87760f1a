package io.github.diffusionhost.engine.checkpoint

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.engine.support.SmallDisk
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.optional.shouldBePresent
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.WritableByteChannel
import java.nio.file.AccessDeniedException
import java.nio.file.Files
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.writeText

class FullDiskSpec :
  FunSpec({
    val root = tempdir().toPath()
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    /** 400 kB of weights. */
    fun weights(): Map<String, Map<String, NDArray>> =
      mapOf("model.safetensors" to mapOf("w" to manager.ones(Shape(100_000))))

    fun CheckpointFolder.writeStep(step: Long) = write(CheckpointState.of(step, step), weights(), mapOf())

    /** A disk with room for so many bytes. */
    fun disk(room: Int) = FileSink { file ->
      val channel = FileSink.DISK.create(file)
      var left = room
      object : WritableByteChannel by channel {
        override fun write(source: ByteBuffer): Int {
          if (left < source.remaining()) {
            channel.write(source.slice().limit(left))
            throw IOException("No space left on device")
          }
          left -= source.remaining()
          return channel.write(source)
        }
      }
    }

    for (room in listOf(0, 50, 200_000)) {
      test("a disk that is full after $room bytes of a file: one message, nothing left, the earlier one usable") {
        val folder = Files.createTempDirectory(root, "run")
        CheckpointFolder(folder).writeStep(1)
        val message = shouldThrow<CheckpointException> { CheckpointFolder(folder, disk(room)).writeStep(2) }.message!!
        message shouldMatch
          Regex(
            "checkpoint .*step-000002 cannot be written: No space left on device; " +
              "it needs 400000 bytes, \\d+ are free there; earlier checkpoints are untouched"
          )
        folder.listDirectoryEntries().map { it.name } shouldContainExactly listOf("step-000001")
        CheckpointFolder(folder).latestUsable().shouldBePresent().state().step() shouldBe 1
      }
    }

    test("a bug while writing leaves nothing behind either") {
      val folder = Files.createTempDirectory(root, "run")
      shouldThrow<IllegalStateException> { CheckpointFolder(folder) { error("bug") }.writeStep(2) }
      folder.listDirectoryEntries().size shouldBe 0
    }

    test("a folder that may not be written to is one message") {
      val folder = Files.createTempDirectory(root, "run")
      val denied = CheckpointFolder(folder) { file -> throw AccessDeniedException("$file") }
      shouldThrow<CheckpointException> { denied.writeStep(1) }.message shouldContain
        "step-000001 cannot be written: no permission to write to $folder"
      folder.listDirectoryEntries().size shouldBe 0
    }

    test("a path that goes through a file is one message") {
      val file = root.resolve("file").also { it.writeText("") }
      shouldThrow<CheckpointException> { CheckpointFolder(file.resolve("checkpoints")).writeStep(1) }
        .message shouldContain "step-000001 cannot be written: "
    }

    test("a real disk of one megabyte, full and then read-only").config(enabled = SmallDisk.isPossible) {
      SmallDisk(root.resolve("disk"), "size=1m").use { disk ->
        val checkpoints = CheckpointFolder(disk.path.resolve("checkpoints"))
        checkpoints.writeStep(1)
        checkpoints.writeStep(2)
        shouldThrow<CheckpointException> { checkpoints.writeStep(3) }.message shouldContain "No space left on device"
        checkpoints.list().map { it.name } shouldContainExactly listOf("step-000001", "step-000002")
        checkpoints.latestUsable().shouldBePresent().state().step() shouldBe 2

        disk.remountReadOnly()
        shouldThrow<CheckpointException> { checkpoints.writeStep(3) }.message shouldContain "Read-only file system"
        checkpoints.latestUsable().shouldBePresent().state().step() shouldBe 2
      }
    }
  })
