package io.github.diffusionhost.engine.compile

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.nn.Parameter
import ch.qos.logback.classic.Logger
import ch.qos.logback.classic.spi.ILoggingEvent
import ch.qos.logback.core.read.ListAppender
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.model.Denoiser
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.scheduler.DenoisingNetwork
import io.github.diffusionhost.api.scheduler.Sampling
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.api.scheduler.TrainingLoss
import io.github.diffusionhost.engine.batch.DatasetBatches
import io.github.diffusionhost.engine.data.ResidentDataset
import io.github.diffusionhost.engine.optimize.Optimizer
import io.github.diffusionhost.engine.options.OptimizerOptions
import io.github.diffusionhost.engine.options.TrainOptions.Precision
import io.github.diffusionhost.engine.sample.ImageGenerator
import io.github.diffusionhost.engine.sample.SamplePlan
import io.github.diffusionhost.engine.step.CompiledStep
import io.github.diffusionhost.engine.step.EagerStep
import io.github.diffusionhost.engine.step.FrozenStepException
import io.github.diffusionhost.engine.step.StepCompiler
import io.github.diffusionhost.engine.step.StepSums
import io.github.diffusionhost.engine.step.TrainingSetup
import io.github.diffusionhost.engine.step.TrainingStep
import io.github.diffusionhost.engine.support.CountingDataset
import io.github.diffusionhost.engine.support.NoOptions
import io.github.diffusionhost.engine.support.TINY_SHAPE
import io.github.diffusionhost.engine.support.TinyDenoiser
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
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.lang.reflect.Proxy
import java.nio.FloatBuffer
import java.util.BitSet
import java.util.Random
import java.util.concurrent.atomic.AtomicInteger
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import org.slf4j.LoggerFactory

/** What no field of a plugin holds: a clock, a file, a setting of the process. */
private object World {
  var factor = 1.0
  var calls = 0
}

/** The tiny scheduler with something done to its losses. */
private open class Weighted(private val change: (NDArray, Forward) -> NDArray) : Scheduler by TinyScheduler {
  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss {
    val loss = TinyScheduler.loss(network, images, pass)
    return TrainingLoss(change(loss.perImage(), pass), loss.squaredError(), loss.level())
  }
}

private class Counting : Weighted({ loss, _ -> loss }) {
  private var calls = 0

  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss {
    val factor = if (calls++ < 20) 1 else 10
    val loss = TinyScheduler.loss(network, images, pass)
    return TrainingLoss(loss.perImage().mul(factor), loss.squaredError(), loss.level())
  }
}

/** Holds what counts behind other objects. */
private class Deep : Weighted({ loss, _ -> loss }) {
  private val held = listOf(mapOf("calls" to AtomicInteger()))

  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss {
    held[0].getValue("calls").incrementAndGet()
    return super.loss(network, images, pass)
  }
}

/** Counts in bits. */
private class Bits : Weighted({ loss, _ -> loss }) {
  private val held = BitSet()

  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss {
    held.set(held.cardinality())
    return super.loss(network, images, pass)
  }
}

/** Counts by where it reads. */
private class Reading : Weighted({ loss, _ -> loss }) {
  private val held = FloatBuffer.allocate(100)

  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss {
    held.get()
    return super.loss(network, images, pass)
  }
}

/** Remembers what it has worked out for a number of images. */
private class Caching : Weighted({ loss, _ -> loss }) {
  private val factors = HashMap<Long, FloatArray>()
  private var first: String? = null

  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss {
    factors.computeIfAbsent(images.shape[0]) { FloatArray(3) }
    first = first ?: "${images.shape.dimension()}"
    return super.loss(network, images, pass)
  }
}

private class Keeping : Weighted({ loss, _ -> loss }) {
  private var before: NDArray? = null

  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss {
    val loss = super.loss(network, images, pass)
    val mixed = before?.let { loss.perImage().add(it.mean()) } ?: loss.perImage()
    before = loss.perImage()
    return TrainingLoss(mixed, loss.squaredError(), loss.level())
  }
}

private class Renormalizing(noise: Noise) : TinyDenoiser(noise) {
  private var calls = 0

  override fun renormalized(pass: Forward): Map<Parameter, NDArray> {
    calls++
    return mapOf(hidden to pass.value(hidden, hidden.array).mul(if (calls < 30) 1.0 else 0.5))
  }
}

/** Its prediction depends on a number that is not given to it. */
private class Worldly(noise: Noise) : TinyDenoiser(noise) {
  override fun predict(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?): NDArray =
    super.predict(pass, x, noiseCondition, labels).mul(World.factor)
}

/** Reads a weight as an ordinary array, so that its value of that moment becomes a constant. */
private class Bypassing(noise: Noise) : TinyDenoiser(noise) {
  override fun predict(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?): NDArray =
    super.predict(pass, x, noiseCondition, labels).mul(hidden.array.norm())
}

