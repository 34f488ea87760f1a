package io.github.diffusionhost.app.plugins

import io.github.diffusionhost.app.plugins.jar.PluginFolder
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import java.nio.file.Files
import java.time.Duration
import kotlin.io.path.createDirectory
import kotlin.io.path.createFile
import kotlin.io.path.name

/** Every way in which a jar can be wrong: one problem with a reason and a remedy, and the others go on. */
@Tags("Process")
class BrokenPluginSpec :
  FunSpec({
    quietPlugins()
    val neighbours = tempdir().toPath().let { listOf(datasetJar(it, "aaa"), datasetJar(it, "zzz")) }

    for (row in BROKEN_FILES + BROKEN_CODE) {
      test("${row.wrong} is reported and stops nobody else") {
        val folder = tempdir().toPath().resolve("in").createDirectory()
        val broken = folder.resolve("broken.jar").also(row.make)
        neighbours.forEach { Files.copy(it, folder.resolve(it.name)) }
        load(folder, folder.resolveSibling("copies")).use { plugins ->
          plugins.providers.map { it.name } shouldContainExactly listOf("aaa", "zzz")
          val problem = plugins.problems.single()
          problem.jar shouldBe broken
          problem.pluginId shouldBe row.id
          problem.toString() shouldStartWith "broken.jar: "
          problem.toString() shouldNotContain "\n"
          row.words.forEach { problem.toString() shouldContain it }
          withClue("docs/guides/PLUGINS.md must explain: ${problem.reason}") {
            PluginGuide.explains(problem.reason) shouldBe true
          }
        }
      }
    }

    test("code that never returns is given up, in start, in the constructor and in stop") {
      val folder = tempdir().toPath().resolve("in").createDirectory()
      val forEver = "while (true) { try { Thread.sleep(1000); } catch (InterruptedException e) { } }"
      val main = "public class Main extends org.pf4j.Plugin { @Override public void %s() { $forEver } }"
      fun jar(name: String, moment: String) {
        val sources =
          mapOf("demo.Dots" to datasetSource("Dots", name), "demo.Main" to BrokenJars.plain(main.format(moment)))
        val manifest = manifestOf(name) + ("Plugin-Class" to "demo.Main")
        writeJar(folder.resolve("$name.jar"), manifest, compileJava(sources) + BrokenJars.index)
      }
      jar("start", "start")
      jar("stop", "stop")
      datasetJar(folder, "constructor", body = "public Dots() { $forEver }")
      datasetJar(folder, "zzz")
      val started = System.nanoTime()
      val patience = Duration.ofMillis(300)
      val plugins =
        loadPlugins(listOf(PluginFolder(folder, true)), folder.resolveSibling("copies"), patience = patience)
      plugins.close()
      val problems = plugins.problems.associate { it.pluginId to it.reason }
      problems["start"] shouldBe "the plugin's start has not returned after 0.3 s"
      problems["constructor"] shouldBe "the provider demo.Dots has not returned after 0.3 s"
      problems.keys shouldBe setOf("start", "constructor")
      withClue("loading and closing must not wait for a plugin") {
        (Duration.ofNanos(System.nanoTime() - started) < Duration.ofSeconds(10)) shouldBe true
      }
    }

    test("of a plugin with one broken provider the others stay") {
      val folder = tempdir().toPath().resolve("in").createDirectory()
      val sources =
        mapOf(
          "demo.A" to datasetSource("A", "a"),
          "demo.B" to datasetSource("B", "b", "{ if (true) throw new Error(); }"),
        )
      val classes = compileJava(sources)
      writeJar(folder.resolve("ab.jar"), manifestOf("ab"), classes + indexOf("demo.B", "demo.A"))
      load(folder, folder.resolveSibling("copies")).use { plugins ->
        plugins.providers.map { it.name } shouldContainExactly listOf("a")
        plugins.problems.single().reason shouldBe "the constructor of B has thrown Error"
        plugins.find("b").shouldBeNull()
      }
    }

    test("plugins load where no private copies can be kept") {
      val folder = tempdir().toPath().resolve("in").createDirectory()
      datasetJar(folder, "dots")
      val file = folder.resolveSibling("file").createFile()
      load(folder, file.resolve("copies")).use { plugins ->
        plugins.problems shouldBe listOf()
        plugins.find("dots").shouldNotBeNull()
      }
    }
  })
