package io.github.diffusionhost.app.plugins

import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import kotlin.io.path.createDirectory

/** What docs/guides/PLUGINS.md shows works as it stands there. */
@Tags("Slow")
class PluginGuideSpec :
  FunSpec({
    quietPlugins()
    val (manifestText, index) = PluginGuide.blocks("text")
    val manifest = manifestText.trim().lines().associate { it.substringBefore(": ") to it.substringAfter(": ") }

    fun folder(): Path = tempdir().toPath().resolve("in").createDirectory()

    test("the plugin in Java compiles, PF4J's processor writes its index, and it loads under its manifest") {
      val source = PluginGuide.blocks("java").single()
      val processor = "org.pf4j.processor.ExtensionAnnotationProcessor"
      val files = compileJava(mapOf("com.example.checkers.Checkers" to source), processor = processor)
      val folder = folder()
      writeJar(folder.resolve("checkers-1.0.0.jar"), manifest, files)
      load(folder, folder.resolveSibling("copies")).use { plugins ->
        plugins.problems.shouldBeEmpty()
        val checkers = plugins.get("checkers")
        checkers.options.options().map { it.name() } shouldContainExactly listOf("square", "count")
        checkers.presets.keys shouldContainExactly setOf("fine")
        checkers.plugin.version shouldBe "1.0.0"
      }
    }

    test("the plugin in Kotlin compiles and loads with the index written by hand") {
      val files = compileKotlin(mapOf("Stripes.kt" to PluginGuide.blocks("kotlin").single()))
      val folder = folder()
      writeJar(folder.resolve("stripes.jar"), manifest, files + indexOf(index.trim()))
      load(folder, folder.resolveSibling("copies")).use { plugins ->
        plugins.problems.shouldBeEmpty()
        plugins.get("stripes").options.options().map { it.doc() } shouldContainExactly
          listOf("rows from stripe to stripe")
      }
    }

    test("the manifest of the Maven build is the one that is shown") {
      val xml = PluginGuide.blocks("xml").single()
      xml shouldContain "<Plugin-Id>${manifest["Plugin-Id"]}</Plugin-Id>"
      xml shouldContain "<Plugin-Requires>${manifest["Plugin-Requires"]?.escaped()}</Plugin-Requires>"
    }
  }) {
  private companion object {
    fun String.escaped() = replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
  }
}
