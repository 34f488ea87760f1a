package io.github.diffusionhost.plugins.unet

import com.google.gson.JsonObject

/** The options that a `config.json` of diffusers stands for. */
fun optionsOf(config: JsonObject): UnetOptions {
  val types = config.getAsJsonArray("down_block_types").map { it.asString }
  return UnetOptions(
    config.getAsJsonArray("block_out_channels").map { it.asInt },
    types.indices.filter { types[it].startsWith("Attn") },
    config["layers_per_block"].asInt,
    config["attention_head_dim"].let { if (it.isJsonNull) 0 else it.asInt },
    config["add_attention"].asBoolean,
    config["norm_num_groups"].asInt,
    config["norm_eps"].asDouble,
    UnetOptions.InputNorm.NONE,
    UnetOptions.Norm.GROUP,
    config["dropout"].asDouble,
    UnetOptions.Downsample.CONV,
    config["downsample_padding"].asInt,
    config["flip_sin_to_cos"].asBoolean,
    config["freq_shift"].asDouble,
    !config["num_class_embeds"].isJsonNull,
  )
}
