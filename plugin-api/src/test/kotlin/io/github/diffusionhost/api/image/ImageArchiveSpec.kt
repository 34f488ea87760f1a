package io.github.diffusionhost.api.image

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.io.IOException
import java.nio.charset.Charset
import java.nio.file.Files
import java.nio.file.Path
import java.util.zip.ZipEntry
import java.util.zip.ZipOutputStream
import kotlin.io.path.createParentDirectories
import kotlin.io.path.outputStream
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes

/** Each file holds its own name. */
private fun zip(path: Path, vararg names: String, charset: Charset = Charsets.UTF_8): Path = path.apply {
  ZipOutputStream(outputStream(), charset).use { zip ->
    for (name in names) {
      zip.putNextEntry(ZipEntry(name))
      if (!name.endsWith("/")) zip.write(name.toByteArray())
    }
  }
}

class ImageArchiveSpec :
  FunSpec({
    fun folder(): Path = tempdir().toPath()

    fun zip(vararg names: String, charset: Charset = Charsets.UTF_8): Path =
      zip(folder().resolve("a.zip"), *names, charset = charset)

    fun tree(vararg names: String): Path =
      folder().also { root ->
        names.forEach { root.resolve(it).createParentDirectories().writeBytes(it.toByteArray()) }
      }

    /** The names, and what the files hold. */
    fun Path.files(): Map<String, String> =
      ImageArchive.open(this).use { archive ->
        archive.list("").files().associate { it.name() to String(archive.read(it.name())) }
      }

    fun fault(path: Path): String =
      shouldThrow<IOException> { path.files() }.message!!.also { it.lines().size shouldBe 1 }

    test("a folder and a zip list the same, by name, without what is hidden") {
      val names =
        arrayOf("b/2.png", "b.png", "b/.x/1.png", ".git/3.png", "__MACOSX/b/._2.png", "a/@eaDir/2.png", "a/1.png")
      val wanted = listOf("a/1.png", "b.png", "b/2.png")
      zip(*names).files() shouldBe wanted.associateWith { it }
      tree(*names).files().keys.toList() shouldContainExactly wanted
      ImageArchive.open(tree(*names)).use { archive ->
        archive.list("").folders() shouldContainExactly listOf("a", "b")
        archive.list("b").files().map { it.name() } shouldContainExactly listOf("b/2.png")
        archive.list("none") shouldBe ArchiveTree(listOf(), listOf())
      }
    }

    test("names that begin with ./ or have backslashes are those that unpacking makes") {
      zip("./dog/0.png", ".\\cat\\1.png", "dog//2.png", "./", "cat/./3.png").files() shouldBe
        mapOf(
          "dog/0.png" to "./dog/0.png",
          "cat/1.png" to ".\\cat\\1.png",
          "dog/2.png" to "dog//2.png",
          "cat/3.png" to "cat/./3.png",
        )
    }

    test("a name twice is refused by name, however it is written") {
      for (again in listOf("./a/0.png", "a\\0.png", "a//0.png")) {
        val path = zip("a/0.png", again, "a/1.png")
        fault(path) shouldBe
          "$path holds 'a/0.png' twice, and which of the two is meant is not known; zip the images anew"
      }
      // Java writes no name twice: one byte of the second is changed afterwards, in both places.
      val path = zip("a/0.png", "a/1.png", "b/0.png")
      path.writeBytes(
        String(path.readBytes(), Charsets.ISO_8859_1).replace("a/1.png", "a/0.png").toByteArray(Charsets.ISO_8859_1)
      )
      fault(path) shouldStartWith "$path holds 'a/0.png' twice"
    }

    test("names in another encoding stay apart and can be read") {
      val names = Array(8) { "狗$it/$it.png" }
      for (encoding in listOf("GBK", "Shift_JIS", "windows-1252", "IBM437")) {
        val charset = Charset.forName(encoding)
        val written = if (charset.newEncoder().canEncode('狗')) names else Array(8) { "größe$it/$it.png" }
        val files = zip(*written, charset = charset).files()
        files.size shouldBe 8
        files.keys.map { it.substringBefore('/') }.toSet().size shouldBe 8
        if (encoding == "IBM437") files shouldBe written.associateWith { it }
      }
      zip(*names).files() shouldBe names.associateWith { it }
    }

    test("entries that point outside are refused by name") {
      for (name in listOf("../0.png", "a/../../0.png", "/etc/0.png", "C:\\0.png", "..\\0.png")) {
        val path = zip("a/0.png", name)
        fault(path) shouldContain "$path has an entry that points outside, '$name'"
      }
    }

    test("links are followed; one that leads nowhere or around is refused by name") {
      val root = tree("real/0.png", "1.png")
      Files.createSymbolicLink(root.resolve("link"), root.resolve("real"))
      Files.createSymbolicLink(root.resolve("2.png"), root.resolve("1.png"))
      Files.createSymbolicLink(root.resolve(".hidden"), root.resolve("nowhere"))
      root.files().keys.toList() shouldContainExactly listOf("1.png", "2.png", "link/0.png", "real/0.png")
      val around = Files.createSymbolicLink(root.resolve("real/up"), root)
      fault(root) shouldBe "$root cannot be listed: $around is a link to a folder around it"
      Files.delete(around)
      for (name in listOf("real/gone.png", "real/gone")) {
        val link = Files.createSymbolicLink(root.resolve(name), Path.of("nowhere"))
        fault(root) shouldBe "$link is a link that leads nowhere, to nowhere; mend or remove it"
        Files.delete(link)
      }
      val itself = Files.createSymbolicLink(root.resolveSibling("${root.fileName}-gone"), root.resolve("no"))
      fault(itself) shouldBe "$itself is a link that leads nowhere, to $root/no; mend or remove it"
      Files.delete(itself)
    }

    test("a link in a zip is refused by name, as what it leads to would be missing in silence") {
      val path = zip("cat/0.png", "dog", "README")
      val bytes = path.readBytes()
      val entries =
        bytes.indices.filter { it + 4 <= bytes.size && String(bytes, it, 4, Charsets.ISO_8859_1) == "PK\u0001\u0002" }
      // Made by Unix, with the mode of a link: PKZIP APPNOTE 4.4.2 and 4.4.15.
      bytes[entries[1] + 5] = 3
      bytes[entries[1] + 40] = 0xff.toByte()
      bytes[entries[1] + 41] = 0xa1.toByte()
      path.writeBytes(bytes)
      fault(path) shouldBe "$path holds a link, 'dog', and links in zips are not followed; zip what it leads to"
      path.writeBytes(bytes.also { it[entries[1] + 41] = 0x81.toByte() })
      path.files().size shouldBe 3
    }

    test("a changed byte of a zip is found, stored or packed") {
      val path = folder().resolve("a.zip")
      val content = ByteArray(4000) { (it * it % 251).toByte() }
      for (level in listOf(0, 9)) {
        ZipOutputStream(path.outputStream()).use { zip ->
          zip.setLevel(level)
          zip.putNextEntry(ZipEntry("a/0.png"))
          zip.write(content)
        }
        path.writeBytes(path.readBytes().also { it[200] = (it[200].toInt() xor 1).toByte() })
        fault(path) shouldStartWith "$path!a/0.png cannot be unpacked ("
      }
    }

    test("what is no folder and no zip") {
      val none = folder().resolve("none")
      fault(none) shouldBe "$none: there is no such folder or zip of images"
      val text = none.also { it.writeBytes("text".toByteArray()) }
      fault(text) shouldStartWith "$text is not a zip, or a damaged or truncated one ("
      ImageArchive.open(zip("a")).use { archive ->
        shouldThrow<IOException> { archive.read("b") }.message shouldBe "${archive.root()}!b does not exist"
      }
    }
  })
