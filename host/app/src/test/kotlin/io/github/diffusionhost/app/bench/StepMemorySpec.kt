package io.github.diffusionhost.app.bench

import ai.djl.ndarray.NDManager
import com.sun.jna.Function
import com.sun.jna.Structure
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.app.cli.installed
import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.run.SteppedTraining
import io.github.diffusionhost.engine.data.TrainingImages
import io.github.diffusionhost.engine.step.CompiledStep
import io.github.diffusionhost.engine.step.StepMemory
import io.kotest.assertions.withClue
import io.kotest.core.NamedTag
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.shouldBeBetween
import java.awt.image.BufferedImage
import java.util.concurrent.atomic.AtomicBoolean
import javax.imageio.ImageIO
import kotlin.concurrent.thread
import kotlin.io.path.createDirectories
import kotlin.io.path.writeText

private val RECIPES =
  mapOf(
    "R1" to "model: { use: unet, preset: cifar10 }\nscheduler: { use: ddpm }",
    "R3" to "model: { use: dit }\nscheduler: { use: flowmatch }",
    "R4" to "model: { use: edm2-e, preset: cifar10 }\nscheduler: { use: edm2 }",
  )

/** What a step's arrays take is counted from its program: compared with what the process's allocator has handed out. */
@Tags("Slow")
class StepMemorySpec :
  FunSpec({
    val folder = tempdir().toPath()
    val images = folder.resolve("images/a").createDirectories()
    repeat(32) { i ->
      val image = BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB)
      for (at in 0 until 1024) image.setRGB(at % 32, at / 32, 7919 * at + 104729 * i)
      ImageIO.write(image, "png", images.resolve("$i.png").toFile())
    }
    val glibc = runCatching { Function.getFunction("c", "mallinfo2") }.isSuccess

    for ((recipe, batches) in mapOf("R1" to listOf(4, 16), "R3" to listOf(4, 64), "R4" to listOf(4, 16))) {
      for (batch in batches) {
        test("$recipe at batch $batch takes what is planned").config(enabled = glibc, tags = tags(batch)) {
          val config = folder.resolve("$recipe-$batch.yaml")
          config.writeText(
            """
            |${RECIPES.getValue(recipe)}
            |dataset: { use: image-folder, path: "${images.parent}", size: 32 }
            |train: { steps: 4, batchSize: $batch, precision: fp32, ema: [{ use: constant, decay: 0.999 }] }
            |"""
              .trimMargin()
          )
          val koin = installed(folder)
          val run = koin.get<RunConfigReader>().read(ConfigRequest(config))
          NDManager.newBaseManager("PyTorch").use { manager ->
            koin.get<RunAssembly>().openDataset(run, Split.TRAIN).use { dataset ->
              TrainingImages.of(dataset, manager).use { data ->
                val before = handedOut()
                SteppedTraining(koin.get(), run, data, manager, run.train.execution()).use { training ->
                  val planned: StepMemory = (training.step as CompiledStep).memory()
                  val taken = peakWhile { repeat(2) { training.step() } } - before
                  println("$recipe at $batch: ${planned.bytes() shr 20} MiB planned, ${taken shr 20} MiB taken")
                  withClue("$planned, ${planned.bytes() shr 20} MiB; taken ${taken shr 20} MiB") {
                    (planned.bytes().toDouble() / taken).shouldBeBetween(0.85, 1.15, 0.0)
                  }
                }
              }
            }
          }
        }
      }
    }
  })

/** A batch that goes through in parts, or takes as long as one that does. */
private fun tags(batch: Int) = if (batch > 4) setOf(NamedTag("Heavy")) else setOf()

/** The most that the allocator has handed out at a time while [work] is done, seen every millisecond. */
private fun peakWhile(work: () -> Unit): Long {
  val done = AtomicBoolean()
  var most = 0L
  val watch = thread {
    while (!done.get()) {
      most = maxOf(most, handedOut())
      Thread.sleep(1)
    }
  }
  work()
  done.set(true)
  watch.join()
  return most
}

private fun handedOut(): Long {
  val found =
    Function.getFunction("c", "mallinfo2").invoke(MallocInfo.ByValue::class.java, arrayOf()) as MallocInfo.ByValue
  return found.uordblks + found.hblkhd
}

/** `struct mallinfo2` of glibc 2.33 and later. */
@Structure.FieldOrder(
  "arena",
  "ordblks",
  "smblks",
  "hblks",
  "hblkhd",
  "usmblks",
  "fsmblks",
  "uordblks",
  "fordblks",
  "keepcost",
)
open class MallocInfo : Structure() {
  @JvmField var arena = 0L
  @JvmField var ordblks = 0L
  @JvmField var smblks = 0L
  @JvmField var hblks = 0L
  @JvmField var hblkhd = 0L
  @JvmField var usmblks = 0L
  @JvmField var fsmblks = 0L
  @JvmField var uordblks = 0L
  @JvmField var fordblks = 0L
  @JvmField var keepcost = 0L

  class ByValue : MallocInfo(), Structure.ByValue
}
