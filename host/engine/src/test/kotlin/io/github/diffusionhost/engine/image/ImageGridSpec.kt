package io.github.diffusionhost.engine.image

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.dataset.ImageShape
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.awt.image.BufferedImage
import javax.imageio.ImageIO
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes

class ImageGridSpec :
  FunSpec({
    val gap = 128

    fun BufferedImage.grey(): List<List<Int>> = List(height) { y -> List(width) { x -> raster.getSample(x, y, 0) } }

    test("images stand row by row with two grey pixels between, missing ones grey") {
      // three images of 1x2 pixels in two columns
      val images = byteArrayOf(0, 255.toByte(), 10, 20, 200.toByte(), 3)
      ImageGrid.of(images, ImageShape(1, 1, 2)).columns(2).scale(1).render().grey() shouldContainExactly
        listOf(
          listOf(0, 255, gap, gap, 10, 20),
          List(6) { gap },
          List(6) { gap },
          listOf(200, 3, gap, gap, gap, gap),
        )
    }

    test("others stand below, from a new row on") {
      val images = byteArrayOf(1, 2, 3)
      ImageGrid.of(images, ImageShape(1, 1, 1))
        .columns(2)
        .scale(1)
        .above(byteArrayOf(7, 8))
        .render()
        .grey() shouldContainExactly
        listOf(
          listOf(1, gap, gap, 2),
          List(4) { gap },
          List(4) { gap },
          listOf(3, gap, gap, gap),
          List(4) { gap },
          List(4) { gap },
          listOf(7, gap, gap, 8),
        )
    }

    test("each pixel becomes a square") {
      ImageGrid.of(byteArrayOf(1, 2), ImageShape(1, 1, 2)).scale(2).render().grey() shouldContainExactly
        listOf(listOf(1, 1, 2, 2), listOf(1, 1, 2, 2))
    }

    test("three channels are red, green, blue") {
      val picture =
        ImageGrid.of(byteArrayOf(255.toByte(), 1, 128.toByte(), 2, 0, 3), ImageShape(3, 1, 2)).scale(1).render()
      picture.getRGB(0, 0) and 0xffffff shouldBe 0xff8000
      picture.getRGB(1, 0) and 0xffffff shouldBe 0x010203
    }

    test("small images are scaled up to at least 64 pixels, large ones are left as they are") {
      fun sizeOf(side: Int): Int = ImageGrid.of(ByteArray(side * side), ImageShape(1, side, side)).render().width
      mapOf(8 to 64, 28 to 84, 32 to 64, 63 to 126, 64 to 64, 256 to 256).forEach { (side, width) ->
        sizeOf(side) shouldBe width
      }
    }

    test("columns are chosen so that the grid comes out even and near to a square") {
      fun columnsOf(count: Int): Int =
        (ImageGrid.of(ByteArray(count), ImageShape(1, 1, 1)).scale(1).render().width + 2) / 3
      mapOf(1 to 1, 2 to 2, 3 to 3, 4 to 2, 7 to 3, 10 to 5, 12 to 4, 16 to 4, 20 to 5, 64 to 8, 100 to 10).forEach {
        (count, columns) ->
        columnsOf(count) shouldBe columns
      }
    }

    test("an array of uint8 images is drawn as its bytes are") {
      NDManager.newBaseManager().use { manager ->
        val images = manager.create(floatArrayOf(0f, 255f)).toType(DataType.UINT8, true).reshape(1, 1, 1, 2)
        ImageGrid.of(images).scale(1).render().grey() shouldContainExactly listOf(listOf(0, 255))
      }
    }

    test("arrays that are not images are refused") {
      NDManager.newBaseManager().use { manager ->
        for (array in
          listOf(
            manager.zeros(Shape(1, 1, 2, 2)),
            manager.zeros(Shape(1, 2, 2), DataType.UINT8),
            manager.zeros(Shape(0, 1, 2, 2), DataType.UINT8),
          )) {
          shouldThrow<IllegalArgumentException> { ImageGrid.of(array) }.message shouldContain
            "a grid needs images as uint8 [N,C,H,W], not"
        }
        shouldThrow<IllegalArgumentException> { ImageGrid.of(manager.zeros(Shape(1, 4, 2, 2), DataType.UINT8)) }
          .message shouldContain "a picture has 1 channel (grey) or 3 (red, green, blue), but these images are 4x2x2"
      }
    }

    test("bytes that are not whole images, no columns and no scale are refused") {
      val shape = ImageShape(1, 2, 2)
      shouldThrow<IllegalArgumentException> { ImageGrid.of(ByteArray(5), shape) }.message shouldContain
        "5 bytes are not a whole number of images of 1x2x2"
      shouldThrow<IllegalArgumentException> { ImageGrid.of(ByteArray(0), shape) }
      shouldThrow<IllegalArgumentException> { ImageGrid.of(ByteArray(4), shape).columns(0) }
      shouldThrow<IllegalArgumentException> { ImageGrid.of(ByteArray(4), shape).scale(0) }
    }

    test("a PNG file holds the picture, twice the same bytes, and nothing else is left") {
      val folder = tempdir().toPath()
      val picture = ImageGrid.of(ByteArray(12) { (it * 20).toByte() }, ImageShape(3, 2, 2)).render()
      Png.write(folder.resolve("grid.png"), picture)
      Png.write(folder.resolve("again.png"), picture)
      val read = ImageIO.read(folder.resolve("grid.png").toFile())
      for (y in 0 until picture.height) {
        for (x in 0 until picture.width) {
          read.getRGB(x, y) shouldBe picture.getRGB(x, y)
        }
      }
      folder.resolve("grid.png").readBytes() shouldBe folder.resolve("again.png").readBytes()
      folder.listDirectoryEntries().map { it.name }.sorted() shouldContainExactly listOf("again.png", "grid.png")
    }
  })
