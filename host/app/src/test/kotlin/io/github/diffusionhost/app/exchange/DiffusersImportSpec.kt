package io.github.diffusionhost.app.exchange

import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.app.cli.inProcess
import io.kotest.core.annotation.Tags
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import kotlin.io.path.readBytes
import kotlin.io.path.readText

/** Folders of diffusers become checkpoints with the same bits. */
@Tags("Slow")
class DiffusersImportSpec :
  DiffusersSpec({
    test("a bare network becomes a checkpoint with the same bits") {
      for (name in NETWORKS) {
        val imported = tensors(import(network(name)).resolve("model.safetensors"))
        val original = tensors(network(name).resolve(WEIGHTS))
        imported.keys shouldBe original.keys
        for ((tensor, values) in original) imported.getValue(tensor) shouldBe values
      }
    }

    test("the config says what diffusers' says") {
      for (name in NETWORKS - "class_cond") {
        val plain = import(network(name)).resolve("config.yaml").readText()
        val words = readJsonObject(network(name).resolve("config.json"))
        val size = words["sample_size"]
        for (line in
          listOf(
            "channels: ${words["block_out_channels"]}",
            "attention: [1]",
            "shape: [${words["in_channels"]}, $size, $size]",
            "classes: 0",
            "sampler: ddpm",
          )) {
          plain shouldContain line
        }
      }
      val labelled = import(network("class_cond")).resolve("config.yaml").readText()
      for (line in listOf("classConditional: true", "classes: 10", "labelDropout: 0.0")) labelled shouldContain line
      val google = import(network("google_style")).resolve("config.yaml").readText()
      for (line in listOf("headSize: 0", "downsamplePadding: 0", "flipSinToCos: false", "freqShift: 1.0", "1.0e-6")) {
        google shouldContain line
      }
    }

    test("a pipeline, its weights in one file or in parts, gives the same checkpoint as the bare network") {
      val expected = import(network())
      val whole = folder().pipeline()
      val parts = folder().pipeline().also { it.resolve("unet").sharded(manager) }
      for (from in listOf(whole, parts)) {
        val imported = import(from)
        for (file in listOf("model.safetensors", "config.yaml")) {
          imported.resolve(file).readBytes().toList() shouldBe expected.resolve(file).readBytes().toList()
        }
      }
    }

    test("another scheduler becomes the process and the sampler of a run") {
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

    test("attention under its names of the first releases is the same network") {
      val old = mapOf("to_q" to "query", "to_k" to "key", "to_v" to "value", "to_out.0" to "proj_attn")
      val from =
        folder().unet().rewrite { tensors ->
          tensors.mapKeys { (name, _) -> old.entries.fold(name) { n, (new, was) -> n.replace(".$new.", ".$was.") } }
        }
      val renamed = tensors(from.resolve(WEIGHTS)).keys.count { ".proj_attn." in it }
      renamed shouldBe tensors(network().resolve(WEIGHTS)).keys.count { ".to_out.0." in it }
      val imported = import(from).resolve("model.safetensors")
      imported.readBytes().toList() shouldBe import(network()).resolve("model.safetensors").readBytes().toList()
      val both =
        folder().unet().rewrite {
          it + ("mid_block.attentions.0.query.bias" to it.getValue("mid_block.attentions.0.to_q.bias").add(1))
        }
      fault(both) shouldContain "are two names of one tensor"
    }

    test("half-precision weights are widened") {
      val half = folder().unet().rewrite { all -> all.mapValues { it.value.toType(DataType.FLOAT16, true) } }
      val expected = tensors(network().resolve(WEIGHTS)).getValue("conv_in.weight").toType(DataType.FLOAT16, true)
      tensors(import(half).resolve("model.safetensors")).getValue("conv_in.weight") shouldBe
        expected.toType(DataType.FLOAT32, true)
    }

    test("a folder of averaged weights, with the average's settings in its config, is a network") {
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
      val expected = import(network())
      val imported = import(from)
      for (file in listOf("model.safetensors", "config.yaml")) {
        imported.resolve(file).readBytes().toList() shouldBe expected.resolve(file).readBytes().toList()
      }
      fault(checkpoint) shouldContain
        "a network is in $checkpoint/unet and another one in $checkpoint/unet_ema: name that"
      fault(folder().unet().edit { it + ("power" to 0.75) }) shouldContain "power is unknown"
    }

    test("a network that predicts the image, in the words of older files, is imported as one") {
      fun scheduler(vararg more: Pair<String, Any?>) =
        folder().pipeline(scheduler = mapOf("_class_name" to "DDPMScheduler", *more))
      val old = import(scheduler("predict_epsilon" to false)).resolve("config.yaml").readText()
      old shouldContain "prediction: sample"
      import(scheduler("predict_epsilon" to true)).resolve("config.yaml").readText() shouldContain "prediction: epsilon"
      fault(scheduler("predict_epsilon" to false, "prediction_type" to "epsilon")) shouldContain
        "predict_epsilon is false, which means the image, and prediction_type says another"
    }

    test("a variant of the weights is taken where there is no other, and several are a question") {
      val variant = "diffusion_pytorch_model.fp16.safetensors"
      val expected = import(network()).resolve("model.safetensors").readBytes().toList()
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
