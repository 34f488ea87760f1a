package io.github.diffusionhost.app.exchange

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.github.diffusionhost.engine.support.golden.golden
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.math.abs
import kotlin.math.max

/** From an imported folder and given noise, `host sample` makes the images that diffusers made of them. */
class ImportedSamplingSpec :
  FunSpec({
    val manager = autoClose(NDManager.newBaseManager("PyTorch"))
    val folder = tempdir().toPath()
    val recorded =
      Path.of(ImportedSamplingSpec::class.java.getResource("/fixtures/diffusers/sampled.safetensors")!!.toURI())

    fun read(file: Path, name: String) = SafetensorsFile.open(file).use { it.read(name, manager).toFloatArray() }

    for ((scheduler, expected) in listOf("DDIMScheduler" to "ddim", "DPMSolverMultistepScheduler" to "dpmpp")) {
      golden("$scheduler: the images are those of diffusers", "unet/main/config") {
        val from = folder.resolve(scheduler).pipeline("main", scheduler = mapOf("_class_name" to scheduler))
        val imported = folder.resolve("$scheduler-imported")
        inProcess("import", "--diffusers", "$from", "--out", "$imported").exit shouldBe 0
        val out = folder.resolve("$scheduler.safetensors")
        val sampled =
          inProcess("sample", "--checkpoint", "$imported", "--steps", "5", "--noise", "$recorded", "--out", "$out")
        (sampled.exit to sampled.out.trim()) shouldBe (0 to "$out")
        val images = read(out, "samples")
        val reference = read(recorded, expected)
        images.size shouldBe reference.size
        val largest = max(1.0, reference.maxOf { abs(it.toDouble()) })
        images.indices.maxOf { abs(images[it].toDouble() - reference[it]) } / largest shouldBeLessThan 5e-5
      }
    }
  })
