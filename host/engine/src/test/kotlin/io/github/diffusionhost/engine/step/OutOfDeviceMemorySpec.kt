package io.github.diffusionhost.engine.step

import ai.djl.Device
import ai.djl.engine.EngineException
import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.nn.Parameter
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.model.Denoiser
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.engine.batch.DatasetBatches
import io.github.diffusionhost.engine.data.ResidentDataset
import io.github.diffusionhost.engine.optimize.OptimizerOptions.Kind
import io.github.diffusionhost.engine.optimize.OptimizerState
import io.github.diffusionhost.engine.options.TrainOptions.Precision
import io.github.diffusionhost.engine.pass.Pass
import io.github.diffusionhost.engine.pass.Passes
import io.github.diffusionhost.engine.program.Argument
import io.github.diffusionhost.engine.program.Node
import io.github.diffusionhost.engine.program.Program
import io.github.diffusionhost.engine.program.ProgramBuilder
import io.github.diffusionhost.engine.program.TensorType
import io.github.diffusionhost.engine.support.CountingDataset
import io.github.diffusionhost.engine.support.Quiet
import io.github.diffusionhost.engine.support.TinyDenoiser
import io.github.diffusionhost.engine.support.TinyRun
import io.github.diffusionhost.engine.support.pretendedGpu
import io.github.diffusionhost.engine.support.tinyNetwork
import io.github.diffusionhost.engine.support.tinyOptions
import io.github.diffusionhost.engine.train.RunDirectory
import io.github.diffusionhost.engine.train.TrainListener
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.longs.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldMatch
import java.io.IOException
import java.nio.file.Path
import kotlin.io.path.listDirectoryEntries

private const val TEBIBYTE = 1L shl 40

/** Four TiB of zeros are added to what one operation gives. */
private object Greedy : Pass {
  override fun apply(program: Program): Program =
    program.with(
      program.nodes().flatMap { node ->
        if (node.op() != "aten::tanh") listOf(node)
        else {
          val many = ProgramBuilder().input(TensorType.of(DataType.FLOAT32, TEBIBYTE))
          val zero = ProgramBuilder().input(TensorType.of(DataType.FLOAT32))
          val right = ProgramBuilder().input(node.output().type())
          listOf(
            Node(
              "aten::zeros",
              listOf(Argument.of(*longArrayOf(TEBIBYTE))),
              Argument.factory(DataType.FLOAT32),
              listOf(many),
            ),
            Node("aten::sum", listOf(many), mapOf(), listOf(zero)),
            Node(node.op(), node.arguments(), node.named(), listOf(right)),
            Node("aten::add", listOf(right, zero), mapOf(), node.outputs()),
          )
        }
      }
    )
}

/** Fails when it is told to, [once] or from then on. */
private class Failing(
  private val once: Boolean = true,
  private val images: ImageDataset = CountingDataset(40),
  private val fault: () -> Exception = { EngineException("you tried to allocate 4398046511104 bytes. Error code 12") },
) : ImageDataset by images {
  @Volatile var now = false

  override fun mapped() = true

  override fun read(index: Int, target: ByteArray, offset: Int) {
    if (now) {
      now = !once // what was to be allocated is free again
      throw fault()
    }
    images.read(index, target, offset)
  }
}

