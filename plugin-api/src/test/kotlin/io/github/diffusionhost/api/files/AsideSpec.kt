package io.github.diffusionhost.api.files

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.FileTime
import java.time.Duration
import java.time.Instant
import kotlin.io.path.createDirectory
import kotlin.io.path.createFile
import kotlin.io.path.createSymbolicLinkPointingTo
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.setLastModifiedTime
import kotlin.io.path.writeText

class AsideSpec :
  FunSpec({
    fun folder(): Path = tempdir().toPath()
    val mine = ProcessHandle.current().pid()

    /** A hidden file for [target] as the process [pid] of this machine names it, or of [home]. */
    fun left(target: Path, pid: Long, home: String? = null): Path {
      val own = Aside.of(target).path()
      val (before, after) = own.name.split("-$mine-")
      return own.resolveSibling("$before-$pid-${home?.let { it + after.drop(it.length) } ?: after}")
    }

    /** The number of a process that has ended and been waited for. */
    fun deadProcess(): Long = ProcessBuilder("true").start().also { it.waitFor() }.pid()

    fun Path.aged(age: Duration) = apply { setLastModifiedTime(FileTime.from(Instant.now() - age)) }

    test("a file and a folder are hidden until they are whole, and nothing else is left") {
      val folder = folder()
      for (name in listOf("file", "folder")) {
        Aside.of(folder.resolve(name)).use { aside ->
          aside.path().name.first() shouldBe '.'
          if (name == "file") aside.path().writeText("whole")
          else aside.path().createDirectory().resolve("inside").writeText("whole")
          folder.resolve(name).exists() shouldBe false
          aside.moveIntoPlace()
        }
      }
      folder.listDirectoryEntries().map { it.name } shouldContainExactlyInAnyOrder listOf("file", "folder")
      folder.resolve("folder/inside").readText() shouldBe "whole"
    }

    test("what is not moved into place is removed, with what is inside") {
      val folder = folder()
      Aside.of(folder.resolve("x")).use { it.path().createDirectory().resolve("half").createFile() }
      folder.listDirectoryEntries().shouldBeEmpty()
    }

    test("what a process that is gone left is removed when something else is made there: files, folders, links") {
      val folder = folder()
      val elsewhere = folder().also { it.resolve("kept").createFile() }
      val dead = deadProcess()
      left(folder.resolve("report.html"), dead).createFile()
      left(folder.resolve("step-000500"), dead).createDirectory().resolve("model.safetensors").createFile()
      left(folder.resolve("best"), dead).createSymbolicLinkPointingTo(elsewhere)
      Aside.of(folder.resolve("other")).close()
      folder.listDirectoryEntries().shouldBeEmpty()
      elsewhere.resolve("kept").exists() shouldBe true
    }

    test("what a living process makes stays: this one's, and another's") {
      val folder = folder()
      val other = ProcessBuilder("sleep", "60").start()
      try {
        left(folder.resolve("a"), other.pid()).createFile()
        val own = left(folder.resolve("a"), mine).createFile()
        Aside.of(folder.resolve("b")).close()
        folder.listDirectoryEntries().size shouldBe 2
        own.exists() shouldBe true
      } finally {
        other.destroyForcibly().waitFor()
      }
      Aside.of(folder.resolve("b")).close()
      folder.listDirectoryEntries().size shouldBe 1
    }

    test("a process number that another process has by now protects nothing: the file is older than that process") {
      val folder = folder()
      val other = ProcessBuilder("sleep", "60").start()
      try {
        left(folder.resolve("a"), other.pid()).createFile().aged(Duration.ofMinutes(1))
        left(folder.resolve("a"), mine).createFile().aged(Duration.ofDays(300))
        Aside.of(folder.resolve("b")).close()
        folder.listDirectoryEntries().shouldBeEmpty()
      } finally {
        other.destroyForcibly().waitFor()
      }
    }

    test("of another machine or container, whose processes are not seen, only what is a day old is removed") {
      val folder = folder()
      val dead = deadProcess()
      val young = left(folder.resolve("a"), dead, "0badcafe").createFile().aged(Duration.ofHours(23))
      left(folder.resolve("b"), mine, "0badcafe").createFile().aged(Duration.ofHours(25))
      Aside.of(folder.resolve("c")).close()
      folder.listDirectoryEntries() shouldBe listOf(young)
    }

    test("other hidden files stay, whatever they are called like") {
      val folder = folder()
      val dead = deadProcess()
      val names =
        listOf(".a.tmp-$dead", ".tmp-$dead-0badcafe.00000000", "a.tmp-$dead-0badcafe.00000000", ".lock", ".a.part")
      names.forEach { folder.resolve(it).createFile().aged(Duration.ofDays(300)) }
      Aside.of(folder.resolve("b")).close()
      folder.listDirectoryEntries().map { it.name } shouldContainExactlyInAnyOrder names
    }

    test("two makers of one file are two files, and the last one counts") {
      val file = folder().resolve("file")
      val first = Aside.of(file)
      val second = Aside.of(file)
      first.path().writeText("first")
      second.path().writeText("second")
      second.moveIntoPlace()
      first.moveIntoPlace()
      file.readText() shouldBe "first"
      Files.list(file.parent).use { it.count() } shouldBe 1
    }
  })
