package io.github.diffusionhost.plugins.flowmatch

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.api.scheduler.DenoisingNetwork
import io.github.diffusionhost.api.scheduler.Sampler
import io.github.diffusionhost.api.scheduler.SamplerFactory
import io.github.diffusionhost.api.scheduler.Sampling
import io.github.diffusionhost.api.scheduler.SchedulerContext
import io.github.diffusionhost.engine.support.golden.Golden
import io.github.diffusionhost.engine.support.golden.golden
import io.github.diffusionhost.testkit.RecordedNoise
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.exp
import kotlin.math.tanh

private val published = FlowMatchProvider().defaults()

private fun with(shift: String) = OptionsSpec.of(published).create(mapOf("shift" to shift))

private fun sampler(name: String, options: FlowMatchOptions = published): Sampler {
  val context = SchedulerContext(ImageShape(1, 28, 28), RecordedNoise())
  val factory = FlowMatchProvider().create(options, context).samplers().single { it.name() == name }
  return make(factory)
}

private fun <O : Record> make(factory: SamplerFactory<O>) = factory.create(factory.defaults())

/** The model of the fixtures, told 1000 sigma. */
private val tanhModel = DenoisingNetwork { x, time -> x.tanh().mul(time.div(2000).add(0.5).reshape(-1, 1, 1, 1)) }

class SamplerSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    fun states(sampler: Sampler, noise: NDArray, steps: Int, network: DenoisingNetwork = tanhModel): List<NDArray> {
      val seen = mutableListOf(noise.duplicate())
      val last = sampler.sample(network, noise, Sampling(steps, RecordedNoise()) { _, x -> seen += x.duplicate() })
      last shouldBe seen.last()
      return seen
    }

    for ((name, shift) in
      listOf(
        "dynamic" to "dynamic",
        "dynamic_train" to "dynamic",
        "shift_static" to "fixed",
        "noshift" to "none",
      )) {
      golden("every state of Euler's method on the grid $name is that of diffusers", "flowmatch/euler_$name") { golden
        ->
        val numbers = golden.tensors(manager, "flowmatch/euler_$name")
        val steps = numbers.getValue("timesteps").size().toInt()
        val expected = numbers.getValue("xs")
        val seen = states(sampler("euler", with(shift)), numbers.getValue("x_T"), steps)
        val every = steps / (expected.shape[0].toInt() - 1)
        for (i in 0 until expected.shape[0].toInt()) {
          seen[i * every].shouldBeWithin(2e-5, expected.get(i.toLong()))
        }
      }
    }

    test("the network is told 1000 sigma of the grid") {
      val expected = Golden.packed.tensors(manager, "flowmatch/sigmas").getValue("dynamic.timesteps")
      val times = mutableListOf<Float>()
      val network = DenoisingNetwork { x, time ->
        times += time.toFloatArray().distinct()
        x.zerosLike()
      }
      sampler("euler")
        .sample(
          network,
          manager.zeros(Shape(3, 1, 4, 4)),
          Sampling(expected.size().toInt(), RecordedNoise(), Sampling.Listener.NONE),
        )
      times.toFloatArray().shouldBeWithin(1e-3, expected)
    }

    test("Heun's method is the textbook's, with an Euler step at the end") {
      val grid = SigmaSchedule.dynamic(196, 0.5, 1.15).sigmas(7)
      val velocity = { x: Double, sigma: Double -> tanh(x) * (0.5 + sigma / 2) }
      var x = 1.3
      for (i in 0 until 7) {
        val h = grid[i + 1] - grid[i]
        val d1 = velocity(x, grid[i])
        x += if (i == 6) h * d1 else h * (d1 + velocity(x + h * d1, grid[i + 1])) / 2
      }
      val out = states(sampler("heun"), manager.full(Shape(1, 1, 1, 1), 1.3f), 7).last()
      out.getFloat(0, 0, 0, 0).toDouble() shouldBe (x plusOrMinus 1e-6)
    }

    test("Heun's method calls the network twice a step but once in the last") {
      var calls = 0
      val network = DenoisingNetwork { x, _ -> x.zerosLike().also { calls++ } }
      states(sampler("heun"), manager.zeros(Shape(1, 1, 4, 4)), 20, network)
      calls shouldBe 39
    }

    test("Heun's method is far closer to the exact flow than Euler's") {
      // dx/dsigma = x has the solution x(0) = x(1) / e.
      val network = DenoisingNetwork { x, _ -> x.duplicate() }
      val start = manager.ones(Shape(1, 1, 1, 1))
      val euler = states(sampler("euler"), start, 20, network).last().getFloat(0, 0, 0, 0) - exp(-1.0)
      val heun = states(sampler("heun"), start, 20, network).last().getFloat(0, 0, 0, 0) - exp(-1.0)
      (Math.abs(heun) * 20 < Math.abs(euler)) shouldBe true
    }

    test("the noise that was given is left alone") {
      val noise = manager.full(Shape(2, 1, 2, 2), 0.5f)
      states(sampler("heun"), noise, 3)
      noise.toFloatArray().toList() shouldContainExactly List(8) { 0.5f }
    }
  })
