package io.github.diffusionhost.app.exchange

import io.github.diffusionhost.app.config.source.printable
import io.github.diffusionhost.app.words.UserError
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

/**
 * The weights in a network's folder: one file, or the parts that an index names. Where only a variant is there, such as
 * `diffusion_pytorch_model.fp16.safetensors`, that.
 *
 * @param className of the network, for a message
 */
internal class DiffusersWeights(private val folder: Path, private val className: String) {
  private val plain =
    listOf(DiffusersFiles.WEIGHTS, DiffusersFiles.WEIGHTS_INDEX).map(folder::resolve).firstOrNull(Files::exists)

  /** @throws UserError if there are none, or several variants and nothing to choose by */
  fun open(): TensorFiles {
    val file = plain ?: variant() ?: throw none()
    return if (file.name.endsWith(".json")) TensorFiles.ofIndex(file) else TensorFiles.of(file)
  }

  /** Which variant is taken, if one is. */
  fun note(): String? =
    if (plain != null) null else variant()?.let { "the weights are those of the variant ${printable(it.name)}" }

  private fun variant(): Path? {
    if (!Files.isDirectory(folder)) return null
    val variants = folder.listDirectoryEntries().filter { VARIANT.matches(it.name) }.sortedBy { it.name }
    if (variants.size > 1) {
      throw UserError(
        "$folder holds ${variants.joinToString(" and ") { printable(it.name) }}; which one is to be imported? Give it " +
          "the name ${DiffusersFiles.WEIGHTS}"
      )
    }
    return variants.firstOrNull()
  }

  private fun none(): UserError {
    val pickle = folder.resolve(DiffusersFiles.PICKLE)
    return UserError(
      if (Files.exists(pickle)) {
        "$pickle is a pickle, which can run anything when it is opened; here it never is. In Python, " +
          "$className.from_pretrained(\"$folder\").save_pretrained(\"NEW\", safe_serialization=True) makes a " +
          "folder that can be imported"
      } else {
        "$folder holds neither ${DiffusersFiles.WEIGHTS} nor ${DiffusersFiles.WEIGHTS_INDEX}"
      }
    )
  }

  private companion object {
    /** Variants of one file, and of an index, whose variant stands before or after the word. */
    val VARIANT = Regex("""diffusion_pytorch_model\.([\w]+\.safetensors|safetensors\.(\w+\.index|index\.\w+)\.json)""")
  }
}
