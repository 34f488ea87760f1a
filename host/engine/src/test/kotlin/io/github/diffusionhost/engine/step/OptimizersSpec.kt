package io.github.diffusionhost.engine.step

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.engine.optimize.OptimizerOptions
import io.github.diffusionhost.engine.options.EmaOptions
import io.github.diffusionhost.engine.support.TinyRun
import io.github.diffusionhost.engine.support.tinyOptions
import io.github.diffusionhost.engine.train.Trainer
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.floats.plusOrMinus
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.readBytes

/** What holds of every optimizer. */
@Tags("Slow")
class OptimizersSpec :
  FunSpec({
    test("every optimizer has a row") {
      OPTIMIZERS.map { it.options.use() }.distinct() shouldContainExactlyInAnyOrder OptimizerOptions.Kind.entries
    }

    bothWays { way ->
      for (row in OPTIMIZERS) {
        test("${row.name} follows its equations") {
          way.bench(row.options) { bench ->
            val weight = bench.network.trainable().getValue("level")
            val expected = weight.toFloatArray().map { it.toDouble() }.toDoubleArray()
            val moments = List(expected.size) { DoubleArray(2) }
            for (number in 0L until 4L) {
              val gradient = bench.gradientOf("level", number)
              bench.run(number)
              for (i in expected.indices) {
                val element = Element(expected[i], moments[i], gradient[i], 1e-2, number.toInt() + 1)
                expected[i] = row.equation(element)
              }
              weight.toFloatArray().zip(expected.toList()).forEach { (a, b) ->
                a.toDouble() shouldBe (b plusOrMinus 2e-6)
              }
            }
          }
        }

        test("${row.name} leaves a parameter alone that the loss does not depend on, weight decay included") {
          way.bench(row.options) { bench ->
            val before = bench.values().getValue("unused")
            repeat(3) { bench.run(it.toLong()) }
            bench.values().getValue("unused") shouldContainExactly before
          }
        }

        test("${row.name}: a run that was cut off ends as one that was left alone, to the bit") {
          val options = tinyOptions(12, compile = way.compiled, optimizer = row.options)
          val alone = tempdir().toPath()
          TinyRun(alone, options).use { it.trainer.run { false } shouldBe Trainer.Outcome.FINISHED }
          val cut = tempdir().toPath()
          TinyRun(cut, options).use { run ->
            run.trainer.run { run.trainer.done() == 7L } shouldBe Trainer.Outcome.STOPPED
          }
          TinyRun(cut, options).use { run ->
            run.trainer.resume().get().state().step shouldBe 7
            run.trainer.run { false } shouldBe Trainer.Outcome.FINISHED
          }
          for (file in listOf("model", "optimizer")) {
            fun Path.last() = resolve("checkpoints/step-000012/$file.safetensors").readBytes().toList()
            (cut.last() == alone.last()) shouldBe true
          }
        }
      }
    }

    for (row in OPTIMIZERS) for (rounds in listOf(1, 4)) {
      test("${row.name}: 20 compiled steps in $rounds parts are 20 steps operation by operation") {
        val runs =
          listOf(false, true).map { compiled ->
            NDManager.newBaseManager().use { manager ->
              val bench = Bench(manager, compiled, row.options, 1.0, 0.3, listOf(EmaOptions.DEFAULTS), rounds = rounds)
              val losses = (0L until 20L).map { bench.run(it) }
              val average = bench.averages[0].weights().values().mapValues { it.value.toFloatArray().toList() }
              Triple(losses, bench.values(), average)
            }
          }
        val (eager, compiled) = runs
        eager.first.zip(compiled.first).forEach { (a, b) ->
          b.loss() shouldBe (a.loss() plusOrMinus 1e-5 * a.loss())
          b.gradientNorm() shouldBe (a.gradientNorm() plusOrMinus 1e-5 * a.gradientNorm())
          a.levels().zip(b.levels()).forEach { (x, y) ->
            y.images() shouldBe x.images()
            y.loss() shouldBe (x.loss() plusOrMinus 1e-5 * x.loss())
            y.squaredError() shouldBe (x.squaredError() plusOrMinus 1e-5 * x.squaredError())
            y.linear() shouldBe (x.linear() plusOrMinus 1e-12 * x.linear())
          }
          b.images().images() shouldBe 8
        }
        for ((name, values) in eager.second) compiled.second.getValue(name).shouldBeClose(values, 1e-5)
        for ((name, values) in eager.third) compiled.third.getValue(name).shouldBeClose(values, 1e-5)
      }
    }
  })
