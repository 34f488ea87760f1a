package io.github.diffusionhost.app.run

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.app.sample.SamplePreview
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.data.ImageSpec
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import javax.imageio.ImageIO
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

private fun spec(channels: Int) = ImageSpec(ImageShape(channels, 64, 64), 0, PixelNormalization.SIGNED)

class SamplePreviewSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val manager = autoClose(NDManager.newBaseManager())

    fun grey(path: Path, x: Int) = ImageIO.read(path.toFile()).raster.getSample(x, 10, 0)

    test("the picture shows finished images and then the state, every so many steps, and is removed in the end") {
      val path = folder.resolve("grid.preview.png")
      SamplePreview(folder.resolve("grid.png"), 2, spec(1)).use { preview ->
        preview.path shouldBe path
        val state = manager.ones(Shape(1, 1, 64, 64))
        preview.stepped(1, state)
        path.exists() shouldBe false
        preview.stepped(2, state.mul(-1))
        grey(path, 10) shouldBe 0
        preview.stepped(3, state)
        grey(path, 10) shouldBe 0
        preview.sampled(manager.full(Shape(1, 1, 64, 64), 51f).toType(DataType.UINT8, true))
        preview.stepped(2, state)
        listOf(grey(path, 10), grey(path, 76)) shouldBe listOf(51, 255)
        folder.listDirectoryEntries().map { it.name } shouldBe listOf("grid.preview.png")
      }
      folder.listDirectoryEntries() shouldBe emptyList()
    }

    test("no more than 256 images are shown, the last ones") {
      SamplePreview(folder.resolve("many.png"), 1, spec(1)).use { preview ->
        preview.sampled(manager.zeros(Shape(256, 1, 64, 64), DataType.UINT8))
        preview.stepped(1, manager.ones(Shape(2, 1, 64, 64)))
        // A grid of 16 x 16, its last two images white.
        val picture = ImageIO.read(preview.path.toFile())
        picture.width shouldBe 16 * 66 - 2
        picture.raster.getSample(14 * 66 + 5, 15 * 66 + 5, 0) shouldBe 255
        picture.raster.getSample(13 * 66 + 5, 15 * 66 + 5, 0) shouldBe 0
      }
    }

    test("it lies beside the output, whatever that is") {
      fun beside(out: String) = SamplePreview(Path.of(out), 1, spec(3)).path
      beside("/a/b.safetensors") shouldBe Path.of("/a/b.preview.png")
      beside("/a/digits/") shouldBe Path.of("/a/digits.preview.png")
      beside("x.png") shouldBe Path.of("x.preview.png").toAbsolutePath()
    }

    test("images that are no pictures are refused") {
      shouldThrow<UserError> { SamplePreview(folder.resolve("x.safetensors"), 1, spec(4)) }.message!! shouldContain
        "images of 4 channels cannot be shown"
    }
  })
