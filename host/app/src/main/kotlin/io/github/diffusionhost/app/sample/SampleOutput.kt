package io.github.diffusionhost.app.sample

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDArrays
import ai.djl.ndarray.NDList
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.NDScope
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.app.run.reason
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.app.words.withRemedy
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.image.ImageGrid
import io.github.diffusionhost.engine.image.Png
import io.github.diffusionhost.engine.safetensors.SafetensorsWriter
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.util.Locale
import kotlin.io.path.exists
import kotlin.io.path.isDirectory

/** Takes sampled images batch by batch. */
fun interface SampleSink {
  /**
   * Takes the next images.
   *
   * @param samples as the network sees pixels, [N,C,H,W] float32; valid during the call
   * @param images bytes, [N,C,H,W] uint8; valid during the call
   */
  fun add(samples: NDArray, images: NDArray)
}

/** Where sampled images go. */
sealed interface SampleOutput : SampleSink {
  /** Writes what is not written yet. */
  fun finish()

  companion object {
    /**
     * A PNG grid, a safetensors file or a folder of PNG files, by the name.
     *
     * @param folder whether the name was written with a slash at its end
     * @param manager the scope of what is kept until the end
     * @throws UserError if it cannot be there
     */
    fun of(path: Path, folder: Boolean, spec: ImageSpec, manager: NDManager): SampleOutput {
      val name = path.fileName?.toString().orEmpty().lowercase(Locale.ROOT)
      val parent = path.toAbsolutePath().parent
      return try {
        when {
          folder || path.isDirectory() || !name.contains('.') -> Files.createDirectories(path).let(::PngFolder)
          name.endsWith(".png") -> Files.createDirectories(parent).let { PngGrid(path, spec) }
          name.endsWith(".safetensors") -> Files.createDirectories(parent).let { TensorFile(path, manager) }
          else ->
            throw UserError(
              "--out $path: name a .png or .safetensors file, or a folder with a slash at its end",
              ExitCode.USAGE,
            )
        }
      } catch (e: IOException) {
        throw UserError("--out $path cannot be made: ${withRemedy(reason(e))}", ExitCode.FAILED, e)
      }
    }
  }
}

/** All images in one picture. */
private class PngGrid(private val path: Path, private val spec: ImageSpec) : SampleOutput {
  private var bytes = ByteArray(0)

  override fun add(samples: NDArray, images: NDArray) {
    bytes += images.toByteArray()
  }

  override fun finish() = Png.write(path, ImageGrid.of(bytes, spec.shape).render())
}

/** A picture for each image: `000000.png`, `000001.png`, … */
private class PngFolder(private val folder: Path) : SampleOutput {
  private var next = 0

  override fun add(samples: NDArray, images: NDArray) {
    for (i in 0 until images.shape[0]) {
      val file = folder.resolve(String.format(Locale.ROOT, "%06d.png", next++))
      images.get(i).use { image ->
        image.reshape(Shape(1).addAll(image.shape)).use { Png.write(file, ImageGrid.of(it).scale(1).render()) }
      }
    }
  }

  override fun finish() = check(folder.exists())
}

/** The tensors `samples` and `images`. */
private class TensorFile(private val path: Path, private val manager: NDManager) : SampleOutput {
  private val samples = NDList()
  private val images = NDList()

  override fun add(samples: NDArray, images: NDArray) {
    this.samples += kept(samples)
    this.images += kept(images)
  }

  override fun finish() {
    val tensors = linkedMapOf("samples" to join(samples), "images" to join(images))
    SafetensorsWriter.write(path, tensors, mapOf())
  }

  private fun kept(array: NDArray): NDArray {
    val copy = array.duplicate()
    NDScope.unregister(copy)
    copy.attach(manager)
    return copy
  }

  private fun join(batches: NDList): NDArray = if (batches.size == 1) batches[0] else NDArrays.concat(batches, 0)
}
