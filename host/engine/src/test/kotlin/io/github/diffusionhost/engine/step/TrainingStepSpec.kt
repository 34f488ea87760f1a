package io.github.diffusionhost.engine.step

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.engine.options.EmaOptions
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.floats.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.sqrt

@Tags("Slow")
class TrainingStepSpec :
  FunSpec({
    bothWays { way ->
      test("training lowers the loss") {
        way.bench(adam()) { bench ->
          val losses = (0L until 300L).map { bench.run(it).loss() }
          losses.takeLast(50).average() shouldBeLessThan 0.8 * losses.take(50).average()
        }
      }

      test("two runs from the same seed are equal bit for bit") {
        val runs = List(2) { mutableListOf<Any>() }
        runs.forEach { log ->
          way.bench(adam()) { bench ->
            for (number in 0L until 20L) log += bench.run(number)
            log += bench.values()
          }
        }
        runs[0] shouldBe runs[1]
      }

      test("gradient accumulation gives the step of the whole batch") {
        val weights = mutableListOf<Map<String, List<Float>>>()
        for (rounds in listOf(1, 2, 8)) {
          way.bench(adam(), labelDropout = 0.3, rounds = rounds) { bench ->
            for (number in 0L until 5L) bench.run(number)
            weights += bench.values()
          }
        }
        weights.drop(1).forEach { other ->
          weights[0].forEach { (name, values) ->
            values.zip(other.getValue(name)).forEach { (a, b) -> a shouldBe (b plusOrMinus 2e-5f) }
          }
        }
      }

      test("clipping scales all gradients to the norm, and reports the norm before it") {
        val before = mutableMapOf<String, List<Float>>()
        var norm = 0.0
        way.bench(sgd()) { bench ->
          before += bench.values()
          norm = bench.run(0, lr = 1.0).gradientNorm()
        }
        way.bench(sgd(), clipNorm = norm / 10) { bench ->
          bench.run(0, lr = 1.0).gradientNorm() shouldBe norm
          val moved =
            bench.values().flatMap { (name, values) ->
              values.zip(before.getValue(name)) { a, b -> (a - b).toDouble() }
            }
          sqrt(moved.sumOf { it * it }) shouldBe (norm / 10 plusOrMinus norm * 1e-4)
        }
      }

      test("sums add up over steps and go on from where they are told") {
        way.bench(adam()) { bench ->
          bench.step.restart(StepSums(2, 10.0, 20.0, listOf()))
          for (number in 0L until 3L) bench.step.run(number, 1e-2)
          val whole = bench.step.sums()
          whole.steps() shouldBe 5
          NDManager.newBaseManager().use { manager ->
            val again = Bench(manager, way.compiled, adam())
            val each = (0L until 3L).map { again.run(it) }
            whole.loss() shouldBe (10 + each.sumOf { it.loss() } plusOrMinus 1e-9)
            whole.gradientNorm() shouldBe (20 + each.sumOf { it.gradientNorm() } plusOrMinus 1e-9)
          }
        }
      }

      test("memory is flat over 2,000 steps") {
        way.bench(adam(), averages = listOf(EmaOptions.DEFAULTS)) { bench ->
          fun arrays() = bench.manager.managedArrays.size + bench.network.manager().managedArrays.size
          bench.run(0)
          val live = arrays()
          for (number in 1L..2000L) bench.run(number)
          arrays() shouldBe live
        }
      }
    }
  })
