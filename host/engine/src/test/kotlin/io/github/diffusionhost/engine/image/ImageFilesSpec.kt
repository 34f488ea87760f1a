package io.github.diffusionhost.engine.image

import io.github.diffusionhost.api.dataset.ImageShape
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import java.awt.Color
import java.awt.image.BufferedImage
import java.awt.image.BufferedImage.TYPE_3BYTE_BGR
import java.awt.image.BufferedImage.TYPE_4BYTE_ABGR
import java.awt.image.BufferedImage.TYPE_BYTE_GRAY
import java.awt.image.BufferedImage.TYPE_BYTE_INDEXED
import java.awt.image.BufferedImage.TYPE_INT_RGB
import java.awt.image.BufferedImage.TYPE_USHORT_GRAY
import java.io.ByteArrayOutputStream
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.util.zip.CRC32
import java.util.zip.ZipEntry
import java.util.zip.ZipOutputStream
import javax.imageio.ImageIO
import kotlin.io.path.createParentDirectories
import kotlin.io.path.outputStream
import kotlin.io.path.writeBytes

private val GREY = ImageShape(1, 2, 3)
private val RGB = ImageShape(3, 2, 3)
private val RAMP = listOf(0, 40, 80, 120, 160, 200)

/** 2 rows of 3 pixels; [rgb] of each place. */
private fun picture(type: Int, rgb: (Int) -> Color): BufferedImage {
  val image = BufferedImage(3, 2, type)
  for (i in 0 until 6) image.setRGB(i % 3, i / 3, rgb(i).rgb)
  return image
}

private fun grey(vararg levels: Int): BufferedImage =
  BufferedImage(3, 2, TYPE_BYTE_GRAY).apply { levels.forEachIndexed { i, it -> raster.setSample(i % 3, i / 3, 0, it) } }

private fun BufferedImage.file(format: String = "png"): ByteArray =
  ByteArrayOutputStream().also { check(ImageIO.write(this, format, it)) }.toByteArray()

private fun ramp(first: Int = 0) = grey(*RAMP.map { it + first }.toIntArray()).file()

