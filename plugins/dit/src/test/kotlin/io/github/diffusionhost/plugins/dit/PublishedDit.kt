package io.github.diffusionhost.plugins.dit

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import com.google.gson.JsonObject
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.engine.support.golden.GoldenSet

/** How the names of this plugin's parameters begin, and those of the golden numbers don't. */
internal const val PREFIX = "transformer_model."

/** The embeddings and the orders of positions of the golden numbers. */
internal val VARIANTS =
  listOf("plutils", "diffusers").flatMap { e -> listOf("as_published", "aligned").map { "${e}_$it" } }

/** The network that `dit/config` of a set describes. */
internal class PublishedDit(private val golden: GoldenSet) {
  private val config = golden.json("dit/config")
  private val model: JsonObject = config.getAsJsonObject("model")
  private val size = config.getAsJsonArray("image_size").map { it.asInt }
  val image = ImageShape(model["img_channels"].asInt, size[0], size[1])
  val classes = model["num_classes"].asInt
  val tokens = config["tokens"].asInt
  private val values = image.elements() / tokens
  val patches = Patches(image, model["patch_size"].asInt)

  fun options(variant: String): DitOptions =
    OptionsSpec.of(DitProvider().defaults())
      .create(
        mapOf(
          "patch" to model["patch_size"].asInt,
          "width" to model["transformer_dim"].asInt,
          "layers" to model["num_layers"].asInt,
          "heads" to model["num_heads"].asInt,
          "kvHeads" to model["num_kv_heads"].asInt,
          "headSize" to model["head_dim"].asInt,
          "mlpFactor" to model["mlp_hidden_size_factor"].asInt,
          "theta" to model["rope_theta"].asDouble,
          "timeSize" to model["time_emb_dim"].asInt,
          "classSize" to model["class_emb_dim"].asInt,
          "positions" to if (variant.endsWith("aligned")) "aligned" else "as-published",
          "timeEmbedding" to if (variant.startsWith("diffusers")) "diffusers" else "published",
        )
      )

  fun weights(manager: NDManager): Map<String, NDArray> =
    golden.tensors(manager, "dit/weights").mapKeys { PREFIX + it.key }

  /** Where value [v] of token [t] of image [n] lies in an image batch: "b (h w) (c p q)" and "b c (h p) (w q)". */
  private fun pixel(n: Int, t: Int, v: Int): Int {
    val p = patches.size
    val channel = v / (p * p)
    val row = t / (image.width() / p) * p + v % (p * p) / p
    val column = t % (image.width() / p) * p + v % p
    return ((n * image.channels() + channel) * image.height() + row) * image.width() + column
  }

  private fun pixel(i: Int) = pixel(i / (tokens * values), i / values % tokens, i % values)

  /** Images [N,C,H,W] as tokens [N,T,C·p·p]. */
  fun packed(images: FloatArray) = FloatArray(images.size) { images[pixel(it)] }

  /** Tokens [N,T,C·p·p] as images [N,C,H,W]. */
  fun unpacked(tokens: FloatArray): FloatArray {
    val images = FloatArray(tokens.size)
    tokens.forEachIndexed { i, value -> images[pixel(i)] = value }
    return images
  }

  fun unpacked(tokens: NDArray): NDArray =
    tokens.manager.create(unpacked(tokens.toFloatArray()), image.batch(tokens.shape[0]))
}
