package io.github.diffusionhost.plugins.unet

import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.exchange.ExchangedModel
import io.github.diffusionhost.api.exchange.ForeignConfig
import io.github.diffusionhost.engine.support.golden.norm
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.maps.shouldContainAll
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

class UnetDiffusersSpec :
  FunSpec({
    val exchange = UnetProvider().diffusers()

    fun config(values: Map<String, Any?>) = ForeignConfig("config.json", values + ("_class_name" to "UNet2DModel"))

    fun read(vararg values: Pair<String, Any?>) = exchange.read(config(mapOf("sample_size" to 32L, *values)))

    fun fault(vararg values: Pair<String, Any?>) = shouldThrow<IllegalArgumentException> { read(*values) }.message!!

    val two =
      arrayOf(
        "block_out_channels" to listOf(32L, 64L),
        "down_block_types" to listOf("DownBlock2D", "AttnDownBlock2D"),
        "up_block_types" to listOf("AttnUpBlock2D", "UpBlock2D"),
      )

    test("a config that says nothing but its size is the class's defaults") {
      val model = read()
      model.shape() shouldBe ImageShape(3, 32, 32)
      model.labelValues() shouldBe 0
      with(model.options()) {
        channels() shouldBe listOf(224, 448, 672, 896)
        attention() shouldBe listOf(1, 2, 3)
        layersPerBlock() shouldBe 2
        headSize() shouldBe 8
        midAttention() shouldBe true
        normGroups() shouldBe 32
        normEps() shouldBe 1e-5
        dropout() shouldBe 0.0
        downsamplePadding() shouldBe 1
        flipSinToCos() shouldBe true
        freqShift() shouldBe 0.0
        classConditional() shouldBe false
      }
    }

    test("recipe R1 is written as the CIFAR-10 model is configured, and read back") {
      val model = ExchangedModel(UnetOptions.CIFAR10, ImageShape(3, 32, 32), 0)
      val written = exchange.write(model)
      // From the manifest of the published model.
      written shouldContainAll
        mapOf(
          "sample_size" to 32,
          "block_out_channels" to listOf(128, 256, 256, 256),
          "down_block_types" to listOf("DownBlock2D", "AttnDownBlock2D", "DownBlock2D", "DownBlock2D"),
          "up_block_types" to listOf("UpBlock2D", "UpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
          "attention_head_dim" to 8,
          "dropout" to 0.1,
          "norm_eps" to 1e-5,
          "num_class_embeds" to null,
        )
      exchange.read(config(written.mapValues { (_, value) -> asJson(value) })) shouldBe model
    }

    test("labels, one head and images that are not square go there and back") {
      val options =
        read(*two, "attention_head_dim" to null, "num_class_embeds" to 11L, "sample_size" to listOf(16L, 24L))
      options.labelValues() shouldBe 11
      options.shape() shouldBe ImageShape(3, 16, 24)
      options.options().headSize() shouldBe 0
      options.options().classConditional() shouldBe true
      exchange.write(options) shouldContainAll
        mapOf("attention_head_dim" to null, "num_class_embeds" to 11, "sample_size" to listOf(16, 24))
      exchange.read(config(exchange.write(options).mapValues { (_, value) -> asJson(value) })) shouldBe options
    }

    for ((words, row) in
      mapOf(
        "a setting of another network" to (listOf("act_fn" to "gelu") to "act_fn is \"gelu\" (supported: \"silu\")"),
        "no middle" to (listOf("mid_block_type" to null) to "mid_block_type is null"),
        "attention on one way only" to
          (listOf("up_block_types" to listOf("UpBlock2D", "UpBlock2D")) to
            "up_block_types has attention at levels [], and down_block_types at [1]"),
        "a block of another kind" to
          (listOf("down_block_types" to listOf("DownBlock2D", "SkipDownBlock2D")) to
            "down_block_types has \"SkipDownBlock2D\" (supported: DownBlock2D, AttnDownBlock2D)"),
        "lists of different lengths" to
          (listOf("block_out_channels" to listOf(32L, 64L, 64L)) to "has 2 levels, and block_out_channels 3"),
        "no size" to (listOf("sample_size" to null) to "sample_size does not say the images' rows and columns"),
        "a size of three" to (listOf("sample_size" to listOf(8L, 8L, 8L)) to "sample_size does not say"),
        "a negative size" to (listOf("sample_size" to -8L) to "sample_size does not say"),
        "no channels" to (listOf("in_channels" to 0L, "out_channels" to 0L) to "in_channels is not positive"),
        "other channels out than in" to
          (listOf("out_channels" to 6L) to "out_channels is 6 (supported: in_channels, 3)"),
        "heads of nothing" to (listOf("attention_head_dim" to 0L) to "attention_head_dim is 0 and not positive"),
        "no labels at all" to (listOf("num_class_embeds" to 0L) to "num_class_embeds is 0 and not positive"),
        "a setting of a later release" to (listOf("brand_new" to true) to "brand_new is unknown (it is true)"),
        "groups that divide nothing" to (listOf("norm_num_groups" to 7L) to "normGroups 7 does not divide"),
      )) {
      test("refused by name: $words") { fault(*two, *row.first.toTypedArray()) shouldContain row.second }
    }

    test("what the class cannot be is refused by the option's name") {
      fun refusal(options: UnetOptions) =
        shouldThrow<IllegalArgumentException> { exchange.write(ExchangedModel(options, ImageShape(3, 32, 32), 0)) }
      fun tiny(
        norm: UnetOptions.Norm,
        downsample: UnetOptions.Downsample,
        inputNorm: UnetOptions.InputNorm = UnetOptions.InputNorm.NONE,
      ) =
        with(UnetOptions.TINY) {
          UnetOptions(
            channels(),
            attention(),
            layersPerBlock(),
            headSize(),
            midAttention(),
            normGroups(),
            normEps(),
            inputNorm,
            norm,
            dropout(),
            downsample,
            downsamplePadding(),
            flipSinToCos(),
            freqShift(),
            classConditional(),
          )
        }
      refusal(tiny(UnetOptions.Norm.BATCH, UnetOptions.Downsample.CONV)).message shouldContain "firstNorm is batch"
      refusal(tiny(UnetOptions.Norm.GROUP, UnetOptions.Downsample.CONV, UnetOptions.InputNorm.BATCH))
        .message shouldContain "inputNorm is batch"
      refusal(tiny(UnetOptions.Norm.GROUP, UnetOptions.Downsample.MAX_POOL)).message shouldContain
        "downsample is max-pool"
    }
  })

/** A value as a JSON file gives it. */
private fun asJson(value: Any?): Any? =
  when (value) {
    is Int -> value.toLong()
    is List<*> -> value.map(::asJson)
    else -> value
  }
