package io.github.diffusionhost.engine.data

import ai.djl.Device
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import ch.qos.logback.classic.Level
import ch.qos.logback.classic.Logger
import ch.qos.logback.classic.spi.ILoggingEvent
import ch.qos.logback.core.read.ListAppender
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.engine.batch.DatasetBatches
import io.github.diffusionhost.engine.contract.WrongResultException
import io.github.diffusionhost.engine.levels.LevelBins
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.optimize.OptimizerOptions
import io.github.diffusionhost.engine.optimize.OptimizerState
import io.github.diffusionhost.engine.options.TrainOptions
import io.github.diffusionhost.engine.reference.LinearReference
import io.github.diffusionhost.engine.step.CompiledStep
import io.github.diffusionhost.engine.step.EagerStep
import io.github.diffusionhost.engine.step.StepSums
import io.github.diffusionhost.engine.step.TrainingSetup
import io.github.diffusionhost.engine.support.CountingDataset
import io.github.diffusionhost.engine.support.TINY_SHAPE
import io.github.diffusionhost.engine.support.TinyScheduler
import io.github.diffusionhost.engine.support.WatchedDataset
import io.github.diffusionhost.engine.support.pretendedGpu
import io.github.diffusionhost.engine.support.tinyNetwork
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.longs.shouldBeGreaterThan
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import java.io.IOException
import java.io.UncheckedIOException
import java.nio.LongBuffer
import java.nio.file.Files
import java.nio.file.Path
import org.slf4j.LoggerFactory

private val SGD = OptimizerOptions(OptimizerOptions.Kind.SGD, 1e-2, listOf(0.9, 0.999), 1e-8, 0.0, 0.9)