class ImageFilesSpec :
  FunSpec({
    fun folder(files: Map<String, ByteArray>): Path =
      tempdir().toPath().also { root ->
        files.forEach { (name, bytes) -> root.resolve(name).createParentDirectories().writeBytes(bytes) }
      }

    fun zip(files: Map<String, ByteArray>, stored: Boolean = false): Path =
      tempdir().toPath().resolve("images.zip").also { path ->
        ZipOutputStream(path.outputStream()).use { out ->
          for ((name, bytes) in files) {
            val entry = ZipEntry(name)
            if (stored) {
              entry.method = ZipEntry.STORED
              entry.size = bytes.size.toLong()
              entry.crc = CRC32().apply { update(bytes) }.value
            }
            out.putNextEntry(entry)
            out.write(bytes)
          }
        }
      }

    fun Path.images(shape: ImageShape? = null): List<List<Int>> =
      ImageFilesDataset.open(this, shape).use { set ->
        val size = set.shape().elements()
        List(set.size()) { i -> ByteArray(size + 1).also { set.read(i, it, 1) }.drop(1).map { it.toInt() and 255 } }
      }

    fun fault(path: Path, shape: ImageShape? = GREY): String =
      shouldThrow<IOException> { path.images(shape) }.message!!.also { it.lines().size shouldBe 1 }

    fun fault(file: ByteArray, shape: ImageShape? = GREY): String =
      folder(mapOf("a.png" to ramp(), "bad.png" to file)).let { root -> fault(root, shape).replace("$root", "ROOT") }

    val nested = mapOf("b/2.png" to ramp(2), "10.PNG" to ramp(1), "b/a/x.png" to ramp(3))

    test("a folder and a zip hold the same images, sorted by name, folders inside them too") {
      val wanted = listOf(1, 2, 3).map { first -> RAMP.map { it + first } }
      for (path in listOf(folder(nested), zip(nested))) {
        path.images() shouldBe wanted
        ImageFilesDataset.open(path, null).use { it.shape() shouldBe GREY }
      }
    }

    test("what file managers leave behind does not count") {
      val litter =
        listOf(".DS_Store", "b/Thumbs.db", "__MACOSX/b/._2.png", ".cache/x.txt").associateWith { ByteArray(9) }
      folder(nested + litter).images().size shouldBe 3
      zip(nested + litter).images().size shouldBe 3
    }

    test("other files are refused, the first few by name") {
      val others = listOf("README.md", "b/labels.csv", "c.txt", "d.gif").associateWith { ByteArray(9) }
      val root = folder(nested + others)
      fault(root) shouldBe
        "$root holds 4 files that are no PNG or JPEG: README.md, b/labels.csv, c.txt, …; leave them out: move them elsewhere"
    }

    test("every way to store the same grey pixels is the same image, as grey and as RGB") {
      val files =
        mapOf(
          "grey" to ramp(),
          "rgb" to picture(TYPE_3BYTE_BGR) { Color(RAMP[it], RAMP[it], RAMP[it]) }.file(),
          "opaque" to picture(TYPE_4BYTE_ABGR) { Color(RAMP[it], RAMP[it], RAMP[it], 255) }.file(),
        )
      for ((name, file) in files) {
        val root = folder(mapOf("$name.png" to file))
        root.images(GREY) shouldBe listOf(RAMP)
        root.images(RGB) shouldBe listOf(RAMP + RAMP + RAMP)
      }
    }

    test("colours are kept channel by channel, of a palette too") {
      val colours = listOf(Color.RED, Color.GREEN, Color.BLUE, Color.WHITE, Color.BLACK, Color.YELLOW)
      val planes = listOf(Color::getRed, Color::getGreen, Color::getBlue).flatMap { part -> colours.map(part) }
      for (type in listOf(TYPE_INT_RGB, TYPE_BYTE_INDEXED)) {
        val root = folder(mapOf("x.png" to picture(type) { colours[it] }.file()))
        root.images() shouldBe listOf(planes)
        ImageFilesDataset.open(root, null).use { it.shape() shouldBe RGB }
      }
    }

    test("a JPEG is read") {
      val flat =
        BufferedImage(3, 2, TYPE_BYTE_GRAY).apply { for (i in 0 until 6) raster.setSample(i % 3, i / 3, 0, 128) }
      folder(mapOf("x.jpg" to flat.file("jpg"), "y.png" to flat.file("jpeg"))).images(GREY) shouldBe
        List(2) { List(6) { 128 } }
    }

    test("the checksum is of names and bytes, and finds images of another size before they are looked at") {
      fun sha256(files: Map<String, ByteArray>) = ImageFilesDataset.open(folder(files), null).use { it.sha256() }
      sha256(nested) shouldBe sha256(nested)
      sha256(nested) shouldBe ImageFilesDataset.open(zip(nested), null).use { it.sha256() }
      sha256(nested + ("10.PNG" to ramp(7))) shouldNotBe sha256(nested)
      sha256(nested.mapKeys { it.key.replace("b", "c") }) shouldNotBe sha256(nested)
      val larger = BufferedImage(4, 4, TYPE_BYTE_GRAY).file()
      shouldThrow<IOException> { sha256(nested + ("c.png" to larger)) }.message!! shouldContain
        "c.png is 4x4 pixels, and the images to compare with are 2x3: compare images of one size"
    }

    val truncated = ramp().let { it.copyOf(it.size - 20) }
    val wide = BufferedImage(4, 2, TYPE_BYTE_GRAY).file()
    val jpeg = BufferedImage(64, 64, TYPE_INT_RGB).apply { for (i in 0 until 4096) setRGB(i % 64, i / 64, i * 977) }
    for ((words, row) in
      mapOf(
        "colours where grey is wanted" to
          (picture(TYPE_INT_RGB) { Color(it, 0, 0) }.file() to "has colours, and the images to compare with are grey"),
        "16 bits" to (BufferedImage(3, 2, TYPE_USHORT_GRAY).file() to "has 16 bits a sample; save it with 8"),
        "transparency" to
          (picture(TYPE_4BYTE_ABGR) { Color(0, 0, 0, 40 * it) }.file() to
            "is transparent in places; save it without an alpha channel"),
        "another size" to (wide to "is 2x4 pixels, and the images to compare with are 2x3: compare images of one size"),
        "a truncated file" to (truncated to "cannot be decoded ("),
        "an empty file" to (ByteArray(0) to "is empty"),
        "text" to ("no image".toByteArray() to "is neither a PNG nor a JPEG"),
      )) {
      test("one message names a file with $words") { fault(row.first) shouldContain "ROOT/bad.png ${row.second}" }
    }

    test("a JPEG with codes that do not exist is refused, as in training") {
      // All ones is no Huffman code, ITU-T T.81, C.2; in a scan FF is followed by 00.
      val file = jpeg.file("jpg")
      for (i in file.size / 2 until file.size - 40) file[i] = if ((file.size - i) % 2 == 0) -1 else 0
      fault(folder(mapOf("x.jpg" to file)), null) shouldContain
        "x.jpg cannot be decoded (Corrupt JPEG data: bad Huffman"
    }

    test("a link that leads nowhere is an error that names it, as in training") {
      val root = folder(nested)
      Files.createSymbolicLink(root.resolve("b/0.png"), root.resolve("gone.png"))
      fault(root) shouldBe "$root/b/0.png is a link that leads nowhere, to $root/gone.png; mend or remove it"
    }

    test("labels of NVIDIA's dataset tool beside the images are no intruder") {
      folder(nested + ("dataset.json" to "{}".toByteArray())).images().size shouldBe 3
    }

    test("a JPEG that breaks off is refused") {
      val file = jpeg.file("jpg")
      fault(folder(mapOf("x.jpg" to file.copyOf(file.size / 2))), null) shouldContain "x.jpg cannot be decoded ("
    }

    test("no folder, no images, no zip") {
      val root = tempdir().toPath()
      fault(root.resolve("no")) shouldBe "${root.resolve("no")}: there is no such folder or zip of images"
      fault(root) shouldBe "$root holds no images; put PNG or JPEG files there"
      val text = root.resolve("x.zip").apply { writeBytes("text".toByteArray()) }
      fault(text) shouldContain "$text is not a zip, or a damaged or truncated one ("
    }

    test("an encrypted zip, and one with a changed byte") {
      val files = mapOf("x.png" to ramp())
      val encrypted = zip(files)
      val bytes = encrypted.toFile().readBytes()
      // The flag of encryption in the entry of the central directory, PKZIP APPNOTE 4.3.12.
      val directory = bytes.indices.first { bytes.copyOfRange(it, it + 4).contentEquals(byteArrayOf(0x50, 0x4b, 1, 2)) }
      bytes[directory + 8] = 1
      encrypted.writeBytes(bytes)
      fault(encrypted) shouldBe "$encrypted is encrypted; unpack it, and name the folder"
      val changed = zip(files, stored = true)
      changed.writeBytes(changed.toFile().readBytes().also { it[60]++ })
      fault(changed) shouldBe "$changed!x.png cannot be unpacked (its checksum is wrong); get the zip again"
    }
  })
