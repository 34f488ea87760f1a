package io.github.diffusionhost.app.plugins

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import kotlin.io.path.createDirectory
import kotlin.time.measureTimedValue

class PluginLoadingSpeedSpec :
  FunSpec({
    quietPlugins()

    /**
     * Measures everything that a start of the host does for its plugins: list, hash and open the jars, make the class
     * loaders, load, make and ask the providers; in a warm JVM and from existing private copies, and without closing.
     * The best of several runs, so that other work on the machine does not count.
     */
    test("50 plugin jars load in under 300 ms") {
      val folder = tempdir().toPath().resolve("in").createDirectory()
      val copies = folder.resolveSibling("copies")
      val types = (1..50).map { "Dots$it" }
      val classes = compileJava(types.associate { "demo.$it" to datasetSource(it, it.lowercase()) })
      for (type in types) {
        val own = classes.filterKeys { it == "demo/$type.class" || it == "demo/$type\$Options.class" }
        writeJar(folder.resolve("$type.jar"), manifestOf(type.lowercase()), own + indexOf("demo.$type"))
      }
      val runs =
        List(8) {
          val (plugins, time) = measureTimedValue { load(folder, copies) }
          plugins.use {
            it.problems.shouldBeEmpty()
            it.providers.size shouldBe 50
          }
          time.inWholeMilliseconds
        }
      println("50 plugin jars: first run ${runs.first()} ms, best ${runs.min()} ms")
      runs.min() shouldBeLessThan 300
    }
  })
