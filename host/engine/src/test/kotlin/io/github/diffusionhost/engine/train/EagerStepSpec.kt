package io.github.diffusionhost.engine.train

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.engine.data.ResidentDataset
import io.github.diffusionhost.engine.options.EmaOptions
import io.github.diffusionhost.engine.options.OptimizerOptions
import io.github.diffusionhost.engine.random.HostNoise
import io.github.diffusionhost.engine.random.StagingBuffer
import io.github.diffusionhost.engine.support.CountingDataset
import io.github.diffusionhost.engine.support.TINY_SHAPE
import io.github.diffusionhost.engine.support.TinyDenoiser
import io.github.diffusionhost.engine.support.TinyScheduler
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.floats.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.math.pow
import kotlin.math.sqrt

/** A network with a batch source, all in one scope. */
private class Bench(
  val manager: NDManager,
  optimizer: OptimizerOptions,
  clipNorm: Double = 0.0,
  labelDropout: Double = 0.0,
) {
  val dataset = CountingDataset(40)
  val network: Network =
    Network.initialize(
      TinyDenoiser(HostNoise.single(manager, StagingBuffer(), 1)),
      TinyScheduler,
      TINY_SHAPE,
      true,
      manager,
    )
  val data: ResidentDataset = ResidentDataset.load(dataset, manager)
  val source = BatchSource(data, dataset, manager, 5, labelDropout)
  val step = EagerStep(network, Optimizer.of(optimizer, network.trainable()), clipNorm)

  fun run(number: Long, lr: Double = 1e-2, batch: Int = 8, rounds: Int = 1): StepReport =
    step.run({ source.batch(number, batch, it * batch / rounds, batch / rounds) }, rounds, lr, number + 1)

  fun values(): Map<String, List<Float>> = network.weights().values().mapValues { it.value.toFloatArray().toList() }
}

private fun adam(use: OptimizerOptions.Kind = OptimizerOptions.Kind.ADAM, decay: Double = 0.0) =
  OptimizerOptions(use, 1e-2, listOf(0.9, 0.999), 1e-8, decay, 0.0)

private fun sgd(momentum: Double = 0.0, decay: Double = 0.0) =
  OptimizerOptions(OptimizerOptions.Kind.SGD, 1e-2, listOf(0.9, 0.999), 1e-8, decay, momentum)

