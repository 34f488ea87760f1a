package io.github.diffusionhost.app.plugins

import ai.djl.engine.EngineProvider
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.Provider
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.util.ServiceLoader
import kotlin.io.path.createDirectory

/** What a plugin sees. */
class PluginIsolationSpec :
  FunSpec({
    quietPlugins()
    val host = Provider::class.java.classLoader

    /** The class loader of a good plugin whose jar holds [more]. */
    fun <T> withLoader(more: Map<String, ByteArray> = mapOf(), block: (ClassLoader) -> T): T {
      val folder = tempdir().toPath().resolve("in").createDirectory()
      datasetJar(folder, "dots", more = more)
      return load(folder, folder.resolveSibling("copies")).use { block(it.get("dots").provider.javaClass.classLoader) }
    }

    test(
      "a plugin shares the contract, DJL's api, PF4J, slf4j, jspecify, the Kotlin library and the JDK with the host"
    ) {
      withLoader { loader ->
        for (name in SHOWN) {
          withClue(name) { loader.loadClass(name) shouldBeSameInstanceAs host.loadClass(name) }
        }
        loader.getResource("io/github/diffusionhost/api/Provider.class") shouldBe
          host.getResource("io/github/diffusionhost/api/Provider.class")
      }
    }

    test("a plugin sees nothing else of the host, as class or as resource") {
      withLoader { loader ->
        for (name in HIDDEN) {
          val file = name.replace('.', '/') + ".class"
          withClue(name) {
            host.loadClass(name).name shouldBe name
            shouldThrow<ClassNotFoundException> { loader.loadClass(name) }
            loader.getResource(file).shouldBeNull()
            loader.getResources(file).toList().shouldBeEmpty()
            loader.getResourceAsStream(file).shouldBeNull()
          }
        }
      }
    }

    test("DJL finds its engine and its native library also when a plugin is the first to ask") {
      withLoader { loader ->
        val engines = inContextOf(loader) { ServiceLoader.load(EngineProvider::class.java).map { it.engineName } }
        engines shouldContain "PyTorch"
        engines shouldBe ServiceLoader.load(EngineProvider::class.java, host).map { it.engineName }
        for (file in
          listOf("jnilib/pytorch.properties", "native/lib/pytorch.properties", "pytorch-engine.properties")) {
          withClue(file) {
            host.getResources(file).toList().shouldNotBeEmpty()
            loader.getResources(file).toList() shouldBe host.getResources(file).toList()
          }
        }
        inContextOf(loader) { NDManager.newBaseManager().use { it.ones(Shape(2)).sum().getFloat() } } shouldBe 2f
      }
    }

    test("two plugins use two versions of one library, which the host has in a third") {
      val folder = tempdir().toPath().resolve("in").createDirectory()
      for (version in listOf(1, 2)) {
        val library = "package com.google.gson; public class Gson { public static int version() { return $version; } }"
        val body = "@Override public String toString() { return \"library \" + com.google.gson.Gson.version(); }"
        val sources =
          mapOf("com.google.gson.Gson" to library, "demo.Dots" to datasetSource("Dots", "dots$version", body))
        writeJar(
          folder.resolve("$version.jar"),
          manifestOf("dots$version"),
          compileJava(sources) + indexOf("demo.Dots"),
        )
      }
      load(folder, folder.resolveSibling("copies")).use { plugins ->
        plugins.problems.shouldBeEmpty()
        plugins.providers.map { it.provider.toString() } shouldContainExactly listOf("library 1", "library 2")
      }
    }

    test("a plugin's own resource comes before the host's, and its service files are its own") {
      val own = mapOf("logback.xml" to byteArrayOf(1), "META-INF/services/demo.Service" to "demo.Dots".toByteArray())
      withLoader(own) { loader ->
        loader.getResourceAsStream("logback.xml")!!.use { it.readBytes().toList() } shouldBe listOf<Byte>(1)
        loader.getResources("META-INF/services/demo.Service").toList().size shouldBe 1
        loader.getResources("META-INF/services/org.slf4j.spi.SLF4JServiceProvider").toList().shouldBeEmpty()
        loader.getResources("META-INF/extensions.idx").toList().size shouldBe 1
      }
    }

    test("of a library that host and plugin share, parts that the host lacks come from the plugin") {
      val part = compileJava(mapOf("kotlin.reflect.full.Part" to "package kotlin.reflect.full; public class Part {}"))
      val copy = compileJava(mapOf("org.slf4j.Logger" to "package org.slf4j; public interface Logger {}"))
      withLoader(part + copy) { loader ->
        loader.loadClass("kotlin.reflect.full.Part").classLoader shouldBeSameInstanceAs loader
        loader.loadClass("org.slf4j.Logger") shouldBeSameInstanceAs host.loadClass("org.slf4j.Logger")
      }
    }

    test("a plugin cannot reach the host or another plugin through PF4J") {
      val folder = tempdir().toPath().resolve("in").createDirectory()
      datasetJar(folder, "other")
      val main =
        """
        package demo;
        @SuppressWarnings("deprecation")
        public class Main extends org.pf4j.Plugin {
          public Main(org.pf4j.PluginWrapper wrapper) { super(wrapper); }
          @Override public void start() { wrapper.getPluginManager().getPlugin("other"); }
        }
        """
      val sources = mapOf("demo.Dots" to datasetSource("Dots", "dots"), "demo.Main" to main)
      val manifest = manifestOf("dots") + ("Plugin-Class" to "demo.Main")
      writeJar(folder.resolve("dots.jar"), manifest, compileJava(sources) + indexOf("demo.Dots"))
      load(folder, folder.resolveSibling("copies")).use { plugins ->
        plugins.providers.map { it.name } shouldContainExactly listOf("other")
        (plugins.problems.single().pluginId) shouldBe "dots"
      }
    }

    test("closing closes the class loader") {
      val folder = tempdir().toPath().resolve("in").createDirectory()
      datasetJar(folder, "dots")
      val plugins = load(folder, folder.resolveSibling("copies"))
      val loader = plugins.get("dots").provider.javaClass.classLoader
      loader.getResource("demo/Dots.class") shouldNotBe null
      plugins.close()
      loader.getResource("demo/Dots.class") shouldBe null
    }
  }) {
  private companion object {
    val SHOWN =
      listOf(
        "io.github.diffusionhost.api.Provider",
        "io.github.diffusionhost.api.ops.Ops",
        "ai.djl.ndarray.NDArray",
        "ai.djl.engine.Engine",
        "org.pf4j.Plugin",
        "org.slf4j.Logger",
        "org.jspecify.annotations.Nullable",
        "kotlin.Unit",
        "kotlin.collections.CollectionsKt",
        "java.sql.Connection",
        "javax.imageio.ImageIO",
        "com.sun.net.httpserver.HttpServer",
      )
    val HIDDEN =
      listOf(
        "io.github.diffusionhost.app.plugins.LoadedPlugins",
        "io.github.diffusionhost.engine.options.TrainOptions",
        "ai.djl.pytorch.engine.PtEngine",
        "ai.djl.pytorch.jni.JniUtils",
        "com.google.gson.Gson",
        "org.koin.core.Koin",
        "com.github.ajalt.clikt.core.CliktCommand",
        "kotlinx.serialization.json.Json",
        "org.snakeyaml.engine.v2.api.Load",
        "ch.qos.logback.classic.Logger",
        "com.github.zafarkhaja.semver.Version",
        "com.sun.jna.Native",
      )
  }
}
