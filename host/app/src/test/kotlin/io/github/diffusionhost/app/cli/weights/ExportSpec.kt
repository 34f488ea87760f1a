package io.github.diffusionhost.app.cli.weights

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDList
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import ai.djl.repository.zoo.Criteria
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.cli.installed
import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.config.bind.NoDataset
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.run.TINY_RUN
import io.github.diffusionhost.engine.checkpoint.CheckpointFolder
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.trace.NoDraws
import io.github.diffusionhost.engine.train.RunFiles
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.floats.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.writeText

/** A network of random weights with the folder of its checkpoint. */
private class Exported(val folder: Path, val network: Network, val classes: Int, private val manager: NDManager) {
  /** Random images, conditions and, where there are classes, labels. */
  fun inputs(count: Long): NDList {
    val inputs = NDList(manager.randomNormal(Shape(count, 1, 28, 28)), manager.randomUniform(0f, 1f, Shape(count)))
    if (classes > 0) inputs.add(manager.arange(count.toInt()).toType(DataType.INT64, false))
    return inputs
  }

  fun predict(inputs: NDList): NDArray {
    val pass = Forward.of(network.weights().store(), false, NoDraws.INSTANCE)
    return network.predict(pass, inputs[0], inputs[1], inputs.getOrNull(2))
  }
}

