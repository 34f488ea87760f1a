package io.github.diffusionhost.app.sample

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDScope
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.image.ImageGrid
import io.github.diffusionhost.engine.image.Png
import java.nio.file.Path
import kotlin.io.path.deleteIfExists

/**
 * A picture beside the output that shows the images while they are sampled, the last 256 of them; removed when sampling
 * ends.
 *
 * @param out where the images go
 * @param every how many steps of the sampler there are from picture to picture
 * @throws UserError if the images cannot be shown
 */
class SamplePreview(out: Path, private val every: Int, private val spec: ImageSpec) : AutoCloseable {
  private val shape = spec.shape
  private var finished = ByteArray(0)

  /** `grid.preview.png` beside `grid.png`, `digits.preview.png` beside the folder `digits`. */
  val path: Path = out.toAbsolutePath().normalize().let { it.resolveSibling("${baseName(it)}.preview.png") }

  init {
    if (shape.channels != 1 && shape.channels != 3) {
      throw UserError(
        "--preview-every: images of ${shape.channels} channels cannot be shown; leave it out",
        ExitCode.USAGE,
      )
    }
  }

  /** A step is done, counted from 1; [state] is the sampler's, [N,C,H,W]. */
  fun stepped(step: Int, state: NDArray) {
    if (step % every == 0) Png.write(path, ImageGrid.of(last(finished + bytes(state)), shape).render())
  }

  /** These images are done: bytes [N,C,H,W]. */
  fun sampled(images: NDArray) {
    finished = last(finished + images.toByteArray())
  }

  override fun close() {
    path.deleteIfExists()
  }

  private fun bytes(state: NDArray): ByteArray = NDScope().use { spec.normalization.toBytes(state).toByteArray() }

  private fun last(images: ByteArray): ByteArray {
    val most = MOST * shape.elements()
    return if (images.size <= most) images else images.copyOfRange(images.size - most, images.size)
  }

  private fun baseName(path: Path) = path.fileName.toString().removeSuffix(".png").removeSuffix(".safetensors")

  private companion object {
    const val MOST = 256
  }
}
