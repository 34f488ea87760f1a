package io.github.diffusionhost.engine.checkpoint

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.longs.shouldBeGreaterThanOrEqual
import io.kotest.matchers.optional.shouldBePresent
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.random.Random

@Tags("Process")
class KilledWriterSpec :
  FunSpec({
    test("a process killed while it writes checkpoints leaves whole ones only") {
      val folder = tempdir().toPath()
      val random = Random(1)
      repeat(4) {
        val process =
          ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Dai.djl.offline=true",
              "-cp",
              System.getProperty("java.class.path"),
              "io.github.diffusionhost.engine.checkpoint.KilledWriterSpecKt",
              "$folder",
            )
            .redirectErrorStream(true)
            .start()
        var written = -1L
        process.inputReader().use { output ->
          // Wait for two checkpoints, so that the next one is being written, then kill in the midst of it.
          val lines = output.lineSequence().filter { it.startsWith("wrote ") }.take(2)
          written = lines.map { it.removePrefix("wrote ").toLong() }.last()
          Thread.sleep(random.nextLong(60))
          process.destroyForcibly().waitFor()
        }
        val latest = CheckpointFolder(folder).latestUsable().shouldBePresent()
        latest.state().step() shouldBeGreaterThanOrEqual written
        NDManager.newBaseManager().use { manager ->
          val weights = latest.tensors("model.safetensors", manager).getValue("w")
          weights.eq(latest.state().step().toFloat()).all().getBoolean() shouldBe true
        }
      }
      NDManager.newBaseManager().use { writeStep(CheckpointFolder(folder), it, 9999) }
      folder.listDirectoryEntries(".*").map { it.name } shouldContainExactly listOf()
    }
  })

private fun writeStep(checkpoints: CheckpointFolder, manager: NDManager, step: Long) {
  manager.full(Shape(1_000_000), step.toFloat()).use { weights ->
    checkpoints.write(CheckpointState.of(step, step), mapOf("model.safetensors" to mapOf("w" to weights)), mapOf())
  }
}

/** Goes on from the last checkpoint, writing each step twice, until it is killed. */
fun main(arguments: Array<String>) {
  val checkpoints = CheckpointFolder(Path.of(arguments.single()))
  val last = checkpoints.latestUsable().map { it.state().step() }.orElse(0L)
  NDManager.newBaseManager().use { manager ->
    for (step in last + 1..last + 1000) {
      repeat(2) { writeStep(checkpoints, manager, step) }
      println("wrote $step")
    }
  }
}
