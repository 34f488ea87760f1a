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
import java.io.ByteArrayOutputStream
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.jar.JarEntry
import java.util.jar.JarOutputStream
import kotlin.io.path.createDirectory
import kotlin.io.path.createFile
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

/** Every way in which a jar can be wrong: one problem with a reason and a remedy, and the others go on. */
@Tags("Process")
class BrokenPluginSpec :
  FunSpec({
    quietPlugins()
    val good = mapOf("demo.Dots" to datasetSource("Dots", "dots"))
    val index = indexOf("demo.Dots")

    /** A row: what is wrong, how the jar is made, and the words that its problem must hold. */
    class Row(val wrong: String, val id: String?, vararg val words: String, val make: (Path) -> Unit)

    /** A jar of the source of `demo.Dots`, its manifest and index good unless given. */
    fun Path.jar(
      source: String = good.values.single(),
      manifest: Map<String, String>? = manifestOf("dots"),
      extensions: Pair<String, ByteArray> = index,
      more: Map<String, String> = mapOf(),
      drop: Set<String> = setOf(),
    ) {
      val classes = compileJava(mapOf("demo.Dots" to source) + more) - drop
      writeJar(this, manifest, classes + extensions)
    }

    fun Path.dots(body: String, implements: String = "implements DatasetProvider<Dots.Options>") =
      jar(datasetSource("Dots", "dots", body, implements))

    fun plain(body: String) =
      """
      package demo;
      import io.github.diffusionhost.api.*;
      import io.github.diffusionhost.api.dataset.*;
      import io.github.diffusionhost.api.options.*;
      $body
      """

    val rows =
      listOf(
        Row("a file that is no zip", null, "not a complete jar", "Copy or build the jar anew") {
          it.writeText("hello")
        },
        Row("an empty file", null, "not a complete jar: zip file is empty") { it.createFile() },
        Row("a truncated zip", null, "not a complete jar") {
          it.jar()
          it.writeBytes(it.readBytes().let { all -> all.copyOf(all.size - 40) })
        },
        Row("a link to nothing", null, "a link to a file that is not there") {
          Files.createSymbolicLink(it, Path.of("nowhere"))
        },
        Row("a pipe that nobody writes to", null, "it is not a regular file") {
          ProcessBuilder("mkfifo", "$it").start().waitFor() shouldBe 0
        },
        Row("no manifest", null, "it has no META-INF/MANIFEST.MF", "Plugin-Requires: >=0.1.0 & <0.2.0") {
          it.jar(manifest = null)
        },
        Row("a manifest of nonsense", null, "its manifest is broken") {
          writeJar(it, null, mapOf("META-INF/MANIFEST.MF" to "nonsense\n".toByteArray()))
        },
        Row("a manifest of many megabytes", null, "META-INF/MANIFEST.MF is larger than a megabyte") {
          writeJar(it, null, mapOf("META-INF/MANIFEST.MF" to ByteArray(64 shl 20)))
        },
        Row("no id", null, "its manifest has no Plugin-Id", "Plugin-Id: my-plugin") {
          it.jar(manifest = manifestOf("dots") - "Plugin-Id")
        },
        Row("no version", "dots", "its manifest has no Plugin-Version", "Plugin-Version: 1.0.0") {
          it.jar(manifest = manifestOf("dots") - "Plugin-Version")
        },
        Row("a version that is none", "dots", "Plugin-Version \"1.x\" is not a semantic version", "as in 1.0.0") {
          it.jar(manifest = manifestOf("dots", "1.x"))
        },
        Row("no api range", "dots", "its manifest has no Plugin-Requires", "\"Plugin-Requires: >=0.1.0 & <0.2.0\"") {
          it.jar(manifest = manifestOf("dots") - "Plugin-Requires")
        },
        Row("an api range that is none", "dots", "Plugin-Requires \"new\" is not a range", ">=0.1.0 & <0.2.0") {
          it.jar(manifest = manifestOf("dots", requires = "new"))
        },
        Row("an api range of another host", "dots", "dots 1.0.0 needs plugin-api 7.0.0, and this host has 0.1.0") {
          it.jar(manifest = manifestOf("dots", requires = "7.0.0"))
        },
        Row("a dependency on another plugin", "dots", "depends on other plugins") {
          it.jar(manifest = manifestOf("dots") + ("Plugin-Dependencies" to "other"))
        },
        Row(
          "a copy of DJL",
          "dots",
          "it brings DJL along (ai/djl/Fake.class)",
          "one class loader only",
          "as provided",
        ) {
          writeJar(it, manifestOf("dots"), mapOf(index, "ai/djl/Fake.class" to byteArrayOf()))
        },
        Row("a copy of DJL for newer Java only", "dots", "brings DJL along (ai/djl/Fake.class)") {
          writeJar(it, manifestOf("dots"), mapOf(index, "META-INF/versions/17/ai/djl/Fake.class" to byteArrayOf()))
        },
        Row(
          "a copy of the contract",
          "dots",
          "it brings the contract along (io/github/diffusionhost/api/Provider.class)",
        ) {
          writeJar(it, manifestOf("dots"), mapOf(index, "io/github/diffusionhost/api/Provider.class" to byteArrayOf()))
        },
        Row("no index", "dots", "holds no provider: it has no META-INF/extensions.idx", "@Extension") {
          writeJar(it, manifestOf("dots"), compileJava(good))
        },
        Row("an index without names", "dots", "holds no provider: its META-INF/extensions.idx is empty") {
          writeJar(it, manifestOf("dots"), compileJava(good) + indexOf("# Generated by PF4J", ""))
        },
        Row("an index of many megabytes", "dots", "META-INF/extensions.idx is larger than a megabyte") {
          writeJar(it, manifestOf("dots"), mapOf("META-INF/extensions.idx" to ByteArray(64 shl 20)))
        },
        Row("an index entry whose bytes are damaged", "dots", "META-INF/extensions.idx cannot be read") { jar ->
          jar.writeBytes(damagedIndex())
        },
        Row(
          "an index that names a class which is not there",
          "dots",
          "needs the class demo.Gone, which is not in the jar",
        ) {
          it.jar(extensions = indexOf("demo.Gone"))
        },
        Row("an extension that is no provider", "dots", "demo.Plain is listed", "is not a provider") {
          it.jar(extensions = indexOf("demo.Plain"), more = mapOf("demo.Plain" to plain("public class Plain {}")))
        },
        Row("a provider of no kind", "dots", "does not fit this version of the contract") {
          it.writeBytes(ofNoKind(index))
        },
        Row(
          "a provider without a usable constructor",
          "dots",
          "the host cannot make a demo.Dots",
          "without parameters",
        ) {
          it.dots("private Dots() {}")
        },
        Row("an abstract provider", "dots", "the host cannot make a demo.Dots") {
          it.jar(good.values.single().replace("public class", "public abstract class"))
        },
        Row(
          "a superclass that is missing",
          "dots",
          "needs the class demo.Base, which is not in the jar",
          "Pack the library",
        ) {
          it.jar(
            datasetSource("Dots", "dots", implements = "extends Base implements DatasetProvider<Dots.Options>"),
            more = mapOf("demo.Base" to plain("public class Base {}")),
            drop = setOf("demo/Base.class"),
          )
        },
        Row("a library of the host that plugins do not see", "dots", "needs the class com.google.gson.Gson") {
          it.writeBytes(usingGson(index))
        },
        Row(
          "classes for a newer Java",
          "dots",
          "compiled for Java 21, and this is Java ${Runtime.version().feature()}",
        ) {
          val classes = compileJava(good).mapValues { (_, bytes) -> bytes.copyOf().also { b -> b[7] = 65 } }
          writeJar(it, manifestOf("dots"), classes + index)
        },
        Row("a class file of nonsense", "dots", "fails to link: java.lang.ClassFormatError") {
          writeJar(it, manifestOf("dots"), mapOf("demo/Dots.class" to ByteArray(100)) + index)
        },
        Row("a plugin class that is missing", "dots", "the plugin's start needs the class demo.Main") {
          it.jar(manifest = manifestOf("dots") + ("Plugin-Class" to "demo.Main"))
        },
        Row("a plugin class that is no plugin", "dots", "its Plugin-Class demo.Dots is not a PF4J plugin") {
          it.jar(manifest = manifestOf("dots") + ("Plugin-Class" to "demo.Dots"))
        },
        Row(
          "a plugin class without a usable constructor",
          "dots",
          "its Plugin-Class demo.Main has no public constructor that takes nothing or a PluginWrapper",
        ) {
          val main = "public class Main extends org.pf4j.Plugin { public Main(int port) {} }"
          it.jar(
            manifest = manifestOf("dots") + ("Plugin-Class" to "demo.Main"),
            more = mapOf("demo.Main" to plain(main)),
          )
        },
        Row(
          "an exception in the plugin's start",
          "dots",
          "the plugin's start has thrown IllegalStateException: no luck",
        ) {
          val main =
            "public class Main extends org.pf4j.Plugin { " +
              "@Override public void start() { throw new IllegalStateException(\"no luck.\\n\\tsecond line\"); } }"
          it.jar(
            manifest = manifestOf("dots") + ("Plugin-Class" to "demo.Main"),
            more = mapOf("demo.Main" to plain(main)),
          )
        },
        Row("an error in the plugin's constructor", "dots", "the plugin's start has thrown AssertionError: odd") {
          val main =
            "public class Main extends org.pf4j.Plugin { public Main() { throw new AssertionError(\"odd\"); } }"
          it.jar(
            manifest = manifestOf("dots") + ("Plugin-Class" to "demo.Main"),
            more = mapOf("demo.Main" to plain(main)),
          )
        },
        Row(
          "an exception in a static initializer",
          "dots",
          "the constructor of Dots has thrown ArithmeticException: / by zero",
        ) {
          it.dots("static final int ZERO = Integer.parseInt(\"0\"); static final int BAD = 1 / ZERO;")
        },
        Row(
          "an exception in the constructor",
          "dots",
          "the constructor of Dots has thrown UnsupportedOperationException",
        ) {
          it.dots("public Dots() { throw new UnsupportedOperationException(); }")
        },
        Row(
          "recursion without end in the constructor",
          "dots",
          "the constructor of Dots has thrown StackOverflowError",
        ) {
          it.dots("public Dots() { new Dots(); }")
        },
        Row("an exception that cannot even say its message", "dots", "the constructor of Dots has thrown Evil") {
          it.dots(
            "public Dots() { throw new Evil(); } static class Evil extends RuntimeException { " +
              "@Override public String getMessage() { throw this; } }"
          )
        },
        Row("an exception in name()", "dots", "name() of Dots has thrown IllegalStateException: nameless") {
          it.jar(good.values.single().replace("return \"dots\"", "throw new IllegalStateException(\"nameless\")"))
        },
        Row("no name", "dots", "name() of Dots returned null") {
          it.jar(good.values.single().replace("return \"dots\"", "return null"))
        },
        Row(
          "a name that configs cannot hold",
          "dots",
          "calls itself \"My Dots\"",
          "lower-case letters, digits and dashes",
        ) {
          it.jar(datasetSource("Dots", "My Dots"))
        },
        Row("a kind that it is not", "dots", "says that it is a model and does not implement ModelProvider") {
          it.dots("@Override public ProviderKind kind() { return ProviderKind.MODEL; }")
        },
        Row("no kind", "dots", "kind() of Dots returned null") {
          it.dots("@Override public ProviderKind kind() { return null; }")
        },
        Row("no summary", "dots", "summary() of Dots returned null") {
          it.jar(good.values.single().replace("return \"A test of loading\"", "return null"))
        },
        Row(
          "defaults that their record refuses",
          "dots",
          "defaults() of Dots has thrown IllegalArgumentException: none",
        ) {
          it.jar(
            good.values
              .single()
              .replace(
                "int count) {}",
                "int count) { public Options { " + "throw new IllegalArgumentException(\"none\"); } }",
              )
          )
        },
        Row("no defaults", "dots", "defaults() of Dots returned null") {
          it.jar(good.values.single().replace("return new Options(4)", "return null"))
        },
        Row(
          "an option without a line of documentation",
          "dots",
          "demo.Dots\$Options.count has no @Option line",
          "Annotate",
        ) {
          it.jar(good.values.single().replace("@Option(value = \"how many images\", min = 1)", ""))
        },
        Row(
          "an option of a type that configs cannot hold",
          "dots",
          "Options.count has a type that configs cannot hold",
        ) {
          it.jar(
            good.values.single().replace("int count", "Thread count").replace("new Options(4)", "new Options(null)")
          )
        },
        Row("an exception in presets()", "dots", "presets() of Dots has thrown IllegalStateException: later") {
          it.dots(presets("throw new IllegalStateException(\"later\");"))
        },
        Row("no presets", "dots", "presets() of Dots returned null") { it.dots(presets("return null;")) },
        Row("a preset that is null", "dots", "the preset small of demo.Dots is no Options") {
          it.dots(presets("return java.util.Collections.singletonMap(\"small\", null);"))
        },
        Row("a preset of another record", "dots", "the preset small of demo.Dots is no Options") {
          it.dots(
            "record Other(int count) {} @SuppressWarnings({\"unchecked\", \"rawtypes\"}) " +
              presets("return (java.util.Map) java.util.Map.of(\"small\", new Other(1));")
          )
        },
      )

    val neighbours = tempdir().toPath().let { listOf(datasetJar(it, "aaa"), datasetJar(it, "zzz")) }

    for (row in rows) {
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
        val sources = mapOf("demo.Dots" to datasetSource("Dots", name), "demo.Main" to plain(main.format(moment)))
        val manifest = manifestOf(name) + ("Plugin-Class" to "demo.Main")
        writeJar(folder.resolve("$name.jar"), manifest, compileJava(sources) + index)
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
  }) {
  private companion object {
    fun presets(body: String) = "@Override public java.util.Map<String, Options> presets() { $body }"

    /** A jar whose index is announced as deflated and holds bytes that cannot be inflated. */
    fun damagedIndex(): ByteArray {
      val index = "demo.Dots\n".repeat(200).toByteArray()
      val bytes = ByteArrayOutputStream()
      JarOutputStream(bytes).use { out ->
        out.putNextEntry(JarEntry("META-INF/MANIFEST.MF"))
        out.write("Manifest-Version: 1.0\n".toByteArray())
        manifestOf("dots").forEach { (key, value) -> out.write("$key: $value\n".toByteArray()) }
        out.putNextEntry(JarEntry("META-INF/extensions.idx"))
        out.write(index)
      }
      val jar = bytes.toByteArray()
      val name = String(jar, Charsets.ISO_8859_1).indexOf("META-INF/extensions.idx")
      val content = name + "META-INF/extensions.idx".length
      jar.fill(-1, content, content + 8)
      return jar
    }

    /** `demo.Dots` implements Provider itself, which only a class compiled beside another Provider can. */
    fun ofNoKind(index: Pair<String, ByteArray>): ByteArray {
      val provider =
        "package io.github.diffusionhost.api; public interface Provider<O> extends org.pf4j.ExtensionPoint {}"
      val dots = "package demo; public class Dots implements io.github.diffusionhost.api.Provider<Object> {}"
      val classes = compileJava(mapOf("io.github.diffusionhost.api.Provider" to provider, "demo.Dots" to dots))
      return jarBytes(classes.filterKeys { it.startsWith("demo/") } + index)
    }

    /** `demo.Dots` uses a class of that name which stays out of the jar; the host has one, for itself. */
    fun usingGson(index: Pair<String, ByteArray>): ByteArray {
      val gson = "package com.google.gson; public class Gson {}"
      val dots = datasetSource("Dots", "dots", "private final Object gson = new com.google.gson.Gson();")
      val classes = compileJava(mapOf("com.google.gson.Gson" to gson, "demo.Dots" to dots))
      return jarBytes(classes.filterKeys { it.startsWith("demo/") } + index)
    }

    fun jarBytes(files: Map<String, ByteArray>): ByteArray {
      val jar = Files.createTempFile("plugin", ".jar")
      try {
        return writeJar(jar, manifestOf("dots"), files).readBytes()
      } finally {
        Files.delete(jar)
      }
    }
  }
}
