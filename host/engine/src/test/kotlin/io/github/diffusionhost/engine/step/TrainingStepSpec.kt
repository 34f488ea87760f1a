package io.github.diffusionhost.engine.step

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDList
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import ai.djl.nn.Parameter
import ai.djl.training.initializer.Initializer
import io.github.diffusionhost.api.model.CompositeBlock
import io.github.diffusionhost.api.model.Denoiser
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.ops.Ops
import io.github.diffusionhost.api.scheduler.DenoisingNetwork
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.api.scheduler.TrainingLoss
import io.github.diffusionhost.engine.batch.DatasetBatches
import io.github.diffusionhost.engine.data.ResidentDataset
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.optimize.Ema
import io.github.diffusionhost.engine.optimize.Optimizer
import io.github.diffusionhost.engine.options.EmaOptions
import io.github.diffusionhost.engine.options.OptimizerOptions
import io.github.diffusionhost.engine.options.TrainOptions
import io.github.diffusionhost.engine.support.CountingDataset
import io.github.diffusionhost.engine.support.TinyDenoiser
import io.github.diffusionhost.engine.support.TinyScheduler
import io.github.diffusionhost.engine.support.ema
import io.github.diffusionhost.engine.support.tinyNetwork
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.floats.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.math.abs
import kotlin.math.pow
import kotlin.math.sqrt

/** A network with a batch source, all in one scope. */
private class Bench(
  val manager: NDManager,
  private val compiled: Boolean,
  private val optimizer: OptimizerOptions,
  private val clipNorm: Double = 0.0,
  labelDropout: Double = 0.0,
  averages: List<EmaOptions> = listOf(),
  private val batch: Int = 8,
  private val rounds: Int = 1,
  scheduler: Scheduler = TinyScheduler,
  denoiser: (Noise) -> Denoiser = ::TinyDenoiser,
) {
  private val dataset = CountingDataset(40)
  val network: Network = tinyNetwork(manager, scheduler = scheduler, denoiser = denoiser)
  private val source = DatasetBatches(ResidentDataset.load(dataset, manager), dataset, manager, 5, labelDropout)
  val averages = averages.map { Ema(it, network.weights()) }
  val step: TrainingStep =
    TrainingSetup(
        network,
        source,
        batch,
        batch / rounds,
        Optimizer.of(optimizer, network.trainable()),
        optimizer,
        clipNorm,
        this.averages,
      )
      .let { if (compiled) CompiledStep(it, TrainOptions.Precision.FP32) else EagerStep(it) }

  /** One step; what it did is its sums. */
  fun run(number: Long, lr: Double = 1e-2): StepSums {
    step.restart(StepSums.NONE)
    step.run(number, lr)
    return step.sums()
  }

  fun values(): Map<String, List<Float>> = network.weights().values().mapValues { it.value.toFloatArray().toList() }

  /** Of the images of a step. */
  fun meanPixel(number: Long): Float = source.batch(number, batch, 0, batch).images().mean().getFloat()

  /** The gradient that the next step will see, found by an SGD step of rate 1 on a network of equal weights. */
  fun gradientOf(name: String, number: Long): DoubleArray =
    NDManager.newBaseManager().use { manager ->
      val twin = Bench(manager, compiled, sgd())
      twin.network.weights().load(network.weights().values())
      val before = twin.network.trainable().getValue(name).toFloatArray()
      twin.run(number, lr = 1.0)
      val after = twin.network.trainable().getValue(name).toFloatArray()
      DoubleArray(before.size) { before[it].toDouble() - after[it] }
    }
}

private fun adam(use: OptimizerOptions.Kind = OptimizerOptions.Kind.ADAM, decay: Double = 0.0) =
  OptimizerOptions(use, 1e-2, listOf(0.9, 0.999), 1e-8, decay, 0.0)

private fun sgd(momentum: Double = 0.0, decay: Double = 0.0) =
  OptimizerOptions(OptimizerOptions.Kind.SGD, 1e-2, listOf(0.9, 0.999), 1e-8, decay, momentum)

