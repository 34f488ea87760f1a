package io.github.diffusionhost.app.cli.faults

import ch.qos.logback.classic.Level
import ch.qos.logback.classic.LoggerContext
import ch.qos.logback.classic.joran.JoranConfigurator
import ch.qos.logback.classic.spi.ILoggingEvent
import ch.qos.logback.classic.spi.LoggingEvent
import ch.qos.logback.core.ConsoleAppender
import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.cli.Failure
import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.plugins.call.PluginFaults
import io.github.diffusionhost.app.run.REPOSITORY
import io.github.diffusionhost.app.run.TINY_RUN
import io.github.diffusionhost.app.words.UserError
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.ByteBuffer
import java.nio.ByteOrder
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

private const val CLEAR = "\u001b[2J\u009b31m\r\u202egnp"
private const val CLEAR_WRITTEN = "\\u001b[2J\\u009b31m\\u000d\\u202egnp"

/** Names from files and plugins move no cursor, end no line and fill no screen. */
class HostileNamesSpec :
  FunSpec({
    val root = tempdir().toPath()

    fun weights(name: String) =
      root.resolve("w.safetensors").apply {
        val escaped = name.map { "\\u%04x".format(java.util.Locale.ROOT, it.code) }.joinToString("")
        val header = """{"$escaped":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""".toByteArray()
        val length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.size.toLong()).array()
        writeBytes(length + header + ByteArray(4))
      }

    test("the names of tensors") {
      val config = root.resolve("tiny.yaml").apply { writeText(TINY_RUN) }
      for ((name, written) in listOf(CLEAR to CLEAR_WRITTEN, "x".repeat(70_000) to "x".repeat(60) + "…")) {
        val refused =
          inProcess("import", "--config", "$config", "--weights", "${weights(name)}", "--out", "${root.resolve("out")}")
        refused.exit shouldBe 1
        refused.err shouldContain "its $written is not in the network"
        refused.err.length shouldBeLessThan 1000
        Printable.message(refused.err) shouldBe refused.err
      }
    }

    test("the names of jars") {
      val folder = root.resolve("jars").toFile().apply { mkdirs() }
      folder.resolve("a\u001b[31m\nb.jar").writeText("no jar")
      val listed = inProcess("--plugins-dir", "$folder", "plugins", "list")
      Printable.message(listed.out + listed.err) shouldBe listed.out + listed.err
    }

    test("whatever a message quotes, it is printed as text, with the message's own lines") {
      Failure.of(UserError("one\n  two $CLEAR"), PluginFaults()).message shouldBe "one\n  two $CLEAR_WRITTEN"
      Failure.of(IllegalStateException("\u001b]0;title\u0007"), PluginFaults()).message shouldContain
        "\\u001b]0;title\\u0007"
    }

    test("the log prints text, normal and with --debug") {
      for (level in listOf("normal", "debug")) {
        val context = LoggerContext()
        context.putProperty("diffusionhost.log", level)
        val configurator = JoranConfigurator().apply { this.context = context }
        configurator.doConfigure(REPOSITORY.resolve("host/app/src/main/resources/logback.xml").toFile())
        val logger = context.getLogger("io.github.diffusionhost")
        val appender = context.getLogger("ROOT").getAppender("stderr") as ConsoleAppender<ILoggingEvent>
        val thrown = IllegalStateException("thrown $CLEAR")
        val event = LoggingEvent("here", logger, Level.WARN, "one\n  two {}", thrown, arrayOf(CLEAR))
        val line = appender.encoder.encode(event).decodeToString()
        line shouldContain "one\n  two $CLEAR_WRITTEN\n"
        Printable.message(line) shouldBe line
      }
    }
  })
