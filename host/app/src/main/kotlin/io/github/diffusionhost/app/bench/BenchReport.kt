package io.github.diffusionhost.app.bench

import io.github.diffusionhost.engine.step.StepMemory
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.encodeToJsonElement
import kotlinx.serialization.json.jsonObject

/** What `host bench` found. What was not measured, or does not exist here, is null. */
@Serializable
data class BenchReport(
  val name: String,
  val start: Start,
  val train: Train,
  val sample: Sample?,
  val memory: Memory,
  val roofline: Roofline?,
  val environment: Environment,
) {
  /** The report as one object, with what it was compared with as `against`. */
  internal fun toJson(comparison: Comparison? = null): JsonElement {
    val whole = FORMAT.encodeToJsonElement(this).jsonObject
    return if (comparison == null) whole else JsonObject(whole + ("against" to comparison.toJson()))
  }

  /**
   * Until the first step is done.
   *
   * @property firstStepSeconds from the start of the process to the end of the first training step, with the dataset
   * @property compileSeconds of that, tracing and compiling the step; null if the step is not compiled
   */
  @Serializable data class Start(val firstStepSeconds: Double, val compileSeconds: Double?)

  /**
   * Training steps.
   *
   * @property compiledOverEager how many times as fast compiled is
   * @property hostShare the part of a compiled step's time outside native code, from 0 to 1; null on a GPU, where
   *   native code ends before the device does
   */
  @Serializable
  data class Train(val compiled: Speed?, val eager: Speed?, val compiledOverEager: Double?, val hostShare: Double?)

  /**
   * How fast something repeated is.
   *
   * @property imagesPerSecond the median
   * @property seconds how long each repetition took, in order
   */
  @Serializable
  data class Speed(
    val imagesPerSecond: Double,
    val minImagesPerSecond: Double,
    val maxImagesPerSecond: Double,
    val seconds: List<Double>,
  ) {
    companion object {
      /** Of repetitions of [images] each. */
      fun of(images: Int, seconds: List<Double>): Speed {
        val sorted = seconds.sorted()
        val median = (sorted[(sorted.size - 1) / 2] + sorted[sorted.size / 2]) / 2
        return Speed(images / median, images / sorted.last(), images / sorted.first(), seconds)
      }
    }
  }

  /** Sampling as the config says; the weights are those after the training steps. */
  @Serializable
  data class Sample(
    val sampler: String,
    val steps: Int,
    val guidance: Double,
    val images: Int,
    val compiled: Speed?,
    val eager: Speed?,
  )

  /**
   * Memory after the compiled training and before anything else.
   *
   * @property peakResidentBytes the most that the process had in memory at a time; Linux only
   * @property deviceBytes what is taken of the GPU's memory, by whomever
   * @property planned what a compiled step's own arrays take at most, counted from its program
   */
  @Serializable data class Memory(val peakResidentBytes: Long?, val deviceBytes: Long?, val planned: Planned? = null)

  /** The parts of [io.github.diffusionhost.engine.step.StepMemory], in bytes. */
  @Serializable
  data class Planned(
    val bytes: Long,
    val weights: Long,
    val moments: Long,
    val averages: Long,
    val shared: Long,
    val gradients: Long,
    val part: Long,
  ) {
    companion object {
      fun of(step: StepMemory) =
        Planned(
          step.bytes(),
          step.weights(),
          step.moments(),
          step.averages(),
          step.shared(),
          step.gradients(),
          step.part(),
        )
    }
  }

  /**
   * A compiled step against what the device can do, in 10⁹ floating-point operations a second.
   *
   * @property stepGigaflop operations of the products and convolutions of one step
   * @property productPeakGigaflopPerSecond of products of two matrices [N,N]
   * @property productSize N: 2048, or less on a slow device
   * @property convolutionPeakGigaflopPerSecond of convolutions of [N,128,32,32] with 128 kernels of 3×3
   * @property convolutionImages N: 16, or less on a slow device
   * @property shareOfProductPeak the step's speed over that of the products; above 1 where the device is quicker at
   *   what the step does
   */
  @Serializable
  data class Roofline(
    val type: String,
    val stepGigaflop: Double,
    val stepGigaflopPerSecond: Double,
    val productPeakGigaflopPerSecond: Double,
    val productSize: Long,
    val convolutionPeakGigaflopPerSecond: Double,
    val convolutionImages: Long,
    val shareOfProductPeak: Double,
  )

  /**
   * Where and what was measured.
   *
   * @property cpu the processor's name; Linux only
   * @property cores processors that the JVM may use
   * @property threads threads of one native operation
   * @property settings variables of the environment that memory and threads depend on
   */
  @Serializable
  data class Environment(
    val device: String,
    val cpu: String?,
    val cores: Int,
    val threads: Int,
    val system: String,
    val java: String,
    val djl: String,
    val libtorch: String,
    val host: String,
    val batchSize: Int,
    val microBatchSize: Int,
    val precision: String,
    val parameters: Long,
    val settings: Map<String, String>,
  )
}

private val FORMAT = Json { encodeDefaults = true }
