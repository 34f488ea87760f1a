package io.github.diffusionhost.app.config

import io.github.diffusionhost.app.config.source.InvalidConfig
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import kotlin.io.path.createDirectory
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText
import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTime

class ConfigFileSpec :
  FunSpec({
    val reader = RunConfigReader(FakeRegistry())
    val folder = tempdir().toPath()
    val file = folder.resolve("run.yaml")
    fun message() = shouldThrow<InvalidConfig> { reader.read(ConfigRequest(file)) }.message?.replace("$folder/", "")
    fun message(yaml: String) = shouldThrow<InvalidConfig> { reader.read(yaml, "c.yaml") }.message

    test("a file is read") {
      file.writeText("\uFEFFmodel: {use: unet}\r\nscheduler: {use: ddpm}\r\ndataset: {use: glyphs}\r\n")
      reader.read(ConfigRequest(file)).name shouldBe "unet-ddpm-glyphs"
    }

    test("no file") {
      shouldThrow<InvalidConfig> { reader.read(ConfigRequest(folder.resolve("no"))) }.message shouldBe
        "$folder/no: no such file"
    }

    test("a folder") {
      val inner = folder.resolve("inner").createDirectory()
      shouldThrow<InvalidConfig> { reader.read(ConfigRequest(inner)) }.message shouldBe
        "$inner: a folder, not a config file"
    }

    test("a file that is too large is not read to its end") {
      file.writeBytes(ByteArray((1 shl 20) + 1) { 'a'.code.toByte() })
      message() shouldBe "run.yaml: larger than 1 MB; this is not a config"
    }

    test("an endless file") {
      shouldThrow<InvalidConfig> { reader.read(ConfigRequest(java.nio.file.Path.of("/dev/zero"))) }.message shouldBe
        "/dev/zero: larger than 1 MB; this is not a config"
    }

    test("bytes that are no UTF-8") {
      file.writeBytes("name: a\nmodel: ".toByteArray() + 0xff.toByte())
      message() shouldBe "run.yaml:2:1: not UTF-8 text"
    }

    test("aliases of aliases of aliases") {
      val lines = (1..40).map { "a$it: &a$it [*a${it - 1}, *a${it - 1}]" }
      val time = measureTime {
        message("a0: &a0 [x, y]\n" + lines.joinToString("\n")) shouldBe
          "c.yaml:14:18: more than 50000 values, counting aliases"
      }
      time shouldBeLessThan 5.seconds
    }

    test("brackets without end") {
      val time = measureTime { message("a: " + "[".repeat(500_000)) shouldBe "c.yaml:1:54: nested more than 50 deep" }
      time shouldBeLessThan 5.seconds
    }

    test("a long list") {
      message("a: [" + "1,".repeat(60_000) + "1]") shouldBe "c.yaml:1:99999: more than 50000 values"
    }
  })
