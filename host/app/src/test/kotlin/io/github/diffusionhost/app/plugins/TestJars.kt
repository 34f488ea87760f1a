package io.github.diffusionhost.app.plugins

import ai.djl.ndarray.NDArray
import ch.qos.logback.classic.Level
import ch.qos.logback.classic.Logger
import io.github.diffusionhost.api.Provider
import io.github.diffusionhost.app.plugins.jar.PluginFolder
import java.io.ByteArrayOutputStream
import java.io.File
import java.io.PrintStream
import java.net.URI
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.util.jar.JarEntry
import java.util.jar.JarOutputStream
import javax.tools.DiagnosticCollector
import javax.tools.FileObject
import javax.tools.ForwardingJavaFileManager
import javax.tools.JavaFileManager
import javax.tools.JavaFileObject
import javax.tools.SimpleJavaFileObject
import javax.tools.ToolProvider
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.createDirectory
import kotlin.io.path.deleteRecursively
import kotlin.io.path.invariantSeparatorsPathString
import kotlin.io.path.outputStream
import kotlin.io.path.readBytes
import kotlin.io.path.toPath
import kotlin.io.path.walk
import kotlin.io.path.writeText
import org.jetbrains.kotlin.cli.common.ExitCode
import org.jetbrains.kotlin.cli.jvm.K2JVMCompiler
import org.jspecify.annotations.NullMarked
import org.pf4j.Extension
import org.slf4j.LoggerFactory

/** What a plugin compiles against: plugin-api and what comes with it, found where this process has it from. */
val contractClassPath: List<Path> =
  listOf(Provider::class, NDArray::class, Extension::class, Logger::class, NullMarked::class, Unit::class)
    .map { it.java.protectionDomain.codeSource.location.toURI().toPath() }
    .plus(LoggerFactory::class.java.protectionDomain.codeSource.location.toURI().toPath())

/** Compiles Java sources, by class name, in memory; returns class files by their path in a jar. */
fun compileJava(
  sources: Map<String, String>,
  release: Int = 17,
  processor: String? = null,
  classPath: List<Path> = contractClassPath,
): Map<String, ByteArray> {
  val compiler = ToolProvider.getSystemJavaCompiler()
  val messages = DiagnosticCollector<JavaFileObject>()
  val output = InMemoryOutput(compiler.getStandardFileManager(messages, null, null))
  val processing = if (processor == null) listOf("-proc:none") else listOf("-processor", processor)
  val options = listOf("-classpath", classPath.joinToString(File.pathSeparator), "--release", "$release") + processing
  val units = sources.map { (name, text) -> InMemorySource(name, text) }
  check(compiler.getTask(null, output, messages, options, null, units).call()) {
    messages.diagnostics.joinToString("\n")
  }
  return output.files.mapValues { it.value.toByteArray() }
}

@OptIn(ExperimentalPathApi::class)
/** Compiles Kotlin sources, by file name; returns class files by their path in a jar. */
fun compileKotlin(sources: Map<String, String>): Map<String, ByteArray> {
  val folder = Files.createTempDirectory("kotlin")
  try {
    val files = sources.map { (name, text) -> folder.resolve(name).apply { writeText(text) } }
    val classes = folder.resolve("classes").createDirectory()
    val options =
      listOf("-no-stdlib", "-no-reflect", "-jvm-target", "17", "-d", "$classes") +
        listOf("-classpath", contractClassPath.joinToString(File.pathSeparator))
    val messages = ByteArrayOutputStream()
    val code = K2JVMCompiler().exec(PrintStream(messages), *(options + files.map { "$it" }).toTypedArray())
    check(code == ExitCode.OK) { messages }
    return classes.walk().associate { classes.relativize(it).invariantSeparatorsPathString to it.readBytes() }
  } finally {
    folder.deleteRecursively()
  }
}

private class InMemorySource(name: String, private val text: String) :
  SimpleJavaFileObject(URI("string:///${name.replace('.', '/')}.java"), JavaFileObject.Kind.SOURCE) {
  override fun getCharContent(ignoreEncodingErrors: Boolean) = text
}

