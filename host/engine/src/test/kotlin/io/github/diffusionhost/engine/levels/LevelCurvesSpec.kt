package io.github.diffusionhost.engine.levels

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDList
import ai.djl.ndarray.types.Shape
import ai.djl.nn.Block
import ai.djl.nn.Parameter
import ai.djl.training.initializer.Initializer
import io.github.diffusionhost.api.model.CompositeBlock
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.scheduler.DenoisingNetwork
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.api.scheduler.TrainingLoss
import io.github.diffusionhost.engine.contract.WrongResultException
import io.github.diffusionhost.engine.log.MetricsLog
import io.github.diffusionhost.engine.support.TinyRun
import io.github.diffusionhost.engine.support.TinyScheduler
import io.github.diffusionhost.engine.support.tinyOptions
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readBytes

/** u(t) = slope·t. */
private class Slope : CompositeBlock() {
  val slope: Parameter = parameter("slope", Parameter.Type.WEIGHT, Initializer.ONES, Shape(1))

  override fun forward(pass: Forward, inputs: NDList) =
    NDList(inputs.singletonOrThrow().mul(pass.value(slope, inputs.singletonOrThrow())))
}

/** Learns a slope beside the network; tells of it as [told] makes of it. */
private class Sloped(private val told: (NDArray) -> NDArray = { it }) : Scheduler by TinyScheduler {
  private val slope = Slope()

  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss {
    val plain = TinyScheduler.loss(network, images, pass)
    val u = pass.apply(slope, plain.level())
    return TrainingLoss(plain.perImage().div(u.exp()).add(u), plain.squaredError(), plain.level())
  }

  override fun trainable(): Block = slope

  override fun curves(pass: Forward, levels: NDArray) = mapOf("u" to told(pass.apply(slope, levels)))
}

class LevelCurvesSpec :
  FunSpec({
    for (compile in listOf(true, false)) {
      test("a log has the scheduler's curves of the weights at its step, compiled: $compile") {
        val folder = tempdir().toPath()
        TinyRun(folder, tinyOptions(5, compile = compile), scheduler = Sloped()).use { run ->
          run.trainer.run { false }
          val rows = MetricsLog.read(run.directory.metrics())
          val names = listOf("0-0.25", "0.25-0.5", "0.5-0.75", "0.75-1").map { "u_by_level/$it" }
          val middles = listOf(0.125, Math.sqrt(0.125), Math.sqrt(0.375), Math.sqrt(0.75))
          val slope = run.weights().getValue("scheduler.slope").single().toDouble()
          slope shouldNotBe 1.0
          for ((name, middle) in names.zip(middles)) {
            rows.last().values.getValue(name) shouldBe (slope * middle plusOrMinus 1e-6)
            rows.first().values.getValue(name) shouldNotBe rows.last().values.getValue(name)
            val events = folder.listDirectoryEntries("events.out.tfevents.*").single().readBytes()
            (name in String(events, Charsets.ISO_8859_1)) shouldBe true
          }
        }
      }
    }

    test("a curve that is not one number for each level is named") {
      TinyRun(tempdir().toPath(), tinyOptions(3), scheduler = Sloped { it.mean() }).use { run ->
        shouldThrow<WrongResultException> { run.trainer.run { false } }.message!! shouldContain
          "it returned as u an array of shape (), which must be (4)"
      }
    }
  })
