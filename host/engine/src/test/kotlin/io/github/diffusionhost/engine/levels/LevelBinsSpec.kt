package io.github.diffusionhost.engine.levels

import io.github.diffusionhost.api.scheduler.NoiseLevel
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.engine.contract.WrongResultException
import io.github.diffusionhost.engine.support.TinyScheduler
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.math.floor

private fun scheduler(vararg edges: Double): Scheduler =
  object : Scheduler by TinyScheduler {
    override fun levelEdges() = edges

    // As a chain of whole timesteps has it.
    override fun at(level: Double) = NoiseLevel(1.0, floor(level + 0.5).coerceIn(edges.first(), edges.last()), 0.0, 1.0)

    override fun conditionAt(level: Double) = level
  }

class LevelBinsSpec :
  FunSpec({
    test("a level belongs to the bin that begins at it, and beyond the edges to the bin beside them") {
      val bins = LevelBins.of(scheduler(0.0, 10.0, 30.0))
      mapOf(-1.0 to 0, 0.0 to 0, 9.99 to 0, 10.0 to 1, 29.0 to 1, 30.0 to 1, 99.0 to 1).forEach { (level, bin) ->
        bins.bin(level) shouldBe bin
      }
      bins.count() shouldBe 2
    }

    test("bins are named by their edges, to six digits") {
      LevelBins.of(scheduler(0.0, 0.1 + 0.2, 100.0, 1e6)).let { bins ->
        List(bins.count(), bins::name) shouldBe listOf("0-0.3", "0.3-100", "100-1000000")
      }
      LevelBins.of(scheduler(0.002, 2.0 / 3, 80.0)).let { bins ->
        List(bins.count(), bins::name) shouldBe listOf("0.002-0.666667", "0.666667-80")
      }
    }

    test("the middle of a bin is geometric, and of one that begins at 0 arithmetic") {
      LevelBins.of(scheduler(0.0, 2.0, 8.0, 18.0)).middles().toList() shouldBe listOf(1.0, 4.0, 12.0)
    }

    test("every whole timestep has the reference of its own") {
      val bins = LevelBins.of(scheduler(*DoubleArray(11) { it * 100.0 })) { it.noise() * 3 }
      for (t in 0..1000) bins.reference(t.toDouble()) shouldBe 3.0 * t
      bins.reference(-5.0) shouldBe 0.0
      bins.reference(1e9) shouldBe 3000.0
    }

    test("between the points of its table a reference is that of the nearest") {
      val bins = LevelBins.of(TinyScheduler) { it.noise() }
      for (i in 0..1000) bins.reference(i / 1000.0) shouldBe (i / 1000.0 plusOrMinus 0.25 / 100 / 2 + 1e-12)
    }

    test("edges that do not rise are refused") {
      for (edges in
        listOf(doubleArrayOf(), doubleArrayOf(1.0), doubleArrayOf(1.0, 1.0), doubleArrayOf(0.0, 2.0, 1.0))) {
        shouldThrow<WrongResultException> { LevelBins.of(scheduler(*edges)) }.message shouldContain
          "which must be at least two rising numbers"
      }
    }
  })
