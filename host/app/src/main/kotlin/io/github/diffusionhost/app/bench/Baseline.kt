package io.github.diffusionhost.app.bench

import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import java.io.IOException
import java.nio.file.Path
import kotlin.io.path.fileSize
import kotlin.io.path.isRegularFile
import kotlin.io.path.readText
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.decodeFromJsonElement

/**
 * What a measurement is compared with.
 *
 * @property measures by their names, as [Comparison] has them
 * @property circumstances what must be equal for the ratios to say something about the programs
 */
internal class Baseline(val file: Path, val measures: Map<String, Double>, val circumstances: Map<String, String>) {
  companion object {
    private const val MOST_BYTES = 1L shl 20
    private val FORMAT = Json { ignoreUnknownKeys = true }

    /**
     * Reads what `host bench --json` has printed, or a script that times PyTorch.
     *
     * @throws UserError if the file is neither
     */
    fun read(file: Path): Baseline {
      // A device or a pipe has no size, and may have no end.
      if (!file.isRegularFile()) throw neither(file, "it is no file, or is not there")
      try {
        if (file.fileSize() > MOST_BYTES) throw neither(file, "it is larger than any measurement")
        val json = FORMAT.parseToJsonElement(file.readText()) as? JsonObject ?: throw neither(file, "it is no object")
        val read =
          when {
            "train" in json && "environment" in json -> of(file, FORMAT.decodeFromJsonElement<BenchReport>(json))
            "images_per_second" in json -> FORMAT.decodeFromJsonElement<PyTorchTimes>(json).baseline(file)
            else -> throw neither(file, "it has neither train and environment nor images_per_second")
          }
        read.measures.entries
          .find { (_, value) -> value !in SENSIBLE }
          ?.let { (name, value) ->
            throw neither(file, "its ${name.substringBefore(',')} is $value, which nothing has measured")
          }
        return read
      } catch (e: SerializationException) {
        throw neither(file, e.message.orEmpty().lineSequence().first(), e)
      } catch (e: IOException) {
        throw UserError("--against ${Printable.path(file)} cannot be read: ${e.message}", ExitCode.USAGE, e)
      }
    }

    private fun of(file: Path, report: BenchReport) = Baseline(file, measuresOf(report), circumstancesOf(report))

    private fun neither(file: Path, why: String, cause: Exception? = null) =
      UserError(
        "--against ${Printable.path(file)} is not what host bench --json prints, nor what a script that times PyTorch " +
          "does: ${Printable.line(why, LONGEST)}",
        ExitCode.USAGE,
        cause,
      )

    private const val LONGEST = 200
    private val SENSIBLE = 1e-6..1e12
  }
}

/**
 * What a script that times PyTorch prints: one way of running of one network, `train` or `sample`.
 *
 * @property compile whether by `torch.compile`
 */
@Serializable
private data class PyTorchTimes(
  val mode: String = "train",
  val batch: Int,
  val precision: String,
  val threads: Int? = null,
  val device: String,
  val compile: Boolean = false,
  val torch: String? = null,
  val parameters: Long? = null,
  @SerialName("images_per_second") val imagesPerSecond: Double,
  @SerialName("seconds_to_first_step") val secondsToFirstStep: Double? = null,
  @SerialName("peak_rss_mib") val peakRssMib: Double? = null,
) {
  /** Its speed stands against compiled and eager alike: which of them PyTorch's is, is one of the circumstances. */
  fun baseline(file: Path): Baseline {
    val ways = if (mode == "sample") listOf(SAMPLING, SAMPLING_EAGER) else listOf(TRAINING, TRAINING_EAGER)
    val measures =
      ways.associateWith { imagesPerSecond } +
        listOfNotNull(
          secondsToFirstStep?.takeIf { mode == "train" }?.let { FIRST_STEP to it },
          peakRssMib?.takeIf { mode == "train" }?.let { MEMORY to it },
        )
    val circumstances =
      listOfNotNull(
        DEVICE to deviceName(device),
        PRECISION to precision,
        BATCH to "$batch",
        threads?.let { THREADS to "$it" },
        parameters?.let { PARAMETERS to "$it" },
        PROGRAM to listOfNotNull("PyTorch", torch, if (compile) "compiled" else "eager").joinToString(" "),
      )
    return Baseline(file, measures, circumstances.toMap())
  }
}

internal const val FIRST_STEP = "first step"
internal const val TRAINING = "training, compiled"
internal const val TRAINING_EAGER = "training, eager"
internal const val SAMPLING = "sampling, compiled"
internal const val SAMPLING_EAGER = "sampling, eager"
internal const val MEMORY = "peak resident memory"

private const val DEVICE = "device"
private const val PRECISION = "precision"
private const val BATCH = "batch"
private const val THREADS = "threads"
private const val PARAMETERS = "parameters"
private const val PROGRAM = "program"
private const val PROCESSOR = "processor"
private const val CONFIG = "config"
private const val SAMPLES = "samples"

/** The figures of a report that two reports are compared by. */
internal fun measuresOf(report: BenchReport): Map<String, Double> =
  listOfNotNull(
      FIRST_STEP to report.start.firstStepSeconds,
      report.train.compiled?.let { TRAINING to it.imagesPerSecond },
      report.train.eager?.let { TRAINING_EAGER to it.imagesPerSecond },
      report.sample?.compiled?.let { SAMPLING to it.imagesPerSecond },
      report.sample?.eager?.let { SAMPLING_EAGER to it.imagesPerSecond },
      report.memory.peakResidentBytes?.let { MEMORY to it / BYTES_IN_MEBIBYTE },
    )
    .toMap()

/** Where and what was measured, in the words of both formats. */
internal fun circumstancesOf(report: BenchReport): Map<String, String> =
  with(report.environment) {
    mapOf(
      DEVICE to deviceName(device),
      PRECISION to precision,
      BATCH to "$batchSize",
      THREADS to "$threads",
      PARAMETERS to "$parameters",
      PROCESSOR to listOfNotNull(cpu, "$cores cores").joinToString(", "),
      PROGRAM to "host $host, libtorch $libtorch",
      CONFIG to report.name,
    ) + listOfNotNull(report.sample?.let { SAMPLES to "${it.images} images, ${it.sampler} in ${it.steps} steps" })
  }

/** `cpu()` and `cpu`, `gpu(0)` and `cuda` are the same. */
private fun deviceName(name: String): String =
  when {
    name.startsWith("cpu") -> "cpu"
    name.startsWith("gpu") || name.startsWith("cuda") -> "gpu"
    else -> name
  }

private const val BYTES_IN_MEBIBYTE = 1024.0 * 1024