/** Does something else when it is recorded. */
private class TwoFaced(noise: Noise) : TinyDenoiser(noise) {
  override fun predict(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?): NDArray =
    super.predict(pass, x, noiseCondition, labels).mul(if (Proxy.isProxyClass(x.javaClass)) 1 else 3)
}

private class Flipping(private val images: ImageDataset, private val random: Random = Random(3)) :
  ImageDataset by images {
  override fun augment(images: NDArray, noise: Noise): NDArray = if (random.nextInt(1000) == 0) images.neg() else images
}

private fun NDManager.step(
  scheduler: Scheduler = TinyScheduler,
  compile: Boolean = true,
  dataset: ImageDataset = CountingDataset(40),
  denoiser: (Noise) -> Denoiser = ::TinyDenoiser,
): TrainingStep {
  val network = tinyNetwork(this, scheduler = scheduler, denoiser = denoiser)
  val batches = DatasetBatches(ResidentDataset.load(dataset, this), dataset, this, 5, 0.0)
  val options = OptimizerOptions.DEFAULTS
  val optimizer = Optimizer.of(options, network.trainable())
  val setup = TrainingSetup(network, batches, 8, null, optimizer, options, 1.0, listOf())
  return StepCompiler.step(setup, Precision.FP32, compile)
}

private fun warnings(block: () -> Unit): List<String> {
  val logger = LoggerFactory.getLogger("io.github.diffusionhost.engine") as Logger
  val appender = ListAppender<ILoggingEvent>().apply { start() }
  logger.addAppender(appender)
  try {
    block()
  } finally {
    logger.detachAppender(appender)
  }
  return appender.list.map { it.formattedMessage }
}

private fun losses(step: TrainingStep, count: Long): List<Double> =
  (0 until count).map {
    step.restart(StepSums.NONE)
    step.run(it, 1e-2)
    step.sums().loss()
  }

/** A program stands for the code of a plugin only as long as that code does the same whenever it runs. */
class FrozenStateSpec :
  FunSpec({
    beforeTest {
      World.factor = 1.0
      World.calls = 0
    }

    fun refused(what: String, make: NDManager.() -> TrainingStep, message: String) =
      test("$what runs operation by operation, and a warning names it") {
        NDManager.newBaseManager().use { manager ->
          lateinit var step: TrainingStep
          val said = warnings { step = manager.make() }.single()
          said shouldContain message
          said shouldNotContain "batch size"
          step.shouldBeInstanceOf<EagerStep>()
        }
      }

    refused("a scheduler that counts its calls", { step(Counting()) }, "Counting.calls went from ")
    refused("a set of bits that grows", { step(Bits()) }, "Bits.held went from {0, 1, 2} to {0, 1, 2, 3}")
    refused("a buffer that is read on", { step(Reading()) }, "Reading.held changed")
    refused("a count deep in what a scheduler holds", { step(Deep()) }, "Deep.held went from 3 to 4")
    refused(
      "an augmentation with a random generator",
      { step(dataset = Flipping(CountingDataset(40))) },
      "Flipping.random changed",
    )
    refused("a renormalisation that counts", { step(denoiser = ::Renormalizing) }, "Renormalizing.calls went from ")
    refused(
      "a number from outside that is another each time",
      { step(Weighted { loss, _ -> loss.mul(1 + World.calls++) }) },
      "the number given to mul at io.github.diffusionhost.engine.compile.FrozenStateSpec",
    )
    refused(
      "a change between recordings of two batch sizes",
      { step(Weighted { loss, _ -> if (World.calls++ < 2) loss.mul(2) else loss.add(2) }) },
      "was mul and is add",
    )
    refused(
      "the probability of a draw that changes",
      {
        step(
          Weighted { loss, pass ->
            loss.add(
              pass.noise().bernoulli(loss.shape, if (World.calls++ < 3) 0.5 else 0.1).toType(loss.dataType, false)
            )
          }
        )
      },
      "Bernoulli[probability=0.1]",
    )
    refused("an array kept from call to call", { step(Keeping()) }, "that an earlier call has made is used again")
    refused(
      "code that does something else when it is recorded",
      { step(denoiser = ::TwoFaced) },
      "the loss of an image is ",
    )

    test("a draw whose probability depends on the batch size is told as that") {
      NDManager.newBaseManager().use { manager ->
        val drawing = Weighted { loss, pass ->
          loss.add(pass.noise().bernoulli(loss.shape, 1.0 / loss.shape[0]).toType(loss.dataType, false))
        }
        warnings { manager.step(drawing).shouldBeInstanceOf<EagerStep>() }.single() shouldContain
          "what is drawn or which weight is updated depends on the batch size"
      }
    }

    test("what is worked out once for each number of images may be kept") {
      NDManager.newBaseManager().use { manager ->
        warnings { manager.step(Caching()).shouldBeInstanceOf<CompiledStep>() }.shouldBeEmpty()
      }
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
        fun generator(compile: Boolean) = ImageGenerator(network, TINY_SHAPE, 3, manager, Precision.FP32, compile)
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