private class InMemoryOutput(manager: JavaFileManager) : ForwardingJavaFileManager<JavaFileManager>(manager) {
  val files = LinkedHashMap<String, ByteArrayOutputStream>()

  override fun getJavaFileForOutput(
    location: JavaFileManager.Location,
    className: String,
    kind: JavaFileObject.Kind,
    sibling: FileObject?,
  ): JavaFileObject = file(className.replace('.', '/') + kind.extension, kind)

  override fun getFileForOutput(
    location: JavaFileManager.Location,
    packageName: String,
    relativeName: String,
    sibling: FileObject?,
  ): FileObject = file(relativeName, JavaFileObject.Kind.OTHER)

  private fun file(path: String, kind: JavaFileObject.Kind) =
    object : SimpleJavaFileObject(URI("memory:///$path"), kind) {
      override fun getCharContent(ignoreEncodingErrors: Boolean) =
        files[path]?.toString(Charsets.UTF_8) ?: throw NoSuchFileException(path)

      override fun openOutputStream() = ByteArrayOutputStream().also { files[path] = it }
    }
}

/** Writes a jar; a null manifest leaves it out. Returns its path. */
fun writeJar(jar: Path, manifest: Map<String, String>?, files: Map<String, ByteArray>): Path {
  JarOutputStream(jar.outputStream()).use { out ->
    if (manifest != null) {
      out.putNextEntry(JarEntry("META-INF/MANIFEST.MF"))
      out.write("Manifest-Version: 1.0\n".toByteArray())
      manifest.forEach { (key, value) -> out.write("$key: $value\n".toByteArray()) }
      out.write("\n".toByteArray())
    }
    for ((path, bytes) in files) {
      out.putNextEntry(JarEntry(path))
      out.write(bytes)
    }
  }
  return jar
}

fun manifestOf(id: String, version: String = "1.0.0", requires: String = ">=0.1.0 & <0.2.0") =
  mapOf("Plugin-Id" to id, "Plugin-Version" to version, "Plugin-Requires" to requires)

/** An index of the given classes, as an entry of a jar. */
fun indexOf(vararg classNames: String) = "META-INF/extensions.idx" to classNames.joinToString("\n").toByteArray()

/**
 * The source of a dataset provider of class `demo.[type]`.
 *
 * @param body further members
 * @param implements what stands behind the class name
 */
fun datasetSource(
  type: String,
  name: String,
  body: String = "",
  implements: String = "implements DatasetProvider<$type.Options>",
) =
  """
  package demo;
  import io.github.diffusionhost.api.*;
  import io.github.diffusionhost.api.dataset.*;
  import io.github.diffusionhost.api.options.Option;
  public class $type $implements {
    public record Options(@Option(value = "how many images", min = 1) int count) {}
    @Override public String name() { return "$name"; }
    @Override public String summary() { return "A test of loading"; }
    @Override public Options defaults() { return new Options(4); }
    @Override public ImageDataset open(Options options, DatasetContext context) {
      throw new UnsupportedOperationException();
    }
    $body
  }
  """

/** A good plugin of one dataset, of id and provider name [name]. */
fun datasetJar(
  folder: Path,
  name: String,
  version: String = "1.0.0",
  file: String = "$name-$version.jar",
  manifest: Map<String, String>? = manifestOf(name, version),
  body: String = "",
  more: Map<String, ByteArray> = mapOf(),
): Path {
  val classes = compileJava(mapOf("demo.Dots" to datasetSource("Dots", name, body)))
  return writeJar(folder.resolve(file), manifest, classes + indexOf("demo.Dots") + more)
}

/** Loads one folder that must be there. */
fun load(folder: Path, copies: Path, vararg more: Path) =
  loadPlugins((listOf(folder) + more).map { PluginFolder(it, true) }, copies)

/** PF4J tells at level debug of every class that it looks for. */
fun quietPlugins() {
  (LoggerFactory.getLogger("org.pf4j") as Logger).level = Level.WARN
}
