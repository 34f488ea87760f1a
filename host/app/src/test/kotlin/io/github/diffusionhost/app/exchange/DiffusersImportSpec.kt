package io.github.diffusionhost.app.exchange

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.github.diffusionhost.engine.safetensors.SafetensorsWriter
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

/** Folders of diffusers, whole and broken: a checkpoint, or one clear error and nothing left behind. */
class DiffusersImportSpec :
  FunSpec({
    val manager = autoClose(NDManager.newBaseManager("PyTorch"))

    fun folder(): Path = tempdir().toPath()

    fun import(from: Path, out: Path = folder().resolve("imported")): Path {
      val done = inProcess("import", "--diffusers", "$from", "--out", "$out")
      (done.exit to done.err) shouldBe (0 to "")
      return out
    }

    fun fault(from: Path, exit: Int = 1): String {
      val out = folder().resolve("refused")
      val failed = inProcess("import", "--diffusers", "$from", "--out", "$out")
      failed.exit shouldBe exit
      failed.err shouldNotContain "\tat "
      failed.err.trim().lines().size shouldBe 1
      Files.list(out.parent).use { it.count() } shouldBe 0L
      return failed.err
    }

    fun tensors(file: Path): Map<String, NDArray> = SafetensorsFile.open(file).use { it.readAll(manager) }

    fun Path.edit(change: (Map<String, Any?>) -> Map<String, Any?>): Path = apply {
      resolve("config.json").let { it.writeText(pythonJson(change(readJsonObject(it)))) }
    }

    fun Path.rewrite(change: (Map<String, NDArray>) -> Map<String, NDArray>): Path = apply {
      resolve(WEIGHTS).let { SafetensorsWriter.write(it, change(tensors(it)), mapOf("format" to "pt")) }
    }

    test("a bare network becomes a checkpoint with the same bits").config(enabledOrReasonIf = withUnets) {
      for (name in listOf("main", "class_cond", "google_style")) {
        val imported = tensors(import(UNETS.resolve(name)).resolve("model.safetensors"))
        val original = tensors(UNETS.resolve(name).resolve(WEIGHTS))
        imported.keys shouldBe original.keys
        for ((tensor, values) in original) imported.getValue(tensor) shouldBe values
      }
    }

    test("the config says what diffusers' says").config(enabledOrReasonIf = withUnets) {
      val plain = import(UNETS.resolve("main")).resolve("config.yaml").readText()
      for (line in
        listOf("channels: [16, 32, 32]", "attention: [1]", "shape: [3, 16, 16]", "classes: 0", "sampler: ddpm")) {
        plain shouldContain line
      }
      val labelled = import(UNETS.resolve("class_cond")).resolve("config.yaml").readText()
      for (line in listOf("classConditional: true", "classes: 10", "labelDropout: 0.0")) labelled shouldContain line
      val google = import(UNETS.resolve("google_style")).resolve("config.yaml").readText()
      for (line in listOf("headSize: 0", "downsamplePadding: 0", "flipSinToCos: false", "freqShift: 1.0", "1.0e-6")) {
        google shouldContain line
      }
    }

    test("a pipeline, its weights in one file or in parts, gives the same checkpoint as the bare network").config(
      enabledOrReasonIf = withUnets
    ) {
      val expected = import(UNETS.resolve("main"))
      val whole = folder().pipeline()
      val parts = folder().pipeline().also { it.resolve("unet").sharded(manager) }
      for (from in listOf(whole, parts)) {
        val imported = import(from)
        for (file in listOf("model.safetensors", "config.yaml")) {
          imported.resolve(file).readBytes().toList() shouldBe expected.resolve(file).readBytes().toList()
        }
      }
    }

    test("another scheduler becomes the process and the sampler of a run").config(enabledOrReasonIf = withUnets) {
      val scheduler =
        mapOf(
          "_class_name" to "DPMSolverMultistepScheduler",
          "_diffusers_version" to "0.30.0",
          "beta_schedule" to "scaled_linear",
          "use_karras_sigmas" to true,
          "lambda_min_clipped" to Double.NEGATIVE_INFINITY,
          "prediction_type" to "v_prediction",
        )
      val config = import(folder().pipeline(scheduler = scheduler)).resolve("config.yaml").readText()
      for (line in listOf("schedule: scaled-linear", "prediction: v", "sampler: dpmpp-2m", "karras: true")) {
        config shouldContain line
      }
    }

    test("attention under its names of the first releases is the same network").config(enabledOrReasonIf = withUnets) {
      val old = mapOf("to_q" to "query", "to_k" to "key", "to_v" to "value", "to_out.0" to "proj_attn")
      val from =
        folder().unet().rewrite { tensors ->
          tensors.mapKeys { (name, _) -> old.entries.fold(name) { n, (new, was) -> n.replace(".$new.", ".$was.") } }
        }
      val renamed = tensors(from.resolve(WEIGHTS)).keys.count { ".proj_attn." in it }
      renamed shouldBe tensors(UNETS.resolve("main/$WEIGHTS")).keys.count { ".to_out.0." in it }
      val imported = import(from).resolve("model.safetensors")
      imported.readBytes().toList() shouldBe
        import(UNETS.resolve("main")).resolve("model.safetensors").readBytes().toList()
      val both = folder().unet().rewrite { it + ("mid_block.attentions.0.query.bias" to manager.ones(Shape(32))) }
      fault(both) shouldContain "are two names of one tensor"
    }

    test("half-precision weights are widened").config(enabledOrReasonIf = withUnets) {
      val half = folder().unet().rewrite { all -> all.mapValues { it.value.toType(DataType.FLOAT16, true) } }
      val expected = tensors(UNETS.resolve("main/$WEIGHTS")).getValue("conv_in.weight").toType(DataType.FLOAT16, true)
      tensors(import(half).resolve("model.safetensors")).getValue("conv_in.weight") shouldBe
        expected.toType(DataType.FLOAT32, true)
    }

    test("a folder of averaged weights, with the average's settings in its config, is a network").config(
      enabledOrReasonIf = withUnets
    ) {
      // What diffusers' EMAModel.save_pretrained adds to the network's own config.
      val average =
        mapOf(
          "decay" to 0.9999,
          "min_decay" to 0.0,
          "optimization_step" to 500L,
          "update_after_step" to 0L,
          "use_ema_warmup" to true,
          "inv_gamma" to 1.0,
          "power" to 0.75,
        )
      val checkpoint = folder()
      checkpoint.resolve("unet").unet().rewrite { all -> all.mapValues { it.value.add(1) } }
      val from = checkpoint.resolve("unet_ema").unet().edit { it + average }
      val expected = import(UNETS.resolve("main"))
      val imported = import(from)
      for (file in listOf("model.safetensors", "config.yaml")) {
        imported.resolve(file).readBytes().toList() shouldBe expected.resolve(file).readBytes().toList()
      }
      fault(checkpoint) shouldContain
        "a network is in $checkpoint/unet and another one in $checkpoint/unet_ema: name that"
      fault(folder().unet().edit { it + ("power" to 0.75) }) shouldContain "power is unknown"
    }

    test("a network that predicts the image, in the words of older files, is imported as one").config(
      enabledOrReasonIf = withUnets
    ) {
      fun scheduler(vararg more: Pair<String, Any?>) =
        folder().pipeline(scheduler = mapOf("_class_name" to "DDPMScheduler", *more))
      val old = import(scheduler("predict_epsilon" to false)).resolve("config.yaml").readText()
      old shouldContain "prediction: sample"
      import(scheduler("predict_epsilon" to true)).resolve("config.yaml").readText() shouldContain "prediction: epsilon"
      fault(scheduler("predict_epsilon" to false, "prediction_type" to "epsilon")) shouldContain
        "predict_epsilon is false, which means the image, and prediction_type says another"
    }

    test("a variant of the weights is taken where there is no other, and several are a question").config(
      enabledOrReasonIf = withUnets
    ) {
      val variant = "diffusion_pytorch_model.fp16.safetensors"
      val expected = import(UNETS.resolve("main")).resolve("model.safetensors").readBytes().toList()
      val from = folder().unet().also { Files.move(it.resolve(WEIGHTS), it.resolve(variant)) }
      val out = folder().resolve("imported")
      val done = inProcess("import", "--diffusers", "$from", "--out", "$out")
      (done.exit to done.err) shouldBe (0 to "")
      done.out shouldContain "the weights are those of the variant $variant"
      out.resolve("model.safetensors").readBytes().toList() shouldBe expected
      Files.copy(from.resolve(variant), from.resolve("diffusion_pytorch_model.bf16.safetensors"))
      fault(from) shouldContain "diffusion_pytorch_model.bf16.safetensors and $variant; which one"
      Files.copy(from.resolve(variant), from.resolve(WEIGHTS))
      import(from).resolve("model.safetensors").readBytes().toList() shouldBe expected
      for (index in listOf("$WEIGHTS.index.fp16.json", "$WEIGHTS.fp16.index.json")) {
        val parts = folder().unet().sharded(manager)
        Files.move(parts.resolve("$WEIGHTS.index.json"), parts.resolve(index))
        import(parts).resolve("model.safetensors").readBytes().toList() shouldBe expected
      }
    }

    test("settings that the network cannot follow are named all at once").config(enabledOrReasonIf = withUnets) {
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

    test("classes and pipelines that nobody knows are refused by name").config(enabledOrReasonIf = withUnets) {
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

    test("a folder that is none, or has no weights, is one clear error").config(enabledOrReasonIf = withUnets) {
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

    test("hostile JSON is one clear error, wherever it lies").config(enabledOrReasonIf = withUnets) {
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

    test("corrupt safetensors are one clear error").config(enabledOrReasonIf = withUnets) {
      val whole = UNETS.resolve("main/$WEIGHTS").readBytes()
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

    test("tensors that are missing, left over, of another shape or kind are named").config(
      enabledOrReasonIf = withUnets
    ) {
      fault(folder().unet().rewrite { it - "conv_in.bias" }) shouldContain "the network's conv_in.bias is not in it"
      fault(folder().unet().rewrite { it + ("extra.weight" to manager.ones(Shape(2))) }) shouldContain
        "its extra.weight is not in the network"
      fault(folder().unet().rewrite { it + ("conv_in.bias" to manager.ones(Shape(17))) }) shouldContain
        "tensor conv_in.bias has shape (17), and the config's network wants (16)"
      fault(folder().unet().rewrite { it + ("conv_in.bias" to manager.ones(Shape(16), DataType.INT64)) }) shouldContain
        "tensor 'conv_in.bias' is I64"
      fault(folder().unet().edit { it + ("layers_per_block" to 3) }) shouldContain
        "the network's down_blocks.0.resnets.2.norm1.weight"
    }

    test("an index and its files that do not agree are one clear error").config(enabledOrReasonIf = withUnets) {
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

    test("the command line is checked before anything is read") {
      val both = inProcess("import", "--diffusers", "a", "--config", "b", "--weights", "c", "--out", "d")
      (both.exit to both.err.contains("--diffusers brings config and weights")) shouldBe (2 to true)
      val none = inProcess("import", "--out", "d")
      (none.exit to none.err.contains("name a folder by --diffusers")) shouldBe (2 to true)
      val there = folder()
      inProcess("import", "--diffusers", "a", "--out", "$there").let {
        it.exit shouldBe 2
        it.err shouldContain "is there already"
      }
    }
  })