@Tags("Slow")
class ExportSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val manager = autoClose(NDManager.newBaseManager("PyTorch"))

    fun exported(classes: Int): Exported {
      val config = folder.resolve("$classes.yaml")
      val dataset = "dataset: { use: none, shape: [1, 28, 28], classes: $classes }"
      val guided = if (classes > 0) TINY_RUN else TINY_RUN.replace("labelDropout: 0.1", "").replace("guidance: 1.5", "")
      config.writeText(guided.replace(Regex("dataset: .*"), dataset))
      val koin = installed(folder)
      val run = koin.get<RunConfigReader>().read(ConfigRequest(config))
      val images = (run.dataset as NoDataset).let { ImageSpec(it.shape, it.classes, it.normalization) }
      val network = autoClose(koin.get<RunAssembly>().network(run, images, manager))
      network.weights().load(network.weights().values().mapValues { manager.randomNormal(it.value.shape).mul(0.1f) })
      val average = network.weights().values().mapValues { it.value.mul(0.5f) }
      val files = mapOf(RunFiles.MODEL to network.weights().values(), RunFiles.ema(0) to average)
      val written =
        CheckpointFolder(folder.resolve("checkpoints-$classes"))
          .write(images.untrained(), files, mapOf(RunFiles.CONFIG to run.toYaml()))
      return Exported(written, network, classes, manager)
    }

    val labelled by lazy { exported(10) }

    fun export(from: Exported, out: Path, vararg more: String) =
      inProcess("export", "--format", "torchscript", "--checkpoint", "${from.folder}", "--out", "$out", *more)

    fun load(file: Path) =
      Criteria.builder()
        .setTypes(NDList::class.java, NDList::class.java)
        .optModelPath(file)
        .optEngine("PyTorch")
        .build()
        .loadModel()

    for (classes in listOf(10, 0)) {
      test("a network with $classes classes predicts the same when it is loaded again, for any number of images") {
        val from = if (classes == 10) labelled else exported(classes)
        val file = folder.resolve("new/network-$classes.pt")
        val ended = export(from, file, "--weights", "model")
        ended.err shouldBe ""
        ended.exit shouldBe 0
        ended.out shouldContain "forward(x [N,1,28,28] float32, condition [N] float32"
        if (classes == 0) ended.out shouldNotContain "labels"
        load(file).use { model ->
          model.newPredictor().use { predictor ->
            for (count in listOf(1L, 5L)) {
              val inputs = from.inputs(count)
              val expected = from.predict(inputs).toFloatArray()
              val found = predictor.predict(inputs).singletonOrThrow()
              found.shape shouldBe Shape(count, 1, 28, 28)
              (expected.maxOf { kotlin.math.abs(it) } > 1e-2f) shouldBe true
              found.toFloatArray().forEachIndexed { i, value -> value shouldBe (expected[i] plusOrMinus 1e-5f) }
            }
          }
        }
      }
    }

    test("a network that uses no labels of images that have some takes none when it is exported") {
      val config = folder.resolve("unlabelled.yaml")
      val dataset = "dataset: { use: none, shape: [1, 28, 28], classes: 10 }"
      val plain =
        TINY_RUN.replace("labelDropout: 0.1", "")
          .replace("guidance: 1.5", "")
          .replace("patch: 7", "patch: 7, classConditional: false")
      config.writeText(plain.replace(Regex("dataset: .*"), dataset))
      val koin = installed(folder)
      val run = koin.get<RunConfigReader>().read(ConfigRequest(config))
      val images = (run.dataset as NoDataset).let { ImageSpec(it.shape, it.classes, it.normalization) }
      val network = autoClose(koin.get<RunAssembly>().network(run, images, manager))
      network.weights().load(network.weights().values().mapValues { manager.randomNormal(it.value.shape).mul(0.1f) })
      val written =
        CheckpointFolder(folder.resolve("checkpoints-unlabelled"))
          .write(
            images.untrained(),
            mapOf(RunFiles.MODEL to network.weights().values()),
            mapOf(RunFiles.CONFIG to run.toYaml()),
          )
      val from = Exported(written, network, 0, manager)
      val file = folder.resolve("unlabelled.pt")
      val ended = export(from, file)
      ended.exit to ended.err shouldBe (0 to "")
      ended.out shouldContain "forward(x [N,1,28,28] float32, condition [N] float32) ->"
      val inputs = from.inputs(3)
      val labels = manager.arange(3).toType(DataType.INT64, false)
      val pass = Forward.of(network.weights().store(), false, NoDraws.INSTANCE)
      val expected = network.predict(pass, inputs[0], inputs[1], labels).toFloatArray()
      load(file).use { model ->
        model.newPredictor().use { predictor ->
          val found = predictor.predict(inputs).singletonOrThrow().toFloatArray()
          found.forEachIndexed { i, value -> value shouldBe (expected[i] plusOrMinus 1e-5f) }
        }
      }
    }

    test("without --weights the first average is written") {
      val file = folder.resolve("average.pt")
      export(labelled, file).exit shouldBe 0
      val inputs = labelled.inputs(2)
      val own = labelled.network.weights()
      val before = own.values().mapValues { it.value.duplicate() }
      own.load(before.mapValues { it.value.mul(0.5f) })
      val expected = labelled.predict(inputs).toFloatArray()
      own.load(before)
      load(file).use { model ->
        model.newPredictor().use { predictor ->
          val found = predictor.predict(inputs).singletonOrThrow().toFloatArray()
          found.forEachIndexed { i, value -> value shouldBe (expected[i] plusOrMinus 1e-5f) }
        }
      }
    }

    test("a file that is there is left alone") {
      val file = folder.resolve("there.pt").also { it.writeText("mine") }
      val ended = export(labelled, file)
      ended.exit shouldBe 2
      ended.err shouldContain "$file is there already"
      file.toFile().readText() shouldBe "mine"
    }

    test("nothing but the file is left behind") {
      val place = folder.resolve("alone")
      export(labelled, place.resolve("network.pt")).exit shouldBe 0
      place.listDirectoryEntries().map { it.name } shouldContainExactlyInAnyOrder listOf("network.pt")
    }

    test("an unknown format is wrong usage, with the ones there are") {
      val ended = inProcess("export", "--format", "onnx", "--checkpoint", "x", "--out", "${folder.resolve("x.pt")}")
      ended.exit shouldBe 2
      ended.err shouldContain "invalid choice: onnx"
      ended.err shouldContain "torchscript"
    }

    for ((words, arguments, message) in
      listOf(
        Triple("a checkpoint that is not there", arrayOf("--checkpoint", "$folder/nothing"), "there is no such folder"),
        Triple("weights that are not there", arrayOf("--weights", "best"), "the checkpoint has model, ema"),
        Triple("an option that is not there", arrayOf("--set", "model.nope=1"), "nope"),
      )) {
      test("one clear message for $words") {
        val ended = export(labelled, folder.resolve("refused.pt"), *arguments)
        (ended.exit in 1..2) shouldBe true
        ended.err shouldContain message
        ended.err shouldNotContain "\tat "
      }
    }
  })