@Tags("Slow")
class StreamedDatasetSpec :
  FunSpec({
    /** Losses and weights of some steps. */
    fun train(
      dataset: ImageDataset,
      compiled: Boolean,
      rounds: Int,
      most: Long = Long.MAX_VALUE,
    ): Pair<List<StepSums>, Any> =
      NDManager.newBaseManager().use { manager ->
        tinyNetwork(manager).use { network ->
          val data = TrainingImages.of(dataset, manager, most)
          val setup =
            TrainingSetup(
              network,
              DatasetBatches(data, manager, 5, if (data.labelled()) 0.3 else 0.0),
              8,
              8 / rounds,
              OptimizerState.of(SGD, network.trainable()),
              1.0,
              listOf(),
              LevelBins.of(network.scheduler()),
            )
          (if (compiled) CompiledStep(setup, TrainOptions.Precision.FP32) else EagerStep(setup)).use { step ->
            val sums =
              (0L until 20).map {
                step.restart(StepSums.NONE)
                step.run(it, 1e-2)
                step.sums()
              }
            sums to network.weights().values().mapValues { it.value.toFloatArray().toList() }
          }
        }
      }

    test("of a GPU's memory a quarter is for images, and never more than 2 GiB") {
      ResidentLimit.of(pretendedGpu()) { 4000 } shouldBe 1000
      ResidentLimit.of(pretendedGpu()) { 80L shl 30 } shouldBe Int.MAX_VALUE.toLong()
      ResidentLimit.of(Device.cpu()) { error("no GPU is asked") } shouldBe Int.MAX_VALUE.toLong()
    }

    test("only a dataset that says that it is mapped stays where it is") {
      NDManager.newBaseManager().use { manager ->
        TrainingImages.of(CountingDataset(4), manager).shouldBeInstanceOf<ResidentDataset>()
        TrainingImages.of(Mapped(CountingDataset(4)), manager).shouldBeInstanceOf<StreamedDataset>()
      }
    }

    for (compiled in listOf(false, true)) for (rounds in listOf(1, 4)) for (classes in listOf(0, 3)) {
      val how = listOf("eager".takeIf { !compiled } ?: "compiled", "in $rounds parts", "with $classes classes")
      test("a mapped dataset trains as a resident one, bit for bit: ${how.joinToString()}") {
        val dataset = CountingDataset(40, classes)
        train(Mapped(dataset), compiled, rounds) shouldBe train(dataset, compiled, rounds)
      }
    }

    test("size, shape, labels, checksum and statistics are those of the resident images") {
      for (classes in listOf(0, 3)) {
        val dataset = CountingDataset(300, classes)
        NDManager.newBaseManager().use { manager ->
          val resident = ResidentDataset.load(dataset, manager)
          val mapped = StreamedDataset.of(Mapped(dataset), manager)
          mapped.size() shouldBe 300
          mapped.shape() shouldBe TINY_SHAPE
          mapped.labelled() shouldBe (classes > 0)
          if (classes > 0) (0 until 300).map(mapped::label) shouldContainExactly (0 until 300).map { it % 3 }
          mapped.sha256() shouldBe resident.sha256()
          val some = intArrayOf(299, 0, 7)
          mapped.choose(some).toByteArray().asList() shouldContainExactly resident.choose(some).toByteArray().asList()
          val references = listOf(resident, mapped).map { LinearReference.of(it) }
          references[1].pixelVariance() shouldBe references[0].pixelVariance()
        }
      }
    }

    test("a window shows what it is asked for and keeps its array") {
      NDManager.newBaseManager().use { manager ->
        val dataset = CountingDataset(40)
        val window = StreamedDataset.of(Mapped(dataset), manager).window(3, manager)
        val images = window.images()
        images.shape shouldBe Shape(3, 1, 4, 4)
        images.dataType shouldBe DataType.UINT8
        fun bytes(index: Int) = ByteArray(16).also { dataset.read(index, it, 0) }.asList()
        val places = LongBuffer.allocate(3)
        for (indices in listOf(intArrayOf(39, 0, 5), intArrayOf(7, 7, 8))) {
          window.show(indices, places)
          places.array().asList() shouldContainExactly listOf(0L, 1L, 2L)
          images.toByteArray().asList() shouldContainExactly indices.flatMap(::bytes)
        }
        window.show(intArrayOf(1), places)
        images.toByteArray().asList() shouldContainExactly listOf(1, 7, 8).flatMap(::bytes)
        shouldThrow<IllegalArgumentException> { window.show(IntArray(4), LongBuffer.allocate(4)) }.message shouldBe
          "4 images do not fit a window of 3"
      }
    }

    test("an image that cannot be read stops the step with its own message") {
      NDManager.newBaseManager().use { manager ->
        val dataset = Broken(7)
        val batches = DatasetBatches(StreamedDataset.of(dataset, manager), manager, 5, 0.0)
        val failure = shouldThrow<UncheckedIOException> { for (step in 0L until 5) batches.inputs(step, 8, 0, 8) }
        failure.cause!!.message shouldBe "image 7 is broken"
      }
    }

    test("a dataset that breaks its contract is one clear error, mapped or not") {
      NDManager.newBaseManager().use { manager ->
        shouldThrow<WrongResultException> { TrainingImages.of(Mapped(CountingDataset(0)), manager) }.message shouldBe
          "the dataset has no images"
        val wrong =
          object : ImageDataset by Mapped(CountingDataset(4)) {
            override fun mapped() = true

            override fun label(index: Int) = index
          }
        shouldThrow<WrongResultException> { TrainingImages.of(wrong, manager) }.message shouldBe
          "image 3 has label 3, and the dataset has 3 classes"
      }
    }

    test("whoever reads a dataset at random is not given what was written beside an image's place, mapped or not") {
      for (mapped in listOf(false, true)) {
        val beside =
          object : ImageDataset by CountingDataset(4) {
            override fun mapped() = mapped

            override fun read(index: Int, target: ByteArray, offset: Int) {
              if (index == 2) target[offset + 16] = 1
            }
          }
        shouldThrow<WrongResultException> {
            val dataset = InMemoryDataset.unlessMapped(beside)
            for (i in 3 downTo 0) dataset.read(i, ByteArray(64), i * 16)
          }
          .message shouldBe "of image 2 it wrote beside the 16 bytes from the offset that it was given"
      }
    }

    test("a dataset that is not mapped and larger than what may be resident is streamed, and the log says so once") {
      val dataset = CountingDataset(40)
      NDManager.newBaseManager().use { manager ->
        said { TrainingImages.of(dataset, manager, 640).shouldBeInstanceOf<ResidentDataset>() }.shouldBeEmpty()
        said { TrainingImages.of(Mapped(dataset), manager, 0).shouldBeInstanceOf<StreamedDataset>() }.shouldBeEmpty()
        said { TrainingImages.of(dataset, manager, 639).shouldBeInstanceOf<StreamedDataset>() } shouldContainExactly
          listOf(
            "the dataset's 40 images have 640 bytes, of which up to 639 stay in memory: each image is read anew when it " +
              "is trained on, ahead of its step"
          )
      }
    }

    for (compiled in listOf(false, true)) for (rounds in listOf(1, 4)) {
      val how = listOf("eager".takeIf { !compiled } ?: "compiled", "in $rounds parts").joinToString()
      test("a dataset that is too large to be resident trains as a resident one, bit for bit: $how") {
        val dataset = CountingDataset(41)
        train(dataset, compiled, rounds, most = 100) shouldBe train(dataset, compiled, rounds)
      }
    }

    test("of images that are too many to be resident every one is looked at before anything is begun") {
      NDManager.newBaseManager().use { manager ->
        shouldThrow<IOException> { TrainingImages.of(Broken(39, false), manager, 639) }.message shouldBe
          "image 39 is broken"
        val dataset = WatchedDataset(40, mapped = false)
        TrainingImages.of(dataset, manager, 639).use { data ->
          dataset.reads.map { it.index } shouldContainExactly (0 until 40).toList()
          data.sha256() shouldBe ResidentDataset.load(CountingDataset(40, 0), manager).sha256()
          dataset.reads.size shouldBe 40
          SharedDataset(data).read(7, ByteArray(16), 0)
          dataset.reads.map { it.index }.drop(40) shouldContainExactly listOf(7)
        }
      }
    }

    test("a CPU keeps up to 2 GiB, and no limit makes it more") {
      ResidentLimit.of(Device.cpu()) shouldBe Int.MAX_VALUE.toLong()
      ResidentLimit(Long.MAX_VALUE).admits(Endless(1_000_000, 2)) shouldBe false
      NDManager.newBaseManager().use { manager ->
        shouldThrow<IllegalArgumentException> { ResidentDataset.load(Endless(1_000_000, 2), manager) }.message shouldBe
          "the dataset's 1,000,000 images need 12,288,000,000 bytes in memory, where up to 2 GiB fit"
      }
    }

    test("training on ten million images, 120 GB, takes no memory for them but eight bytes each").config(
      enabled = Files.exists(STATUS)
    ) {
      NDManager.newBaseManager().use { manager ->
        val dataset = Endless(10_000_000, 3)
        10_000_000L * dataset.shape().elements() shouldBeGreaterThan 100L shl 30
        val network = Network.initialize(ScaleDenoiser(), TinyScheduler, dataset.shape(), true, manager)
        val data = TrainingImages.of(dataset, manager)
        val resident = residentBytes()
        val setup =
          TrainingSetup(
            network,
            DatasetBatches(data, manager, 5, 0.0),
            16,
            8,
            OptimizerState.of(SGD, network.trainable()),
            0.0,
            listOf(),
          )
        CompiledStep(setup, TrainOptions.Precision.FP32).use { step ->
          for (number in 0L until 200) step.run(number, 1e-2)
          step.sums().steps() shouldBe 200
        }
        data.close() // and with it the reading of a step that does not come
        (dataset.reads in 200L * 16..201L * 16) shouldBe true
        val before = dataset.reads
        LinearReference.of(data).images() shouldBe 2000
        dataset.reads shouldBe before + 2000
        // The order of an epoch is 40 MB; the rest is what the process takes anyway.
        residentBytes() - resident shouldBeLessThan (1L shl 30)
      }
    }
  })

private val STATUS = Path.of("/proc/self/status")

/** What the log says of memory. */
private fun said(block: () -> Unit): List<String> {
  val logger = LoggerFactory.getLogger(ResidentLimit::class.java) as Logger
  val appender = ListAppender<ILoggingEvent>().apply { start() }
  logger.addAppender(appender)
  logger.level = Level.INFO
  block()
  logger.level = null
  logger.detachAppender(appender)
  return appender.list.map { it.formattedMessage }
}

/** Bytes of this process that are in memory. */
private fun residentBytes(): Long =
  Files.readAllLines(STATUS).first { it.startsWith("VmRSS") }.filter(Char::isDigit).toLong() shl 10
