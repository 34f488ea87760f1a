package io.github.diffusionhost.app.exchange

import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import io.kotest.core.annotation.Tags
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

/** Folders of diffusers that are broken or unknown: one clear error, and nothing left behind. */
@Tags("Slow")
class RefusedDiffusersSpec :
  DiffusersSpec({
    test("settings that the network cannot follow are named all at once") {
      val from =
        folder().unet().edit {
          it +
            mapOf(
              "resnet_time_scale_shift" to "scale_shift",
              "upsample_type" to "resnet",
              "time_embedding_type" to "fourier",
              "brand_new" to 3,
              "layers_per_block" to "two",
            )
        }
      fault(from).trim().removePrefix("error: ") shouldBe
        "$from/config.json (UNet2DModel) cannot be used: time_embedding_type is \"fourier\" (supported: " +
          "\"positional\"); upsample_type is \"resnet\" (supported: \"conv\"); resnet_time_scale_shift is " +
          "\"scale_shift\" (supported: \"default\"); layers_per_block is \"two\" and not a whole number; brand_new is " +
          "unknown (it is 3)"
    }

    test("classes and pipelines that nobody knows are refused by name") {
      fault(folder().unet().edit { it + ("_class_name" to "UNet2DConditionModel") }) shouldContain
        "no installed model knows the class UNet2DConditionModel; known: UNet2DModel"
      fault(folder().pipeline(scheduler = mapOf("_class_name" to "LCMScheduler"))) shouldContain
        "no installed scheduler knows the class LCMScheduler; known: DDIMScheduler, DDPMScheduler"
      val latent = folder().pipeline(index = mapOf("_class_name" to "LDMPipeline"))
      fault(latent) shouldContain "a LDMPipeline cannot be imported; DDPMPipeline or DDIMPipeline or PNDMPipeline can"
      val parts =
        mapOf(
          "_class_name" to "DDPMPipeline",
          "unet" to listOf("diffusers", "UNet2DModel"),
          "vqvae" to listOf("diffusers", "VQModel"),
        )
      fault(folder().pipeline(index = parts)) shouldContain
        "has unet, vqvae; a pipeline of scheduler, unet can be imported"
      val other =
        mapOf(
          "_class_name" to "DDPMPipeline",
          "unet" to listOf("mine", "UNet2DModel"),
          "scheduler" to listOf("diffusers", "DDPMScheduler"),
        )
      fault(folder().pipeline(index = other)) shouldContain "does not say [\"diffusers\", \"UNet2DModel\"]"
    }

    test("a folder that is none, or has no weights, is one clear error") {
      val empty = folder()
      fault(empty) shouldContain "$empty has neither a model_index.json (a pipeline) nor a config.json (a network)"
      val bare = folder().unet().also { Files.delete(it.resolve(WEIGHTS)) }
      fault(bare) shouldContain "$bare holds neither $WEIGHTS nor $WEIGHTS.index.json"
      bare.resolve("diffusion_pytorch_model.bin").writeText("a pickle")
      fault(bare).let {
        it shouldContain "diffusion_pytorch_model.bin is a pickle"
        it shouldContain "UNet2DModel.from_pretrained(\"$bare\").save_pretrained(\"NEW\", safe_serialization=True)"
      }
      val half = folder().pipeline().also { Files.delete(it.resolve("scheduler/scheduler_config.json")) }
      fault(half) shouldContain "scheduler_config.json: there is no such file"
    }

    test("hostile JSON is one clear error, wherever it lies") {
      val deep = "{\"a\": ".repeat(100_000)
      fault(folder().unet().also { it.resolve("config.json").writeText(deep) }) shouldContain "nested more than 32 deep"
      fault(folder().pipeline().also { it.resolve("model_index.json").writeText("[]") }) shouldContain
        "it does not begin with {"
      fault(
        folder().pipeline().also { it.resolve("scheduler/scheduler_config.json").writeText("{\"a\":1,\"a\":2}") }
      ) shouldContain "\"a\" is there twice"
      fault(folder().unet().edit { it - "_class_name" }) shouldContain "_class_name is missing"
      val eps = folder().unet().edit { it + ("norm_eps" to 2.0) }
      val message = fault(eps, exit = 2)
      message shouldContain "the config made of $eps/config.json:"
      message shouldContain "model.normEps: '2.0' is not a number"
    }

    test("corrupt safetensors are one clear error") {
      val whole = network().resolve(WEIGHTS).readBytes()
      for (content in
        listOf(
          ByteArray(0),
          whole.copyOf(100),
          whole.copyOf(whole.size - 4),
          whole + 0,
          "text".repeat(9).toByteArray(),
        )) {
        val from = folder().unet().also { it.resolve(WEIGHTS).writeBytes(content) }
        fault(from) shouldContain "$from/$WEIGHTS: "
      }
    }

    test("tensors that are missing, left over, of another shape or kind are named") {
      fault(folder().unet().rewrite { it - "conv_in.bias" }) shouldContain "the network's conv_in.bias is not in it"
      fault(folder().unet().rewrite { it + ("extra.weight" to manager.ones(Shape(2))) }) shouldContain
        "its extra.weight is not in the network"
      val config = readJsonObject(network().resolve("config.json"))
      val width = (config.getValue("block_out_channels") as List<*>).first() as Long
      fault(folder().unet().rewrite { it + ("conv_in.bias" to manager.ones(Shape(width + 1))) }) shouldContain
        "tensor conv_in.bias has shape (${width + 1}), and the config's network wants ($width)"
      val whole = folder().unet().rewrite { it + ("conv_in.bias" to manager.ones(Shape(width), DataType.INT64)) }
      fault(whole) shouldContain "tensor 'conv_in.bias' is I64"
      val layers = config["layers_per_block"] as Long
      fault(folder().unet().edit { it + ("layers_per_block" to layers + 1) }) shouldContain
        "the network's down_blocks.0.resnets.$layers.norm1.weight"
    }

    test("an index and its files that do not agree are one clear error") {
      fun broken(index: (Map<String, String>) -> Map<String, Any?>) = fault(folder().unet().sharded(manager, index))
      val first = "diffusion_pytorch_model-00001-of-00002.safetensors"
      broken { it.mapValues { (name, file) -> if (name == "conv_in.bias") "no.safetensors" else file } } shouldContain
        "no.safetensors: there is no such file"
      broken { it + ("ghost" to first) } shouldContain "says that ghost is in $first, and it is not"
      broken { it - "conv_in.bias" } shouldContain "$first holds conv_in.bias, of which"
      broken { mapOf() } shouldContain "has no weight_map"
      for (file in
        listOf("../secret.safetensors", "/etc/x.safetensors", "a\\b.safetensors", "weights.bin", "..", 7, null)) {
        broken { it + ("conv_in.bias" to file) } shouldContain "a .safetensors file beside it is expected"
      }
      val gone = folder().unet().sharded(manager).also { Files.delete(it.resolve(first)) }
      fault(gone) shouldContain "$first: there is no such file"
      val text = folder().unet().sharded(manager).also { it.resolve("$WEIGHTS.index.json").writeText("{") }
      fault(text) shouldContain "index.json is not usable JSON"
    }
  })
