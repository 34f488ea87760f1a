package io.github.diffusionhost.plugins.unet

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.kotest.assertions.withClue
import io.kotest.core.test.Enabled
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.readText
import kotlin.math.abs
import kotlin.math.sqrt

/** The golden numbers, which lie beside the repository; names are relative to `fixtures`. */
object Golden {
  private val folder: Path =
    (System.getenv("DIFFUSIONHOST_SHARED")?.let(Path::of)
        ?: Path.of(System.getProperty("repository.root"), "..", "shared"))
      .resolve("fixtures")

  val installed: Enabled =
    if (Files.isDirectory(folder)) Enabled.enabled
    else Enabled.disabled("no golden numbers in ${folder.toAbsolutePath().normalize()}")

  fun tensors(manager: NDManager, name: String): Map<String, NDArray> =
    SafetensorsFile.open(folder.resolve("$name.safetensors")).use { it.readAll(manager) }

  fun json(name: String): JsonObject = JsonParser.parseString(folder.resolve("$name.json").readText()).asJsonObject
}

/** The largest absolute difference to [expected] is at most [tolerance]. */
fun FloatArray.shouldBeWithin(tolerance: Double, expected: FloatArray) {
  size shouldBe expected.size
  for (i in indices) {
    withClue("element $i of $size is ${this[i]}, expected ${expected[i]} within $tolerance") {
      (abs(this[i].toDouble() - expected[i]) <= tolerance) shouldBe true
    }
  }
}

fun FloatArray.norm(): Double = sqrt(sumOf { it.toDouble() * it })

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
    UnetOptions.Norm.GROUP,
    config["dropout"].asDouble,
    UnetOptions.Downsample.CONV,
    config["downsample_padding"].asInt,
    config["flip_sin_to_cos"].asBoolean,
    config["freq_shift"].asDouble,
    !config["num_class_embeds"].isJsonNull,
  )
}
