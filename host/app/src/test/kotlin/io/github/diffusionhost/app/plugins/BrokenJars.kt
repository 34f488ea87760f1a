package io.github.diffusionhost.app.plugins

import java.io.ByteArrayOutputStream
import java.nio.file.Files
import java.nio.file.Path
import java.util.jar.JarEntry
import java.util.jar.JarOutputStream
import kotlin.io.path.name
import kotlin.io.path.readBytes

/** A row: what is wrong, how the jar is made, and the words that its problem must hold. */
internal class BrokenJar(val wrong: String, val id: String?, vararg val words: String, val make: (Path) -> Unit)

/** How jars are made that are wrong in one way. */
internal object BrokenJars {
  val good = mapOf("demo.Dots" to datasetSource("Dots", "dots"))
  val index = indexOf("demo.Dots")

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