/** What is said, and kept, where a device's memory does not do. */
class OutOfDeviceMemorySpec :
  FunSpec({
    fun <T> step(
      device: Device,
      room: Long,
      microBatch: Int?,
      greedy: Boolean = false,
      batch: Int = 8,
      denoiser: (Noise) -> Denoiser = ::TinyDenoiser,
      use: (CompiledStep, () -> Map<String, List<Float>>) -> T,
    ): T =
      NDManager.newBaseManager(device, "PyTorch").use { manager ->
        tinyNetwork(manager, denoiser = denoiser).use { network ->
          val data = ResidentDataset.load(CountingDataset(40), manager)
          val batches = DatasetBatches(data, manager, 5, 0.0)
          val optimizer = OptimizerState.of(adam(Kind.ADAM), network.trainable())
          val setup = TrainingSetup(network, batches, batch, microBatch, optimizer, 1.0, listOf())
          val passes = Passes.Choice { precision, constants ->
            val usual = Passes.of(precision, constants)
            if (greedy) Passes(usual.before(), usual.after() + Greedy) else usual
          }
          fun weights() = network.weights().values().mapValues { it.value.toFloatArray().toList() }
          CompiledStep(setup, Precision.FP32, passes) { _, _ -> room }.use { use(it, ::weights) }
        }
      }

    test("a GPU takes as many images at a time as fit beside the dataset, and divide the batch") {
      fun bytes(images: Int) = step(Device.cpu(), 0, images, batch = 240) { step, _ -> step.memory().bytes() }
      fun chosen(room: Long) = step(pretendedGpu(), room, null, batch = 240) { step, _ -> step.microBatch() }
      val pixels = 40L * 16
      chosen(Long.MAX_VALUE) shouldBe 240
      chosen(bytes(240) + pixels) shouldBe 240
      chosen(bytes(240) + pixels - 1) shouldBe 120
      chosen(bytes(80) + pixels) shouldBe 80
      chosen(bytes(80) + pixels - 1) shouldBe 60
    }

    test("where not one image fits, a GPU tries one at a time") {
      step(pretendedGpu(), 0, null) { step, _ -> step.microBatch() } shouldBe 1
    }

    test("a CPU does not ask how much there is, nor does anything that is told how many") {
      step(Device.cpu(), 0, null) { step, _ -> step.microBatch() } shouldBe 8
      step(pretendedGpu(), 0, 4) { step, _ -> step.microBatch() } shouldBe 4
    }

    test("the message says what a step takes, and how many images at a time fit; nothing is changed") {
      step(Device.cpu(), 5 * TEBIBYTE, 8, greedy = true) { step, weights ->
        val before = weights()
        shouldThrow<OutOfDeviceMemoryException> { step.run(0, 1e-2) }.message shouldMatch
          "4096.0 GiB for an array; a step takes about 4,194,30\\d MiB with 8 images at a time: " +
            "--set train.microBatchSize=4 takes about 4,194,30\\d MiB"
        step.intact() shouldBe true
        step.sums().steps() shouldBe 0
        weights() shouldBe before
      }
    }

    test("a network with forced weight normalisation is as whole as any other") {
      step(Device.cpu(), TEBIBYTE, 8, greedy = true, denoiser = ::Doubling) { step, _ ->
        shouldThrow<OutOfDeviceMemoryException> { step.run(0, 1e-2) }
        step.intact() shouldBe true
      }
    }

    test("libraries that do not say how much they asked for are understood") {
      for (said in listOf("std::bad_alloc", "CUDA error: out of memory", "CUBLAS_STATUS_ALLOC_FAILED when calling")) {
        OutOfDeviceMemoryException.asked(EngineException(said)).get() shouldBe "no room for an array"
      }
      OutOfDeviceMemoryException.asked(EngineException("CUDA error: device-side assert")).isPresent shouldBe false
    }

    test("where not even one image fits, it says so") {
      step(Device.cpu(), TEBIBYTE, 8, greedy = true) { step, _ ->
        shouldThrow<OutOfDeviceMemoryException> { step.run(0, 1e-2) }.message shouldEndWith
          "and there is room for 1,048,576 MiB: not even one image at a time would fit; a smaller network does, or " +
            "another device"
      }
    }

    /** A training that fails after its seventh step: what it says, and its folder. */
    fun <E : Exception> failed(failing: Failing, folder: Path, thrown: (() -> Unit) -> E): E {
      val listener =
        object : TrainListener by Quiet {
          override fun stepped(progress: TrainListener.Progress) {
            if (progress.done() == 7L) failing.now = true
          }
        }
      return TinyRun(folder, OPTIONS, listener, dataset = failing).use { run ->
        thrown { run.trainer.run { false } }
      }
    }

    // What is read ahead of the eighth step may be whole when the seventh ends.
    val saved = Regex(".*/step-00000[78]")

    test("a training writes what it has learnt first, and goes on from there") {
      val folder = tempdir().toPath()
      val failing = Failing()
      failed(failing, folder) { shouldThrow<OutOfDeviceMemoryException>(it) }.message shouldMatch
        ".*; the last good checkpoint is .*/checkpoints/step-00000[78], from which --resume goes on"
      TinyRun(folder, OPTIONS, dataset = failing).use { run ->
        run.trainer.resume().isPresent shouldBe true
        run.trainer.done() shouldBeGreaterThan 6
        run.trainer.run { false }
        val left =
          TinyRun(tempdir().toPath(), OPTIONS).use {
            it.trainer.run { false }
            it.weights()
          }
        run.weights() shouldBe left
      }
    }

    test("so does one whose images are gone for good") {
      val folder = tempdir().toPath()
      val gone = Failing(once = false) { IOException("images.bin was cut") }
      failed(gone, folder) { shouldThrow<IOException>(it) }.message shouldBe "images.bin was cut"
      RunDirectory(folder).checkpoints().listDirectoryEntries("step-*").single().toString() shouldMatch saved
    }
  })

private val OPTIONS = tinyOptions(12, checkpointEvery = 0)

/** Makes its weights twice as large before every step. */
private class Doubling(noise: Noise) : TinyDenoiser(noise) {
  override fun renormalized(pass: Forward): Map<Parameter, NDArray> =
    mapOf(hidden to pass.value(hidden, hidden.array).mul(2))
}
