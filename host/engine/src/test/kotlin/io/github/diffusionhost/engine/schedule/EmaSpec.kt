package io.github.diffusionhost.engine.schedule

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.engine.options.EmaOptions
import io.github.diffusionhost.engine.posthoc.near
import io.github.diffusionhost.engine.posthoc.number
import io.github.diffusionhost.engine.posthoc.numbers
import io.github.diffusionhost.engine.posthoc.phema
import io.github.diffusionhost.engine.posthoc.rows
import io.github.diffusionhost.engine.support.ema
import io.github.diffusionhost.engine.support.golden.Golden
import io.github.diffusionhost.engine.support.tinyNetwork
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe

class EmaSpec :
  FunSpec({
    test("power-function averages over a training, as NVlabs tracks them") {
      val track = phema.getAsJsonObject("power_function_ema_track")
      val batch = track.number("batch_size")
      for ((i, name) in listOf("ema_050", "ema_100").withIndex()) {
        val options = ema(track.numbers("stds")[i])
        var average = track.numbers("initial")
        for ((s, row) in track.rows("steps").withIndex()) {
          row.number("cur_nimg") shouldBe batch * (s + 1)
          val beta = EmaDecay.at(options, s.toLong())
          average = average.zip(row.numbers("w")) { old, new -> beta * old + (1 - beta) * new }
          average.zip(row.numbers(name)) { found, expected -> found shouldBe near(expected) }
        }
      }
    }

    test("warm-up with power 2/3 is ema-pytorch's") {
      val recorded = Golden.packed.json("training/edm2_unet_e/trajectory").getAsJsonObject("ema_pytorch")
      val options =
        EmaOptions(
          EmaOptions.Kind.WARMUP,
          recorded.number("beta"),
          recorded.number("inv_gamma"),
          recorded.number("power"),
          0.1,
        )
      recorded.numbers("effective_decay").forEachIndexed { s, decay ->
        // The library computes them in float32: a power and a difference, each rounded at up to 1.
        EmaDecay.at(options, s.toLong()) shouldBe (decay plusOrMinus 1.2e-7)
      }
    }

    test("the first update of a power-function average copies the weights, bit for bit") {
      NDManager.newBaseManager().use { manager ->
        val network = tinyNetwork(manager)
        val average = Ema(ema(0.05), network.weights())
        network.weights().values().values.forEach { it.muli(-3.7f).addi(0.1f) }
        average.update(network.weights(), 0)
        for ((name, value) in network.weights().values()) {
          average.weights().values().getValue(name).toFloatArray() shouldBe value.toFloatArray()
        }
      }
    }
  })
