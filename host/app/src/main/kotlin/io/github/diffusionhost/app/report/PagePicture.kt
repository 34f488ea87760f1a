package io.github.diffusionhost.app.report

import java.awt.RenderingHints
import java.awt.image.BufferedImage
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.IOException
import java.nio.file.Path
import java.util.Base64
import javax.imageio.IIOImage
import javax.imageio.ImageIO
import javax.imageio.ImageWriteParam
import kotlin.io.path.readBytes

private const val QUALITY = 0.85f
private const val SMALLEST = 64

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
        val content = file.readBytes()
        val image = ImageIO.read(ByteArrayInputStream(content))
        if (image == null) note("${file.fileName} is no picture and is left out.")
        image?.let { if (content.size <= bytes) picture("png", content, it) else smaller(it, bytes) }
      } catch (e: IOException) {
        note("${file.fileName} cannot be read and is left out: ${e.message}")
        null
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