@Tags("Slow")
class TrainingStepSpec :
  FunSpec({
    for (compiled in listOf(false, true)) {
      context(if (compiled) "compiled" else "operation by operation") { steps(compiled) }
    }

    test("weights are renormalised before each step, compiled and operation by operation alike") {
      val weights =
        listOf(false, true).map { compiled ->
          NDManager.newBaseManager().use { manager ->
            val bench = Bench(manager, compiled, sgd(), denoiser = ::NormalizedDenoiser)
            // A rate of zero leaves what the renormalisation wrote.
            bench.run(0, lr = 0.0)
            val rows = bench.network.weights().values().getValue("hidden").toFloatArray().toList().chunked(32)
            rows.forEach { row -> row.sumOf { it.toDouble() * it } / row.size shouldBe (0.09 plusOrMinus 1e-4) }
            for (number in 1L until 20L) bench.run(number)
            bench.values()
          }
        }
      val (eager, compiled) = weights
      for ((name, values) in eager) compiled.getValue(name).shouldBeClose(values, 1e-5)
    }

    test("dropout draws the same zeros compiled and operation by operation, in parts and at once") {
      val losses =
        listOf(false to 1, true to 1, true to 4).map { (compiled, rounds) ->
          NDManager.newBaseManager().use { manager ->
            val bench = Bench(manager, compiled, sgd(), rounds = rounds, denoiser = ::DroppingDenoiser)
            List(5) { bench.run(it.toLong()).loss() }
          }
        }
      for (others in losses.drop(1)) {
        others.zip(losses[0]) { found, expected -> found shouldBe (expected plusOrMinus 1e-5 * expected) }
      }
    }

    for (rounds in listOf(1, 2, 8)) {
      test("running statistics take in a step once, in $rounds parts, of the network and of the scheduler") {
        for (compiled in listOf(false, true)) {
          NDManager.newBaseManager().use { manager ->
            val bench =
              Bench(
                manager,
                compiled,
                sgd(),
                rounds = rounds,
                scheduler = WatchingScheduler(),
                denoiser = ::WatchingDenoiser,
              )
            var mean = 0f
            for (number in 0L until 20) {
              mean += 0.1f * (bench.meanPixel(number) - mean)
              bench.run(number)
            }
            // Each of 20 steps moves it half of the way to one.
            bench.values().getValue("seen").single() shouldBe (1f - (1f / (1 shl 20)))
            bench.values().getValue("scheduler.steps").single() shouldBe 20f
            bench.values().getValue("scheduler.mean").single() shouldBe (mean plusOrMinus 1e-5f)
          }
        }
      }
    }

    test("20 compiled steps are 20 steps operation by operation") {
      for (options in listOf(adam(), adam(OptimizerOptions.Kind.ADAMW, 0.1), sgd(0.9, 0.1))) {
        for (rounds in listOf(1, 4)) {
          val runs =
            listOf(false, true).map { compiled ->
              NDManager.newBaseManager().use { manager ->
                val bench = Bench(manager, compiled, options, 1.0, 0.3, listOf(EmaOptions.DEFAULTS), rounds = rounds)
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
    }
  })

/** Its hidden weights are normalised, row by row, before every step. */
private class NormalizedDenoiser(noise: Noise) : TinyDenoiser(noise) {
  override fun renormalized(pass: Forward): Map<Parameter, NDArray> =
    mapOf(hidden to Ops.rmsNorm(pass.value(hidden, hidden.array), null, 1e-12f).mul(0.3))
}

/** Keeps a number that every pass moves half of the way to 1. */
private class WatchingDenoiser(noise: Noise) : TinyDenoiser(noise) {
  private val seen = parameter("seen", Parameter.Type.RUNNING_MEAN, Initializer.ZEROS, Shape(1))

  override fun predict(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?): NDArray {
    val before = pass.value(seen, x)
    if (pass.training()) pass.update(seen, before.add(1).mul(0.5))
    return super.predict(pass, x.mul(before.mul(0).add(1)), noiseCondition, labels)
  }
}

/** Counts its steps, and follows the mean of the images that it sees. */
private class WatchingScheduler : Scheduler by TinyScheduler {
  private val statistics =
    object : CompositeBlock() {
      val steps = parameter("steps", Parameter.Type.RUNNING_MEAN, Initializer.ZEROS, Shape(1))
      val mean = parameter("mean", Parameter.Type.RUNNING_MEAN, Initializer.ZEROS, Shape(1))

      override fun forward(pass: Forward, inputs: NDList) = inputs
    }

  override fun trainable() = statistics

  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss {
    pass.update(statistics.steps, pass.value(statistics.steps, images).add(1))
    val before = pass.value(statistics.mean, images)
    pass.update(statistics.mean, before.add(images.mean().sub(before).mul(0.1)))
    return TinyScheduler.loss(network, images, pass)
  }
}

/** Forgets half of what it sees in training. */
private class DroppingDenoiser(noise: Noise) : TinyDenoiser(noise) {
  override fun predict(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?): NDArray =
    super.predict(pass, if (pass.training()) Ops.dropout(x, 0.5, pass.noise()) else x, noiseCondition, labels)
}

/** Within a tolerance relative to the largest value. */
private fun List<Float>.shouldBeClose(other: List<Float>, tolerance: Double) {
  val largest = other.maxOf { abs(it) }
  zip(other).forEach { (a, b) -> a shouldBe (b plusOrMinus (tolerance * largest).toFloat()) }
}

private suspend fun FunSpecContainerScope.steps(compiled: Boolean) {
  fun bench(
    optimizer: OptimizerOptions,
    clipNorm: Double = 0.0,
    labelDropout: Double = 0.0,
    averages: List<EmaOptions> = listOf(),
    rounds: Int = 1,
    block: (Bench) -> Unit,
  ) =
    NDManager.newBaseManager().use {
      block(Bench(it, compiled, optimizer, clipNorm, labelDropout, averages, rounds = rounds))
    }

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
      bench(adam(), labelDropout = 0.3, rounds = rounds) { bench ->
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
          val plain = bench.gradientOf("level", number)
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

  test("a gradient that is not finite stops the step, names step and tensor and changes nothing") {
    bench(adam()) { bench ->
      bench.run(0)
      bench.network.trainable().getValue("out").muli(1e30f)
      val before = bench.values()
      val failure = shouldThrow<DivergedException> { bench.run(1) }
      failure.step() shouldBe 1
      failure.message!! shouldContain "the loss"
      bench.values() shouldBe before
      bench.network.trainable().getValue("out").muli(1e-30f)
      bench.run(1).loss() shouldBeLessThan 10.0
    }
  }

  test("a loss that is finite with a gradient that is not names the tensor") {
    bench(adam()) { bench ->
      // The hidden layer's gradient is the product of two large numbers, the loss of none.
      bench.network.trainable().getValue("out").muli(1e18f)
      bench.network.trainable().getValue("hidden").muli(1e-3f)
      shouldThrow<DivergedException> { bench.run(0) }.message!! shouldContain "the"
    }
  }

  test("running averages follow their decay") {
    val constant = ema(EmaOptions.Kind.CONSTANT, 0.9)
    val ramp = ema(EmaOptions.Kind.RAMP, 0.9999)
    bench(adam(), averages = listOf(constant, ramp, ema(0.1))) { bench ->
      fun NDArray.first() = toFloatArray()[0].toDouble()
      val weight = bench.network.weights().values().getValue("hidden")
      var byHand = weight.first()
      var rampByHand = weight.first()
      var powerByHand = weight.first()
      for (s in 0L until 5L) {
        bench.run(s)
        byHand = 0.9 * byHand + 0.1 * weight.first()
        val d = if (s == 0L) 0.0 else (1.0 + s) / (10.0 + s)
        rampByHand = d * rampByHand + (1 - d) * weight.first()
        // The exponent of width 0.1, by NVlabs.
        val beta = (s / (s + 1.0)).pow(6.937203937601809 + 1)
        powerByHand = beta * powerByHand + (1 - beta) * weight.first()
        if (s == 0L) {
          val copied = bench.averages[2].weights().values()
          bench.network.weights().values().forEach { (name, value) ->
            copied.getValue(name).toFloatArray() shouldBe value.toFloatArray()
          }
        }
      }
      bench.averages[0].weights().values().getValue("hidden").first() shouldBe (byHand plusOrMinus 1e-6)
      bench.averages[1].weights().values().getValue("hidden").first() shouldBe (rampByHand plusOrMinus 1e-6)
      bench.averages[2].weights().values().getValue("hidden").first() shouldBe (powerByHand plusOrMinus 1e-6)
    }
  }

  test("sums add up over steps and go on from where they are told") {
    bench(adam()) { bench ->
      bench.step.restart(StepSums(2, 10.0, 20.0, listOf()))
      for (number in 0L until 3L) bench.step.run(number, 1e-2)
      val whole = bench.step.sums()
      whole.steps() shouldBe 5
      NDManager.newBaseManager().use { manager ->
        val again = Bench(manager, compiled, adam())
        val each = (0L until 3L).map { again.run(it) }
        whole.loss() shouldBe (10 + each.sumOf { it.loss() } plusOrMinus 1e-9)
        whole.gradientNorm() shouldBe (20 + each.sumOf { it.gradientNorm() } plusOrMinus 1e-9)
      }
    }
  }

  test("memory is flat over 2,000 steps") {
    bench(adam(), averages = listOf(EmaOptions.DEFAULTS)) { bench ->
      fun arrays() = bench.manager.managedArrays.size + bench.network.manager().managedArrays.size
      bench.run(0)
      val live = arrays()
      for (number in 1L..2000L) bench.run(number)
      arrays() shouldBe live
    }
  }
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
