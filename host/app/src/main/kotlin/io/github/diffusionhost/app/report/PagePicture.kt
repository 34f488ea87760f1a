package io.github.diffusionhost.app.report

import io.github.diffusionhost.api.text.Printable
import java.awt.RenderingHints
import java.awt.image.BufferedImage
import java.io.ByteArrayOutputStream
import java.io.IOException
import java.nio.file.Path
import java.util.Base64
import javax.imageio.IIOImage
import javax.imageio.ImageIO
import javax.imageio.ImageWriteParam
import javax.imageio.stream.FileImageInputStream
import kotlin.io.path.fileSize
import kotlin.io.path.name
import kotlin.io.path.readBytes

private const val QUALITY = 0.85f
private const val SMALLEST = 64
private const val MOST_PIXELS = 64L shl 20

/**
 * A picture as a page holds it.
 *
 * @property source a `data:` address
 */
class PagePicture(val source: String, val width: Int, val height: Int) {
  companion object {
    /**
     * Reads a picture of up to so many bytes; a larger one becomes a JPEG, halved in size until it fits.
     *
     * @return null if the file is no picture, which [note] is told
     */
    fun read(file: Path, bytes: Int, note: (String) -> Unit): PagePicture? =
      try {
        val image = decode(file)
        if (image == null) note("${Printable.name(file.name)} is no picture and is left out.")
        image?.let { if (file.fileSize() <= bytes) picture("png", file.readBytes(), it) else smaller(it, bytes) }
      } catch (e: IOException) {
        null.also { note("${Printable.name(file.name)} cannot be read and is left out: ${e.message}") }
      } catch (e: RuntimeException) {
        // What ImageIO throws for some damaged files.
        null.also { note("${Printable.name(file.name)} is damaged and is left out: $e") }
      }

    /** Looks at the size first: a file of a megabyte can hold a picture that fills the memory. */
    private fun decode(file: Path): BufferedImage? {
      FileImageInputStream(file.toFile()).use { stream ->
        val readers = ImageIO.getImageReaders(stream)
        if (!readers.hasNext()) return null
        val reader = readers.next()
        try {
          reader.input = stream
          val pixels = reader.getWidth(0).toLong() * reader.getHeight(0)
          if (pixels > MOST_PIXELS) {
            throw IOException("it has ${pixels shr 20} million pixels, and a page takes ${MOST_PIXELS shr 20} million")
          }
          return reader.read(0)
        } finally {
          reader.dispose()
        }
      }
    }

    private fun smaller(image: BufferedImage, bytes: Int): PagePicture {
      var opaque = scaled(image, image.width, image.height)
      while (true) {
        val content = jpeg(opaque)
        if (content.size <= bytes || opaque.width <= SMALLEST || opaque.height <= SMALLEST) {
          return picture("jpeg", content, opaque)
        }
        opaque = scaled(opaque, opaque.width / 2, opaque.height / 2)
      }
    }

    private fun picture(type: String, content: ByteArray, image: BufferedImage) =
      PagePicture(
        "data:image/$type;base64,${Base64.getEncoder().encodeToString(content)}",
        image.width,
        image.height,
      )

    private fun scaled(image: BufferedImage, width: Int, height: Int): BufferedImage {
      val target = BufferedImage(width, height, BufferedImage.TYPE_INT_RGB)
      val graphics = target.createGraphics()
      graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR)
      graphics.drawImage(image, 0, 0, width, height, null)
      graphics.dispose()
      return target
    }

    private fun jpeg(image: BufferedImage): ByteArray {
      val writer = ImageIO.getImageWritersByFormatName("jpeg").next()
      val bytes = ByteArrayOutputStream()
      try {
        ImageIO.createImageOutputStream(bytes).use { out ->
          writer.output = out
          val how = writer.defaultWriteParam
          how.compressionMode = ImageWriteParam.MODE_EXPLICIT
          how.compressionQuality = QUALITY
          writer.write(null, IIOImage(image, null, null), how)
        }
      } finally {
        writer.dispose()
      }
      return bytes.toByteArray()
    }
  }
}
