package io.github.diffusionhost.engine.compile

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.scheduler.Sampling
import io.github.diffusionhost.engine.options.Execution
import io.github.diffusionhost.engine.sample.ImageGenerator
import io.github.diffusionhost.engine.sample.SamplePlan
import io.github.diffusionhost.engine.step.CompiledStep
import io.github.diffusionhost.engine.step.FrozenStepException
import io.github.diffusionhost.engine.support.NoOptions
import io.github.diffusionhost.engine.support.TINY_IMAGES
import io.github.diffusionhost.engine.support.TinyEuler
import io.github.diffusionhost.engine.support.TinyRun
import io.github.diffusionhost.engine.support.TinyScheduler
import io.github.diffusionhost.engine.support.tinyNetwork
import io.github.diffusionhost.engine.support.tinyOptions
import io.github.diffusionhost.engine.train.RunDirectory
import io.github.diffusionhost.engine.train.Trainer
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

/** A program stands for the code of a plugin only as long as that code does the same whenever it runs. */
class FrozenStateSpec :
  FunSpec({
    beforeTest {
      World.factor = 1.0
      World.calls = 0
    }

    test("a scheduler that counts its calls trains as the code says") {
      NDManager.newBaseManager().use { manager ->
        lateinit var found: List<Double>
        warnings { found = losses(manager.step(Counting()), 30) }
        val plain = losses(manager.step(TinyScheduler), 30)
        // It was called a few times more than there were steps.
        found.take(10) shouldBe losses(manager.step(TinyScheduler, compile = false), 10)
        found.zip(plain).drop(20).forEach { (a, b) -> (a > 3 * b) shouldBe true }
      }
    }

    test("what changes later is found when it is looked for, with the place") {
      NDManager.newBaseManager().use { manager ->
        val step = manager.step(Weighted { loss, _ -> loss.mul(World.factor) })
        step.shouldBeInstanceOf<CompiledStep>()
        losses(step, 3)
        step.difference(2).shouldBeNull()
        World.factor = 10.0
        val found = step.difference(2).shouldNotBeNull()
        found shouldContain "the number given to mul at io.github.diffusionhost.engine.compile.FrozenStateSpec"
        found shouldContain "FrozenStateSpec.kt:"
        found shouldContain "was 1.0 and is 10.0"
      }
    }

    test("a weight that is read as an ordinary array is found after the first step") {
      NDManager.newBaseManager().use { manager ->
        val step = manager.step(denoiser = ::Bypassing)
        step.difference(0).shouldBeNull()
        losses(step, 1)
        step.difference(0).shouldNotBeNull() shouldContain "the numbers of an array of shape () given to mul"
      }
    }

    test("a training whose code changes stops, keeps no step in doubt, and can go on without compiling") {
      val folder = tempdir().toPath()
      val scheduler = Weighted { loss, _ -> loss.mul(World.factor) }
      TinyRun(folder, tinyOptions(23), scheduler = scheduler).use { run ->
        val said =
          shouldThrow<FrozenStepException> {
            run.trainer.run {
              if (run.trainer.done() == 12L) World.factor = 10.0
              false
            }
          }
        said.message shouldContain "steps 11 to 15 are in doubt"
        said.message shouldContain "was 1.0 and is 10.0"
        said.message shouldContain "the last good checkpoint is ${folder.resolve("checkpoints/step-000010")}"
        said.message shouldContain "train.compile=false"
      }
      RunDirectory(folder).checkpoints().listDirectoryEntries("step-*").map { it.name }.sorted() shouldBe
        listOf("step-000005", "step-000010")
      TinyRun(folder, tinyOptions(23, compile = false), scheduler = scheduler).use { run ->
        run.trainer.resume().get().state().step shouldBe 10
        run.trainer.run { false } shouldBe Trainer.Outcome.FINISHED
      }
    }

    test("a network that changes between samplings is sampled operation by operation from when that is seen") {
      NDManager.newBaseManager().use { manager ->
        val network = tinyNetwork(manager, denoiser = ::Worldly)
        fun generator(compile: Boolean) =
          ImageGenerator(network, TINY_IMAGES, manager, Execution.EAGER.withCompile(compile))
        val plan = SamplePlan(TinyEuler.create(NoOptions()), 5, 2.0, listOf(0, 1, 2), 11)
        fun ImageGenerator.images() =
          generate(plan, network.weights(), 0, 4, null, Sampling.Listener.NONE).toFloatArray().toList()
        val watched = generator(true)
        warnings { watched.images() }.shouldBeEmpty()
        World.factor = 2.0
        lateinit var found: List<Float>
        warnings { found = watched.images() }.single() shouldContain "was 1.0 and is 2.0"
        found shouldBe generator(false).images()
      }
    }
  })
