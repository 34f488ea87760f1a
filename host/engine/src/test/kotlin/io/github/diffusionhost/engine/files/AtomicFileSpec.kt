package io.github.diffusionhost.engine.files

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.file.FileSystemException
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readText
import kotlin.io.path.writeText

class AtomicFileSpec :
  FunSpec({
    val root = tempdir().toPath()
    fun file(): Path = Files.createTempDirectory(root, "a").resolve("file")

    test("a file is made, then replaced, and nothing else is left") {
      val file = file()
      for (text in listOf("first", "2nd")) {
        AtomicFile.write(file, text.toByteArray())
        file.readText() shouldBe text
      }
      file.parent.listDirectoryEntries() shouldContainExactly listOf(file)
    }

    test("a reader sees the old file until the new one is whole") {
      val file = file().also { it.writeText("old") }
      AtomicFile.write(file) { channel ->
        channel.write(ByteBuffer.wrap("new".toByteArray()))
        file.readText() shouldBe "old"
      }
      file.readText() shouldBe "new"
    }

    test("a bare reason of the operating system's gets the name of the file") {
      val file = file().also { it.writeText("old") }
      val failure = IOException("No space left on device")
      val thrown = shouldThrow<FileSystemException> { AtomicFile.write(file) { throw failure } }
      thrown.message shouldBe "$file: No space left on device"
      thrown.cause shouldBe failure
      file.readText() shouldBe "old"
    }

    test("a reason that tells of the root of a file system, which has no name, stays as it is") {
      val failure = FileSystemException("/", null, "it is full")
      shouldThrow<FileSystemException> { AtomicFile.write(file()) { throw failure } } shouldBe failure
    }

    test("if writing fails, the old file stays and nothing else is left") {
      val file = file().also { it.writeText("old") }
      val failure = IOException("no more")
      shouldThrow<IOException> {
        AtomicFile.write(file) { channel ->
          channel.write(ByteBuffer.wrap("ne".toByteArray()))
          throw failure
        }
      } shouldBe failure
      file.readText() shouldBe "old"
      file.parent.listDirectoryEntries() shouldContainExactly listOf(file)
    }

    test("a file name without a folder is one in the working folder") {
      val file = Path.of("atomic-file-spec.txt")
      try {
        AtomicFile.write(file, "here".toByteArray())
        file.readText() shouldBe "here"
      } finally {
        Files.deleteIfExists(file)
      }
    }

    test("SHA-256 of the empty text and of abc, from FIPS 180-2") {
      Sha256.of(ByteArray(0)) shouldBe "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
      val file = file().also { it.writeText("abc") }
      Sha256.of(file) shouldBe "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    }
  })
