package io.github.diffusionhost.app.plugins

import ch.qos.logback.classic.Level
import ch.qos.logback.classic.Logger
import ch.qos.logback.classic.spi.ILoggingEvent
import ch.qos.logback.core.read.ListAppender
import io.github.diffusionhost.api.ProviderKind
import io.github.diffusionhost.app.plugins.jar.PluginFolder
import io.github.diffusionhost.app.plugins.jar.PluginFolderException
import io.github.diffusionhost.app.plugins.jar.pluginFolders
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.lang.ref.WeakReference
import java.nio.file.Files
import java.nio.file.Path
import java.security.MessageDigest
import java.util.HexFormat
import kotlin.io.path.createDirectories
import kotlin.io.path.createDirectory
import kotlin.io.path.createFile
import kotlin.io.path.deleteExisting
import kotlin.io.path.readBytes
import kotlin.io.path.writeText
import org.slf4j.LoggerFactory

class PluginLoadingSpec :
  FunSpec({
    quietPlugins()
    fun folders(): Pair<Path, Path> =
      tempdir().toPath().let { it.resolve("in").createDirectory() to it.resolve("copies") }

    test("a jar dropped into a folder is found and known by name, kind, id, version, path and checksum") {
      val (folder, copies) = folders()
      val jar = datasetJar(folder, "dots", "1.2.3", body = PRESET)
      load(folder, copies).use { plugins ->
        plugins.problems.shouldBeEmpty()
        val dots = plugins.get("dots", ProviderKind.DATASET)
        dots.kind shouldBe ProviderKind.DATASET
        dots.known.summary shouldBe "A test of loading"
        dots.options.options().map { it.name() } shouldContainExactly listOf("count")
        dots.presets.mapValues { it.value.toString() } shouldBe mapOf("many" to "Options[count=100]")
        dots.plugin shouldBe LoadedPlugin("dots", "1.2.3", jar, sha256(jar))
        plugins.plugins shouldContainExactly listOf(dots.plugin)
      }
    }

    test("one plugin may hold several providers") {
      val (folder, copies) = folders()
      val sources = mapOf("demo.A" to datasetSource("A", "a"), "demo.B" to datasetSource("B", "b"))
      writeJar(folder.resolve("ab.jar"), manifestOf("ab"), compileJava(sources) + indexOf("demo.A", "demo.B"))
      load(folder, copies).use { it.names(ProviderKind.DATASET) shouldContainExactly listOf("a", "b") }
    }

    test("only jars that lie directly in the folder count; hidden files, folders and others are passed over") {
      val (folder, copies) = folders()
      datasetJar(folder, "dots")
      datasetJar(folder.resolve("deeper").createDirectory(), "deep")
      datasetJar(folder, "hidden", file = ".hidden.jar")
      folder.resolve("pom.xml").writeText("<project/>")
      folder.resolve("folder.jar").createDirectory()
      load(folder, copies).use { plugins ->
        plugins.providers.map { it.name } shouldContainExactly listOf("dots")
        plugins.problems.shouldBeEmpty()
      }
    }

    test("the folder of the installation may be missing; folders that somebody named may not, and all are named") {
      val (folder, copies) = folders()
      loadPlugins(pluginFolders(folder.resolve("none"), listOf(), null), copies).use { it.providers.shouldBeEmpty() }
      val file = folder.resolve("file").createFile()
      val given = pluginFolders(null, listOf(folder.resolve("absent"), file), null)
      val e = shouldThrow<PluginFolderException> { loadPlugins(given, copies) }
      e.folders shouldContainExactly listOf(folder.resolve("absent"), file)
      e.message shouldContain "${folder.resolve("absent")} does not exist"
      e.message shouldContain "$file is not a folder"
    }

    test("folders come from the installation, the command line and the environment, each once") {
      val path = listOf("/c", "", "/a").joinToString(java.io.File.pathSeparator)
      pluginFolders(Path.of("/a"), listOf(Path.of("/b")), path) shouldContainExactly
        listOf(
          PluginFolder(Path.of("/a").toAbsolutePath(), true),
          PluginFolder(Path.of("/b").toAbsolutePath(), true),
          PluginFolder(Path.of("/c").toAbsolutePath(), true),
        )
      pluginFolders(Path.of("/a"), listOf(), null).single().required shouldBe false
    }

    test("of two jars of one id the highest version wins, by number and not by letter, and the log says why") {
      val (folder, copies) = folders()
      datasetJar(folder, "dots", "1.9.0")
      val second = folder.resolveSibling("second").createDirectories()
      datasetJar(second, "dots", "1.10.0")
      datasetJar(second, "dots", "1.10.0-beta")
      val lines = logOf("VersionChoice") { load(folder, copies, second).use { it.version("dots") shouldBe "1.10.0" } }
      lines.size shouldBe 2
      lines.forEach { it shouldContain "is passed over: dots 1.10.0 ($second/dots-1.10.0.jar) has a higher version" }
    }

    test("a version for another host does not win, and is reported") {
      val (folder, copies) = folders()
      datasetJar(folder, "dots", "1.0.0")
      datasetJar(folder, "dots", "2.0.0", manifest = manifestOf("dots", "2.0.0", ">=0.2.0"))
      load(folder, copies).use { plugins ->
        plugins.version("dots") shouldBe "1.0.0"
        plugins.problems.single().reason shouldBe "dots 2.0.0 needs plugin-api >=0.2.0, and this host has 0.1.0"
      }
    }

    test("of two jars of one version the first folder's wins; the same file in two folders is no matter") {
      val (folder, copies) = folders()
      val second = folder.resolveSibling("second").createDirectories()
      datasetJar(folder, "dots", body = PRESET)
      datasetJar(second, "dots")
      val same = datasetJar(folder, "same")
      Files.copy(same, second.resolve("same-copy.jar"))
      val lines =
        logOf("VersionChoice") {
          load(folder, copies, second).use { plugins ->
            plugins.get("dots").presets.keys shouldContainExactly setOf("many")
            plugins.get("same").plugin.jar shouldBe same
          }
        }
      lines.single() shouldContain "has the same version and comes first"
    }

    test("a name that is taken goes to the first folder, then to the first id, and the problem names both jars") {
      val (folder, copies) = folders()
      val second = folder.resolveSibling("second").createDirectories()
      val winner = datasetJar(folder, "dots", file = "z.jar", manifest = manifestOf("bravo"))
      val loser = datasetJar(folder, "dots", file = "a.jar", manifest = manifestOf("charlie"), body = PRESET)
      val third = datasetJar(second, "dots", file = "a.jar", manifest = manifestOf("alpha"))
      load(folder, copies, second).use { plugins ->
        plugins.get("dots").plugin.jar shouldBe winner
        plugins.problems.map { it.jar } shouldContainExactly listOf(loser, third)
        plugins.problems.forEach {
          it.reason shouldBe "its dataset is called dots, and so is the dataset of $winner, which comes first"
        }
      }
    }

    test("an unknown name comes with the nearest one, all there are, and the jar that may have held it") {
      val (folder, copies) = folders()
      datasetJar(folder, "dots")
      datasetJar(folder, "glyphs")
      folder.resolve("mnist-1.0.0.jar").writeText("not a zip")
      load(folder, copies).use { plugins ->
        val typo = shouldThrow<UnknownProviderException> { plugins.get("glpyhs", ProviderKind.DATASET) }
        typo.nearest shouldBe "glyphs"
        typo.message shouldBe "no dataset is called glpyhs; did you mean glyphs?\n  datasets: dots, glyphs"
        val broken = shouldThrow<UnknownProviderException> { plugins.get("mnist") }
        broken.message shouldContain "a plugin of that name is left out: mnist-1.0.0.jar: it is not a complete jar"
        val kind = shouldThrow<UnknownProviderException> { plugins.get("dots", ProviderKind.MODEL) }
        kind.message shouldBe "dots is a dataset, not a model\n  models: none installed"
      }
    }

    test("a jar may be replaced or deleted while its plugin runs, also before all of its classes are loaded") {
      val (folder, copies) = folders()
      val late = "package demo; public class Late { public static String word() { return \"first\"; } }"
      val body =
        "@Override public java.util.Map<String, Options> presets() { return java.util.Map.of(); }" +
          "public String later() { return Late.word(); }"
      val classes = compileJava(mapOf("demo.Dots" to datasetSource("Dots", "dots", body), "demo.Late" to late))
      val jar = writeJar(folder.resolve("dots.jar"), manifestOf("dots"), classes + indexOf("demo.Dots"))
      load(folder, copies).use { plugins ->
        jar.writeText("overwritten in place")
        jar.deleteExisting()
        val provider = plugins.get("dots").provider
        provider.javaClass.getMethod("later").invoke(provider) shouldBe "first"
      }
    }

    test("closing stops the plugins and lets go of their classes") {
      val (folder, copies) = folders()
      val stopped = folder.resolveSibling("stopped")
      val main =
        """
        package demo;
        public class Main extends org.pf4j.Plugin {
          @Override public void stop() {
            try {
              java.nio.file.Files.writeString(java.nio.file.Path.of("$stopped"),
                  "" + (Thread.currentThread().getContextClassLoader() == Main.class.getClassLoader()));
            } catch (java.io.IOException e) { throw new java.io.UncheckedIOException(e); }
          }
        }
        """
      val classes = compileJava(mapOf("demo.Dots" to datasetSource("Dots", "dots", PRESET), "demo.Main" to main))
      val manifest = manifestOf("dots") + ("Plugin-Class" to "demo.Main")
      writeJar(folder.resolve("dots.jar"), manifest, classes + indexOf("demo.Dots"))
      val plugins = load(folder, copies)
      plugins.problems.shouldBeEmpty()
      val loader = WeakReference(plugins.get("dots").provider.javaClass.classLoader)
      plugins.close()
      Files.readString(stopped) shouldBe "true"
      plugins.providers.shouldBeEmpty()
      collected(loader) shouldBe true
      plugins.close()
    }

    test("a plugin's code runs with its own class loader as the context, and the caller's comes back after") {
      val (folder, copies) = folders()
      val body =
        """
        private final ClassLoader made = Thread.currentThread().getContextClassLoader();
        private ClassLoader asked;
        @Override public java.util.Map<String, Options> presets() {
          asked = Thread.currentThread().getContextClassLoader();
          return java.util.Map.of();
        }
        @Override public String toString() {
          return (made == getClass().getClassLoader()) + " " + (asked == made)
              + " " + (Thread.currentThread().getContextClassLoader() == made);
        }
        """
      datasetJar(folder, "dots", body = body)
      load(folder, copies).use { plugins ->
        val before = Thread.currentThread().contextClassLoader
        val dots = plugins.get("dots")
        dots.inPlugin { it.toString() } shouldBe "true true true"
        inPluginOf(dots.provider) { dots.provider.toString() } shouldBe "true true true"
        shouldThrow<IllegalStateException> { dots.inPlugin { error("out") } }
        Thread.currentThread().contextClassLoader shouldBeSameInstanceAs before
      }
    }
  }) {
  private companion object {
    const val PRESET =
      """
      @Override public java.util.Map<String, Options> presets() { return java.util.Map.of("many", new Options(100)); }
      """

    fun LoadedPlugins.version(name: String) = get(name).plugin.version

    fun sha256(file: Path): String =
      HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(file.readBytes()))

    /** What a logger of this package says meanwhile. */
    fun logOf(name: String, block: () -> Unit): List<String> {
      val logger = LoggerFactory.getLogger("io.github.diffusionhost.app.plugins.jar.$name") as Logger
      val lines = ListAppender<ILoggingEvent>().apply { start() }
      val before = logger.level
      logger.level = Level.INFO
      logger.addAppender(lines)
      try {
        block()
      } finally {
        logger.detachAppender(lines)
        logger.level = before
      }
      return lines.list.filter { it.level.levelStr == "INFO" }.map { it.formattedMessage }
    }

    fun collected(reference: WeakReference<*>): Boolean {
      repeat(100) {
        if (reference.get() == null) return true
        System.gc()
        Thread.sleep(20)
      }
      return false
    }
  }
}
