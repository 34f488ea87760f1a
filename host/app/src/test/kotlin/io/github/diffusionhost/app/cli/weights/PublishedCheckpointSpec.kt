package io.github.diffusionhost.app.cli.weights

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.github.diffusionhost.engine.safetensors.SafetensorsWriter
import io.github.diffusionhost.engine.support.golden.GoldenSet
import io.github.diffusionhost.engine.support.golden.golden
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Path
import kotlin.io.path.createTempDirectory
import kotlin.io.path.exists
import kotlin.io.path.writeText

/**
 * Checkpoints of xfetus/edm2-multi-gpu as its training saves them: `nn_model.*` and `reweight_mlp.*`, in what PyTorch,
 * `torch.compile` and ema-pytorch wrap around them.
 */
@Tags("Slow")
class PublishedCheckpointSpec :
  FunSpec({
    val home = tempdir().toPath()

    fun each(words: String, test: PublishedCheckpoint.() -> Unit) {
      for ((letter, trained) in listOf("c" to "plain", "e" to "normalized")) {
        golden("$letter: $words", "edm2/unet_$letter/config", "edm2/unet_$letter/weights") { set ->
          NDManager.newBaseManager("PyTorch").use { manager ->
            PublishedCheckpoint(set, letter, trained, manager, createTempDirectory(home)).test()
          }
        }
      }
    }

    val wrappers =
      mapOf<String, (Map<String, NDArray>) -> Map<String, NDArray>>(
        "as saved" to { it },
        "of several devices" to { it.below("module.") },
        "compiled" to { it.below("_orig_mod.") },
        "compiled on several devices" to { it.below("module._orig_mod.") },
        "of several compiled networks" to { it.below("_orig_mod.module.") },
        "compiled in part" to { all -> all.mapKeys { it.key.replace("nn_model.down.", "nn_model._orig_mod.down.") } },
        "an average" to { it.below("ema_model.") },
        "an average of several devices' network" to { it.below("ema_model.module._orig_mod.") },
      )
    for ((words, wrapped) in wrappers) {
      each("the published layout is imported with u(sigma), $words") {
        val out = folder.resolve("imported $words")
        val done = import(saved(words, wrapped(published)), out)
        (done.exit to done.err) shouldBe (0 to "")
        done.out shouldNotContain "not used"
        shouldHold(out)
      }
    }

    each("without a trained uncertainty u(sigma) is left out, and that is said") {
      val out = folder.resolve("no-u")
      val done = import(saved("no-u", published.below("module.")), out, "none")
      (done.exit to done.err) shouldBe (0 to "")
      done.out shouldContain "not used: module.reweight_mlp.* (3 tensors)"
      shouldHold(out, uncertainty = false)
    }

    each("of the trained weights and their average the average is taken, and that is said") {
      val scalar = manager.ones(Shape())
      for (outer in listOf("", "EMA.")) {
        val both =
          published.other().below("${outer}online_model.module.") +
            published.below("${outer}ema_model.module.") +
            mapOf("${outer}initted" to scalar, "${outer}step" to scalar) +
            (if (outer.isEmpty()) mapOf() else published.other().below("MODEL.module."))
        val file = saved("both$outer", both)
        val out = folder.resolve("average$outer")
        val done = import(file, out)
        (done.exit to done.err) shouldBe (0 to "")
        done.out shouldContain "the average of the weights is taken: ${outer}ema_model.module.nn_model.*"
        done.out shouldContain "--weights-prefix"
        shouldHold(out)
      }
    }

    each("another copy can be asked for, by the beginning of its names") {
      val file = saved("asked", published.below("online_model.") + published.other().below("ema_model."))
      for (prefix in listOf("online_model", "online_model.nn_model.")) {
        val out = folder.resolve("asked $prefix")
        import(file, out, trained, "--weights-prefix", prefix).exit shouldBe 0
        shouldHold(out)
      }
      val failed = import(file, folder.resolve("nowhere"), trained, "--weights-prefix", "onlin")
      failed.exit shouldBe 2
      failed.err shouldContain "--weights-prefix onlin: the network is not below it; it is below"
      folder.resolve("nowhere").exists() shouldBe false
    }

    each("two copies of which none is an average are a question") {
      val failed = import(saved("two", published.below("a.") + published.other().below("b.")), folder.resolve("two"))
      failed.exit shouldBe 2
      failed.err shouldContain "holds the network 2 times; say which one: --weights-prefix a.nn_model or"
    }

    each("weights of the network alone are refused with the option that fits them") {
      val network = published.filterKeys { it.startsWith("nn_model.") }
      val file = saved("alone", network)
      val failed = import(file, folder.resolve("alone"))
      failed.exit shouldBe 1
      failed.err shouldContain "For weights of the network alone add --set scheduler.uncertainty=none"
      failed.err.trim().lines().size shouldBe 1
      val out = folder.resolve("alone-none")
      import(file, out, trained, "--set", "scheduler.uncertainty=none").exit shouldBe 0
      shouldHold(out, uncertainty = false)
      val bare = folder.resolve("bare")
      import(saved("bare", network.mapKeys { it.key.removePrefix("nn_model.") }), bare, "none").exit shouldBe 0
      shouldHold(bare, uncertainty = false)
    }

    each("a tensor that is missing, left over or of another shape is still refused by name") {
      fun fault(all: Map<String, NDArray>): String =
        import(saved("broken", all), folder.resolve("broken")).also { it.exit shouldBe 1 }.err
      fault(published - "nn_model.image_proj.weight") shouldContain "the network's image_proj.weight is not in it"
      fault(published + ("nn_model.extra" to manager.ones(Shape(2)))) shouldContain
        "its nn_model.extra is not in the network"
      fault(published + ("nn_model.image_proj.weight" to manager.ones(Shape(2)))) shouldContain "has shape (2)"
      fault(published + ("reweight_mlp.linear.weight" to manager.ones(Shape(1, 9)))) shouldContain
        "not what the config's scheduler trains"
      folder.resolve("broken").exists() shouldBe false
    }

    each("a checkpoint of a run with u(sigma) fits a config without") {
      val own = saved("own", expected(uncertainty = true))
      val with = folder.resolve("own-with")
      import(own, with).let { (it.exit to it.err) shouldBe (0 to "") }
      shouldHold(with)
      val without = folder.resolve("own-without")
      import(own, without, "none").out shouldContain "not used: scheduler.* (3 tensors)"
      shouldHold(without, uncertainty = false)
    }
  })

