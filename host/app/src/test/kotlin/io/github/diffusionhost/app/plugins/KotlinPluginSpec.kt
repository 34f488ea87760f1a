package io.github.diffusionhost.app.plugins

import io.github.diffusionhost.api.DatasetProvider
import io.github.diffusionhost.api.ProviderKind
import io.github.diffusionhost.api.dataset.DatasetContext
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.RemoteFile
import io.github.diffusionhost.api.dataset.Split
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.createDirectory

class KotlinPluginSpec :
  FunSpec({
    quietPlugins()

    test("a plugin written in Kotlin, dropped as a jar into a folder, is found and used by name") {
      val folder = tempdir().toPath().resolve("in").createDirectory()
      val classes = compileKotlin(mapOf("Stripes.kt" to STRIPES))
      writeJar(folder.resolve("stripes.jar"), manifestOf("stripes"), classes + indexOf("demo.Stripes"))
      load(folder, folder.resolveSibling("copies")).use { plugins ->
        plugins.problems.shouldBeEmpty()
        val stripes = plugins.get("stripes", ProviderKind.DATASET)
        stripes.options.options().map { "${it.name()}: ${it.doc()}" } shouldContainExactly
          listOf("period: rows from stripe to stripe")
        stripes.open(mapOf("period" to 2)).use { images ->
          images.shape() shouldBe ImageShape(1, 4, 2)
          val pixels = ByteArray(images.shape().elements())
          images.read(1, pixels, 0)
          pixels.toList() shouldContainExactly listOf(0, 0, -1, -1, 0, 0, -1, -1).map { it.toByte() }
          images.label(1) shouldBe 1
        }
      }
    }
  }) {
  private object NoFiles : DatasetContext {
    override fun dataFolder(): Path = Path.of("unused")

    override fun split() = Split.TRAIN

    override fun seed() = 0L

    override fun download(files: List<RemoteFile>) = error("this dataset has no files")
  }

  private companion object {
    @Suppress("UNCHECKED_CAST") // the provider's own options
    fun LoadedProvider.open(values: Map<String, Any>) = inPlugin {
      (it as DatasetProvider<Record>).open(options.create(values), NoFiles)
    }

    const val STRIPES =
      """
      package demo

      import io.github.diffusionhost.api.DatasetProvider
      import io.github.diffusionhost.api.dataset.*
      import io.github.diffusionhost.api.options.Option
      import org.pf4j.Extension

      @JvmRecord
      data class StripesOptions(@all:Option("rows from stripe to stripe", min = 1.0) val period: Int)

      @Extension
      class Stripes : DatasetProvider<StripesOptions> {
        override fun name() = "stripes"
        override fun summary() = "Rows of black and white"
        override fun defaults() = StripesOptions(3)
        override fun open(options: StripesOptions, context: DatasetContext) = object : ImageDataset {
          override fun shape() = ImageShape(1, 4, 2)
          override fun size() = options.period
          override fun classNames() = (0 until size()).map { "phase " + it }
          override fun read(index: Int, target: ByteArray, offset: Int) {
            for (i in 0 until shape().elements()) {
              target[offset + i] = if ((i / 2 + index) % options.period == 1) 0 else -1
            }
          }
          override fun label(index: Int) = index
          override fun normalization() = PixelNormalization.SIGNED
        }
      }
      """
  }
}
