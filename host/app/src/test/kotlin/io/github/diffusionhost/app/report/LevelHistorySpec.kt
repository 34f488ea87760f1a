package io.github.diffusionhost.app.report

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.io.path.writeText

class LevelHistorySpec :
  FunSpec({
    val root = tempdir().toPath()
    fun row(step: Int, more: String) = """{"step":$step,"images":$step,"seconds":$step,$more}""" + "\n"

    test("bins by their names, with the middle that the log takes") {
      LevelBin.parse("0-100") shouldBe LevelBin("0-100", 0.0, 100.0)
      LevelBin.parse("0-100")!!.middle shouldBe 50.0
      LevelBin.parse("0.01-0.04")!!.middle shouldBe (0.02 plusOrMinus 1e-15)
      LevelBin.parse("-2.5--1") shouldBe LevelBin("-2.5--1", -2.5, -1.0)
      LevelBin.parse("all") shouldBe null
    }

    test("every moment is the mean of its rows, and bins rise") {
      val run = PlayedRun(root.resolve("means"))
      run.metrics(*Array(400) { row(it + 1, """"loss_by_level/10-20":${it % 4},"loss_by_level/0-10":8""") })
      val levels = LevelHistory.of(readHistory(run.folder.resolve("metrics.jsonl")))!!
      levels.bins.map { it.name } shouldContainExactly listOf("0-10", "10-20")
      levels.rows.size shouldBe 100
      levels.rows.last() shouldBe 399
      levels.curves.getValue("loss").forEach { it shouldContainExactly listOf(8.0, 1.5) }
    }

    test("a bin that no image fell into is a gap") {
      val run = PlayedRun(root.resolve("gap"))
      run.metrics(row(1, """"u_by_level/0-1":2"""), row(2, """"u_by_level/1-2":3"""))
      val levels = LevelHistory.of(readHistory(run.folder.resolve("metrics.jsonl")))!!
      levels.curves.getValue("u") shouldContainExactly listOf(listOf(2.0, null), listOf(null, 3.0))
    }

    test("a run without numbers by level") {
      val run = PlayedRun(root.resolve("none")).metrics(row(1, """"train/loss":2"""))
      LevelHistory.of(readHistory(run.folder.resolve("metrics.jsonl"))) shouldBe null
    }

    test("the unit of the levels follows from signal and noise") {
      val notes = mutableListOf<String>()
      fun unit(run: PlayedRun) = References.read(run.folder.resolve("references.json"), notes::add)?.unit()
      unit(PlayedRun(root.resolve("flow")).references()) shouldBe LevelUnit.SHARE
      unit(PlayedRun(root.resolve("edm")).references(edm = true)) shouldBe LevelUnit.SIGMA
      unit(PlayedRun(root.resolve("nothing"))) shouldBe null
      notes.shouldBeEmpty()
      root.resolve("flow/references.json").writeText("{\"level\":[1]}")
      unit(PlayedRun(root.resolve("flow"))) shouldBe null
      notes.size shouldBe 1
    }
  })