private fun Map<String, NDArray>.below(prefix: String) = mapKeys { prefix + it.key }

private fun Map<String, NDArray>.other() = mapValues { (_, values) -> values.add(1) }

/** A network of the golden numbers, and what its files are made into. */
private class PublishedCheckpoint(
  set: GoldenSet,
  private val letter: String,
  val trained: String,
  val manager: NDManager,
  val folder: Path,
) {
  val published = set.tensors(manager, "edm2/unet_$letter/weights")

  private val network = set.json("edm2/unet_$letter/config").getAsJsonObject("network")

  private fun config(uncertainty: String): Path {
    val width = network["n_channels"].asInt
    val channels = network.getAsJsonArray("ch_mults").map { it.asInt * width }
    val attention = network.getAsJsonArray("is_attn").map { it.asBoolean }
    val levels = attention.indices.filter { attention[it] }
    val shape = network.getAsJsonArray("image_shape")
    return folder.resolve("$uncertainty.yaml").also {
      it.writeText(
        """
        model: { use: edm2-$letter, channels: $channels, attention: $levels, blocks: ${network["n_blocks"]}, dropout: 0 }
        scheduler: { use: edm2, uncertainty: $uncertainty }
        dataset: { use: none, shape: $shape, classes: 0 }
        """
          .trimIndent()
      )
    }
  }

  fun import(file: Path, out: Path, uncertainty: String = trained, vararg more: String) =
    inProcess("import", "--config", "${config(uncertainty)}", "--weights", "$file", "--out", "$out", *more)

  fun saved(name: String, all: Map<String, NDArray>): Path =
    folder.resolve("$name.safetensors").also { SafetensorsWriter.write(it, all, mapOf()) }

  /** The published tensors under the names of a run's checkpoint. */
  fun expected(uncertainty: Boolean) =
    published.entries
      .filter { uncertainty || !it.key.startsWith("reweight_mlp.") }
      .associate { (name, values) ->
        name.removePrefix("nn_model.").replace("reweight_mlp.", "scheduler.") to values
      }

  fun shouldHold(checkpoint: Path, uncertainty: Boolean = true) {
    val file = checkpoint.resolve("model.safetensors")
    val imported = SafetensorsFile.open(file).use { it.readAll(manager) }
    val wanted = expected(uncertainty)
    imported.keys shouldBe wanted.keys
    for ((name, values) in wanted) withClue(name) { imported.getValue(name) shouldBe values }
  }
}
