package io.github.diffusionhost.app.bench

import ai.djl.Device
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.app.bench.BenchReport.Planned
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.run.TrainingParts
import io.github.diffusionhost.app.run.deviceOf
import io.github.diffusionhost.app.run.nameOf
import io.github.diffusionhost.app.terminal.textTable
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.app.words.count
import io.github.diffusionhost.engine.data.TrainingImages
import io.github.diffusionhost.engine.step.MemoryPlan
import io.github.diffusionhost.engine.trace.NotTraceableException
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement

/**
 * What the arrays of a config's compiled steps take, by how many images go through the network at a time.
 *
 * @property device which steps are counted: those of a `gpu`, or of this machine's `cpu`
 * @property dataset bytes of the images of the dataset that lie on the device; those of a step if it is mapped
 * @property on the device that was at hand
 * @property taken images at a time of a training there; null if steps of another device are counted
 * @property cards what GPUs take, if their steps are counted
 * @property compiled whether the config compiles its steps; those that are counted are compiled
 */
@Serializable
internal data class MemoryTable(
  val name: String,
  val device: String,
  val precision: String,
  val parameters: Long,
  val batchSize: Int,
  val dataset: Long,
  val on: String,
  val taken: Int?,
  val compiled: Boolean,
  val rows: List<Row>,
  val cards: List<Card>,
) {
  /** Of steps with so many images at a time. */
  @Serializable data class Row(val images: Int, val step: Planned)

  /** How many images at a time a GPU of so much memory takes; null if not one fits. */
  @Serializable data class Card(val gibibytes: Long, val images: Int?)

  fun toJson(): JsonElement = FORMAT.encodeToJsonElement(serializer(), this)

  fun text(): String = buildString {
    append(textTable(HEAD, rows.map { row -> cells(row) }))
    append("\nMiB of arrays at most, counted from the program of $name as a ${words(device)} runs it:\n")
    append("${count(parameters)} parameters, $precision, train.batchSize $batchSize.\n")
    append("Beside them lie the images of the dataset, ${mebibytes(dataset)} MiB, and what the libraries take.\n")
    if (cards.isNotEmpty())
      append(
        "On a GPU auto takes as many images at a time: ${cards.joinToString { "${images(it)} of ${it.gibibytes} GiB" }}\n"
      )
    if (!compiled) append("The config has train.compile false: its steps take more, which is not counted.\n")
    if (taken != null)
      append("Images at a time of a training on $on: ${count(taken.toLong())} (train.microBatchSize)\n")
  }

  private fun images(card: Card) = card.images?.let { count(it.toLong()) } ?: "none"

  private fun cells(row: Row): List<String> {
    val step = row.step
    val lasting = step.weights + step.moments + step.averages
    return listOf(
      count(row.images.toLong()),
      mebibytes(step.bytes),
      mebibytes(lasting),
      mebibytes(step.bytes - lasting),
    )
  }

  private fun words(device: String) = if (device == GPU) "GPU" else "CPU such as this machine's"

  private fun mebibytes(bytes: Long) = count(bytes shr 20)

  companion object {
    const val GPU = "gpu"
    const val CPU = "cpu"

    /** Of cards that people have. */
    private val GIBIBYTES = listOf(6L, 8L, 12L, 16L, 24L, 48L, 80L)
    private val HEAD = listOf("IMAGES AT A TIME", "OF A STEP", "WEIGHTS, MOMENTS, AVERAGES", "WHILE IT RUNS")
    private val FORMAT = Json { encodeDefaults = true }

    /**
     * Counts.
     *
     * @param device `gpu` or `cpu`; null: what the config's device is
     * @param on the device that is used
     * @throws UserError if the steps of the config cannot be compiled
     */
    fun of(
      assembly: RunAssembly,
      config: RunConfig,
      device: String?,
      on: () -> Device = { deviceOf(config.device, config.train.matmul()) },
    ): MemoryTable =
      NDManager.newBaseManager(on(), "PyTorch").use { manager ->
        assembly.openDataset(config, Split.TRAIN).use { dataset ->
          TrainingImages.of(dataset, manager).use { data ->
            TrainingParts(assembly, config, data, manager).use { counted(it, config, manager, device) }
          }
        }
      }

    private fun counted(parts: TrainingParts, config: RunConfig, manager: NDManager, device: String?): MemoryTable {
      val train = config.train
      val at = if (manager.device.isGpu) GPU else CPU
      val counted = device ?: at
      try {
        return MemoryPlan(parts.setup, train.precision(), counted == GPU).use { plan ->
          val images = (train.batchSize() downTo 1).filter { train.batchSize() % it == 0 }
          MemoryTable(
            config.name,
            counted,
            train.precision().name.lowercase(),
            parts.network.parameterCount(),
            train.batchSize(),
            parts.setup.batches().pixels(train.batchSize()).size(),
            nameOf(manager.device),
            if (counted == at) if (train.compile()) plan.images() else train.microBatch() else null,
            train.compile(),
            images.map { Row(it, Planned.of(plan.at(it))) },
            if (counted == GPU) GIBIBYTES.map { Card(it, plan.onGpuOf(it shl 30)) } else emptyList(),
          )
        }
      } catch (e: NotTraceableException) {
        throw UserError("the steps cannot be compiled, so that nothing can be counted: ${e.message}", ExitCode.FAILED)
      }
    }
  }
}
