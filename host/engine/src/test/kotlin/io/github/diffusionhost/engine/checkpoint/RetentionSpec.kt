package io.github.diffusionhost.engine.checkpoint

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import java.io.IOException
import java.nio.file.AccessDeniedException
import java.nio.file.Files
import java.nio.file.Path
import java.util.TreeSet
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.isSymbolicLink
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readSymbolicLink
import kotlin.io.path.readText
import kotlin.io.path.writeText

class RetentionSpec :
  FunSpec({
    val steps = TreeSet(listOf(10L, 20L, 30L, 40L, 50L))

    for ((words, row) in
      mapOf(
        "all without a number" to (Retention(0, 1) to steps.toSet()),
        "the newest" to (Retention(2, 1) to setOf(40L, 50L)),
        "more than there are" to (Retention(9, 1) to steps.toSet()),
      )) {
      test("without a ranking: $words") { row.first.kept(steps, listOf()) shouldBe row.second }
    }

    test("the best stay beside the newest, and one that is both counts once") {
      Retention(2, 1).kept(steps, listOf(20, 50, 10)) shouldBe setOf(20L, 40L, 50L)
      Retention(2, 2).kept(steps, listOf(20, 50, 10)) shouldBe setOf(20L, 40L, 50L)
      Retention(1, 3).kept(steps, listOf(20, 50, 10)) shouldBe setOf(10L, 20L, 50L)
    }

    test("a step of the ranking whose checkpoint is gone takes no place") {
      Retention(1, 1).kept(steps, listOf(5, 30)) shouldBe setOf(30L, 50L)
    }

    test("numbers below zero are refused") {
      shouldThrow<IllegalArgumentException> { Retention(-1, 0) }
      shouldThrow<IllegalArgumentException> { Retention(0, -1) }
    }

    fun folder(): Path {
      val folder = tempdir().toPath()
      for (step in steps) {
        folder.resolve("step-%06d".format(step)).createDirectories().resolve("model").writeText("$step")
      }
      return folder
    }

    fun Path.names() = listDirectoryEntries().map { it.name }.sorted()

    test("a folder loses what the rule does not keep, and says what that was") {
      val folder = folder()
      val removed = CheckpointFolder(folder).keep(Retention(1, 1), listOf(20))
      removed.map { it.name } shouldBe listOf("step-000010", "step-000030", "step-000040")
      folder.names() shouldBe listOf("step-000020", "step-000050")
    }

    test("best is another name of the first of the ranking that is there") {
      val folder = folder()
      val checkpoints = CheckpointFolder(folder)
      checkpoints.best(listOf()).isEmpty shouldBe true
      checkpoints.best(listOf(5)).isEmpty shouldBe true
      folder.resolve("best").exists() shouldBe false
      for (step in listOf(20L, 50L, 50L, 10L)) {
        val best = checkpoints.best(listOf(5, step)).get()
        best.resolve("model").readText() shouldBe "$step"
        best.readSymbolicLink() shouldBe Path.of("step-%06d".format(step))
      }
      checkpoints.list().map { it.name } shouldBe steps.map { "step-%06d".format(it) }
      folder.names().filter { it.startsWith(".") }.shouldBeEmpty()
    }

    for ((words, failure) in
      mapOf("not made here" to UnsupportedOperationException(), "not allowed" to AccessDeniedException("best"))) {
      test("where links are $words, best is a copy") {
        val folder = folder()
        val name = BestName(folder) { _, _ -> throw failure }
        for (step in listOf(20, 30)) {
          name.pointTo("step-0000$step").isSymbolicLink() shouldBe false
          folder.resolve("best/model").readText() shouldBe "$step"
          folder.resolve("step-0000$step/model").readText() shouldBe "$step"
        }
        BestName(folder).pointTo("step-000040").readSymbolicLink() shouldBe Path.of("step-000040")
      }
    }

    test("a full disk is an error, and best is what it was") {
      val folder = folder()
      CheckpointFolder(folder).best(listOf(20))
      shouldThrow<IOException> { BestName(folder) { _, _ -> throw IOException("full") }.pointTo("step-000030") }
      Files.readSymbolicLink(folder.resolve("best")) shouldBe Path.of("step-000020")
    }
  })