class EagerStepSpec :
  FunSpec({
    fun bench(optimizer: OptimizerOptions, clipNorm: Double = 0.0, labelDropout: Double = 0.0, block: (Bench) -> Unit) =
      NDManager.newBaseManager().use { block(Bench(it, optimizer, clipNorm, labelDropout)) }

    test("training lowers the loss") {
      bench(adam()) { bench ->
        val losses = (0L until 300L).map { bench.run(it).loss() }
        losses.takeLast(50).average() shouldBeLessThan 0.8 * losses.take(50).average()
      }
    }

    test("two runs from the same seed are equal bit for bit") {
      val runs = List(2) { mutableListOf<Any>() }
      runs.forEach { log ->
        bench(adam()) { bench ->
          for (number in 0L until 20L) log += bench.run(number)
          log += bench.values()
        }
      }
      runs[0] shouldBe runs[1]
    }

    test("gradient accumulation gives the step of the whole batch") {
      val weights = mutableListOf<Map<String, List<Float>>>()
      for (rounds in listOf(1, 2, 8)) {
        bench(adam(), labelDropout = 0.3) { bench ->
          for (number in 0L until 5L) bench.run(number, rounds = rounds)
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
      bench(sgd()) { bench ->
        before += bench.values()
        norm = bench.run(0, lr = 1.0).gradientNorm()
      }
      bench(sgd(), clipNorm = norm / 10) { bench ->
        bench.run(0, lr = 1.0).gradientNorm() shouldBe norm
        val moved =
          bench.values().flatMap { (name, values) -> values.zip(before.getValue(name)) { a, b -> (a - b).toDouble() } }
        sqrt(moved.sumOf { it * it }) shouldBe (norm / 10 plusOrMinus norm * 1e-4)
      }
    }

    test("adam, adamw and sgd with momentum follow their equations") {
      for (options in listOf(adam(), adam(decay = 0.1), adam(OptimizerOptions.Kind.ADAMW, 0.1), sgd(0.9, 0.1), sgd())) {
        bench(options) { bench ->
          val weight = bench.network.trainable().getValue("level")
          val expected = ReferenceOptimizer(options, weight.toFloatArray())
          for (number in 0L until 4L) {
            val plain = gradientOf(bench, "level", number)
            bench.run(number)
            expected.update(plain, 1e-2)
            weight.toFloatArray().zip(expected.weight.toList()).forEach { (a, b) ->
              a.toDouble() shouldBe (b plusOrMinus 2e-6)
            }
          }
        }
      }
    }

    test("a parameter that the loss does not depend on is left alone, weight decay included") {
      bench(adam(OptimizerOptions.Kind.ADAMW, 0.5)) { bench ->
        val before = bench.values().getValue("unused")
        repeat(3) { bench.run(it.toLong()) }
        bench.values().getValue("unused") shouldContainExactly before
      }
    }

    test("a gradient that is not finite stops the step, names the tensor and changes nothing") {
      bench(adam()) { bench ->
        bench.run(0)
        bench.network.trainable().getValue("out").muli(1e30f)
        val before = bench.values()
        shouldThrow<DivergedException> { bench.run(1) }.message!! shouldContain "the"
        bench.values() shouldBe before
        bench.network.trainable().getValue("out").muli(1e-30f)
        bench.run(1).loss() shouldBeLessThan 10.0
      }
    }

    test("running averages follow their decay") {
      bench(adam()) { bench ->
        val constant = Ema(EmaOptions(EmaOptions.Kind.CONSTANT, 0.9, 1.0, 0.75), bench.network.weights())
        val ramp = Ema(EmaOptions(EmaOptions.Kind.RAMP, 0.9999, 1.0, 0.75), bench.network.weights())
        fun NDArray.first() = toFloatArray()[0].toDouble()
        val weight = bench.network.weights().values().getValue("hidden")
        var byHand = weight.first()
        var rampByHand = weight.first()
        for (s in 0L until 5L) {
          bench.run(s)
          constant.update(bench.network.weights(), s)
          ramp.update(bench.network.weights(), s)
          byHand = 0.9 * byHand + 0.1 * weight.first()
          val d = if (s == 0L) 0.0 else (1.0 + s) / (10.0 + s)
          rampByHand = d * rampByHand + (1 - d) * weight.first()
        }
        constant.weights().values().getValue("hidden").first() shouldBe (byHand plusOrMinus 1e-6)
        ramp.weights().values().getValue("hidden").first() shouldBe (rampByHand plusOrMinus 1e-6)
      }
    }

    test("memory is flat over 2,000 steps") {
      bench(adam()) { bench ->
        val ema = Ema(EmaOptions.DEFAULTS, bench.network.weights())
        fun arrays() = bench.manager.managedArrays.size + bench.network.manager().managedArrays.size
        bench.run(0)
        ema.update(bench.network.weights(), 0)
        val live = arrays()
        for (number in 1L..2000L) {
          bench.run(number)
          ema.update(bench.network.weights(), number)
        }
        arrays() shouldBe live
      }
    }
  })

/** The gradient that the next step will see, found by an SGD step of rate 1 on a network of equal weights. */
private fun gradientOf(bench: Bench, name: String, number: Long): DoubleArray =
  NDManager.newBaseManager().use { manager ->
    val twin = Bench(manager, sgd())
    twin.network.weights().load(bench.network.weights().values())
    val before = twin.network.trainable().getValue(name).toFloatArray()
    twin.run(number, lr = 1.0)
    val after = twin.network.trainable().getValue(name).toFloatArray()
    DoubleArray(before.size) { before[it].toDouble() - after[it] }
  }

/** The equations of the papers, in float64. */
private class ReferenceOptimizer(private val options: OptimizerOptions, start: FloatArray) {
  val weight = start.map { it.toDouble() }.toDoubleArray()
  private val m = DoubleArray(start.size)
  private val v = DoubleArray(start.size)
  private var t = 0

  fun update(gradient: DoubleArray, lr: Double) {
    t++
    for (i in weight.indices) {
      var g = gradient[i]
      if (options.use() != OptimizerOptions.Kind.ADAMW) g += options.weightDecay() * weight[i]
      if (options.use() == OptimizerOptions.Kind.SGD) {
        m[i] = options.momentum() * m[i] + g
        weight[i] -= lr * m[i]
      } else {
        if (options.use() == OptimizerOptions.Kind.ADAMW) weight[i] *= 1 - lr * options.weightDecay()
        m[i] = 0.9 * m[i] + 0.1 * g
        v[i] = 0.999 * v[i] + 0.001 * g * g
        val mHat = m[i] / (1 - 0.9.pow(t))
        val vHat = v[i] / (1 - 0.999.pow(t))
        weight[i] -= lr * mHat / (sqrt(vHat) + options.eps())
      }
    }
  }
}
