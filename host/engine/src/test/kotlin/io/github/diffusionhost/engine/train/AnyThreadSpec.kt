package io.github.diffusionhost.engine.train

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.scheduler.Sampling
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.data.ResidentDataset
import io.github.diffusionhost.engine.export.TorchScriptFile
import io.github.diffusionhost.engine.levels.EvaluationLoss
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.options.Execution
import io.github.diffusionhost.engine.random.HostNoise
import io.github.diffusionhost.engine.random.StagingBuffer
import io.github.diffusionhost.engine.sample.ImageGenerator
import io.github.diffusionhost.engine.sample.LevelPredictor
import io.github.diffusionhost.engine.sample.SamplePlan
import io.github.diffusionhost.engine.support.CountingDataset
import io.github.diffusionhost.engine.support.NoOptions
import io.github.diffusionhost.engine.support.TINY_IMAGES
import io.github.diffusionhost.engine.support.TINY_SHAPE
import io.github.diffusionhost.engine.support.TinyEuler
import io.github.diffusionhost.engine.support.TinyRun
import io.github.diffusionhost.engine.support.tinyNetwork
import io.github.diffusionhost.engine.support.tinyOptions
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import java.util.concurrent.Callable
import java.util.concurrent.CyclicBarrier
import java.util.concurrent.Executors
import kotlin.io.path.exists

/** A thread of its own, which has never seen the engine before. */
private fun <T> elsewhere(block: () -> T): T = together(block).single()

/** As many new threads, which begin at the same moment. */
private fun <T> together(vararg blocks: () -> T): List<T> {
  val pool = Executors.newFixedThreadPool(blocks.size)
  val start = CyclicBarrier(blocks.size)
  try {
    val tasks = blocks.map { block -> pool.submit(Callable { start.await().let { block() } }) }
    return tasks.map { it.get() }
  } finally {
    pool.shutdown()
  }
}

private fun trained(folder: Path, compile: Boolean): Map<String, List<Float>> =
  TinyRun(folder, tinyOptions(12, compile = compile)).use { run ->
    run.trainer.run { false } shouldBe Trainer.Outcome.FINISHED
    run.weights()
  }

private fun images(network: Network, manager: NDManager, compile: Boolean, seed: Long): List<Float> =
  ImageGenerator(network, TINY_IMAGES, manager, Execution.EAGER.withCompile(compile)).use { generator ->
    val plan = SamplePlan(TinyEuler.create(NoOptions()), 5, 2.0, listOf(0, 1, 2), seed)
    (0 until 20).flatMap { batch ->
      generator
        .generate(plan, network.weights(), 4 * batch, 4, null, Sampling.Listener.NONE)
        .use { it.toFloatArray() }
        .toList()
    }
  }

class AnyThreadSpec :
  FunSpec({
    for (compile in listOf(true, false)) {
      val how = if (compile) "compiled" else "operation by operation"

      test("a training made in one thread and run in another ends as one of a single thread, $how") {
        val alone = trained(tempdir().toPath(), compile)
        val run = elsewhere { TinyRun(tempdir().toPath(), tinyOptions(12, compile = compile)) }
        elsewhere { run.trainer.run { run.trainer.done() == 7L } } shouldBe Trainer.Outcome.STOPPED
        elsewhere { run.trainer.resume() }
        elsewhere { run.trainer.run { false } } shouldBe Trainer.Outcome.FINISHED
        elsewhere { run.weights().also { run.close() } } shouldBe alone
      }

      test("two trainings at once end as each does alone, $how") {
        val alone = trained(tempdir().toPath(), compile)
        val folders = List(2) { tempdir().toPath() }
        together({ trained(folders[0], compile) }, { trained(folders[1], compile) }) shouldBe listOf(alone, alone)
      }

      test("two samplings of one network at once give the images that each gives alone, $how") {
        NDManager.newBaseManager().use { manager ->
          val network = tinyNetwork(manager)
          val alone = listOf(3L, 4L).map { images(network, manager, compile, it) }
          together({ images(network, manager, compile, 3) }, { images(network, manager, compile, 4) }) shouldBe alone
        }
      }
    }

    test("a network is made, measured and written in threads of their own") {
      val file = tempdir().toPath().resolve("network.pt")
      val dataset = CountingDataset(40)
      NDManager.newBaseManager().use { manager ->
        val here = tinyNetwork(manager)
        val network = elsewhere { tinyNetwork(manager) }
        val data = ResidentDataset.load(dataset, manager)
        fun loss(of: Network) = EvaluationLoss(of, data, 5).of(32, 8)
        elsewhere { network.weights().load(here.weights().values()) }
        elsewhere { loss(network) } shouldBe loss(here)
        elsewhere { network.weights().copy().values().values.count { it.hasGradient() } } shouldBe 0
        fun prediction(of: Network, compile: Boolean) =
          LevelPredictor(of, ImageSpec.of(dataset), Execution.EAGER.withCompile(compile)).use { predictor ->
            predictor.use(of.weights(), HostNoise.single(manager, StagingBuffer(), 1))
            val labels = manager.create(longArrayOf(0, 1))
            predictor.of(manager.ones(Shape(2, 1, 4, 4)), 0.5, labels).toFloatArray().toList()
          }
        for (compile in listOf(true, false)) elsewhere { prediction(network, compile) } shouldBe
          prediction(here, compile)
        elsewhere { TorchScriptFile.write(network, TINY_SHAPE, true, file) }
        file.exists() shouldBe true
      }
    }
  })
