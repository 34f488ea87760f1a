package io.github.diffusionhost.plugins.tinyimagenet

import io.kotest.assertions.nondeterministic.eventually
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import kotlin.io.path.extension
import kotlin.io.path.name
import kotlin.time.Duration.Companion.seconds

/** Other processes at the same data folder: two that pack at once, and one that is killed meanwhile. */
@Tags("Process")
class TwoProcessesSpec :
  FunSpec({
    extension(KeepWarnings)

    /** Enough images for a packing that takes a while. */
    fun many(): Path {
      val image = jpeg(7)
      val images = (0 until 6000).associate { "train/n0${1 + it % 2}/images/$it.JPEG" to image }
      val lists = set.filterKeys { it == "wnids.txt" || it == "words.txt" }
      val data = tempdir().toPath()
      data.resolve("$NAME.zip").zip(lists + images)
      return data
    }

    fun start(data: Path): Process =
      ProcessBuilder(
          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "-Xmx200m",
          "-XX:TieredStopAtLevel=1",
          "-Dlogback.configurationFile=${System.getProperty("logback.configurationFile")}",
          "-cp",
          System.getProperty("java.class.path"),
          OpenOnce::class.java.name,
          "$data",
        )
        .redirectErrorStream(true)
        .start()

    fun Process.result(): String =
      inputStream.bufferedReader().readText().also { text ->
        val code = waitFor()
        check(code == 0) { "exit $code: $text" }
      }

    test("two processes that open at once both read every image, and leave one packed file") {
      val data = many()
      val both = List(2) { start(data) }
      for (text in both.map { it.result() }) text shouldContain "6000 images, all 7"
      data.left() shouldHaveSize 1
      open(data).use { it.greys().distinct() shouldBe listOf(7) }
    }

    test("a process killed while it packs leaves nothing that is used; the next one sweeps and packs") {
      val data = many()
      val killed = start(data)
      eventually(30.seconds) { data.left().map { it.name.startsWith(".") } shouldBe listOf(true) }
      killed.destroyForcibly().waitFor()
      data.packed().shouldBeEmpty()
      start(data).result() shouldContain "6000 images, all 7"
      data.left().map { it.extension } shouldBe listOf("packed")
    }
  })

/** Opens a set and reads all of it. */
internal object OpenOnce {
  @JvmStatic
  fun main(args: Array<String>) {
    open(Path.of(args[0])).use { println("${it.size()} images, all ${it.greys().distinct().joinToString()}") }
  }
}
