package io.github.diffusionhost.app.exchange

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.cli.installed
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.run.loadWeights
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.run.ImageSpec
import io.github.diffusionhost.engine.run.RunFiles
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.github.diffusionhost.engine.safetensors.SafetensorsWriter
import io.github.diffusionhost.engine.trace.NoDraws
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import java.util.Random
import kotlin.math.abs
import kotlin.math.expm1
import kotlin.math.ln
import kotlin.math.max
import kotlin.math.round
import kotlin.math.sqrt

private typealias Eps = (x: DoubleArray, t: Int) -> DoubleArray

/**
 * From an imported folder, `host sample` with given noise against the samplers' formulas written out here in float64
 * around the network, whose outputs its own golden numbers vouch for.
 */
class ImportedSamplingSpec :
  FunSpec({
    val manager = autoClose(NDManager.newBaseManager("PyTorch"))
    val folder = tempdir().toPath()
    val shape = Shape(2, 3, 16, 16)

    /** ᾱ of the linear schedule from 1e-4 to 0.02; 1 before the first timestep. */
    val bars = (0 until 1000).runningFold(1.0) { bar, t -> bar * (1 - (1e-4 + t * (0.02 - 1e-4) / 999)) }
    fun bar(t: Int) = bars[t + 1]

    /** Song et al. 2020, equation 12 with σ = 0; x0 clipped to [-1, 1]. */
    fun ddim(noise: DoubleArray, eps: Eps, steps: Int): DoubleArray {
      val ratio = 1000 / steps
      return (steps - 1 downTo 0).fold(noise) { x, i ->
        val t = i * ratio
        val predicted = eps(x, t)
        DoubleArray(x.size) { j ->
          val image = (x[j] - sqrt(1 - bar(t)) * predicted[j]) / sqrt(bar(t))
          val next = bar(maxOf(t - ratio, -1))
          sqrt(next) * image.coerceIn(-1.0, 1.0) + sqrt(1 - next) * predicted[j]
        }
      }
    }

    /** Lu et al. 2022, algorithm 2, on timesteps round(linspace(0, 999, steps + 1)); the last step is to no noise. */
    fun dpmpp(noise: DoubleArray, eps: Eps, steps: Int): DoubleArray {
      val times = (steps downTo 1).map { round(it * 999.0 / steps).toInt() }
      fun lambda(t: Int) = ln(sqrt(bar(t)) / sqrt(1 - bar(t)))
      var x = noise
      var before: DoubleArray? = null
      for ((i, t) in times.withIndex()) {
        val predicted = eps(x, t)
        val image = DoubleArray(x.size) { (x[it] - sqrt(1 - bar(t)) * predicted[it]) / sqrt(bar(t)) }
        val old = before
        x =
          if (i == steps - 1) image
          else {
            val next = times[i + 1]
            val h = lambda(next) - lambda(t)
            val state = x
            DoubleArray(x.size) { j ->
              val data =
                if (old == null) image[j]
                else image[j] + (image[j] - old[j]) * h / (2 * (lambda(t) - lambda(times[i - 1])))
              sqrt((1 - bar(next)) / (1 - bar(t))) * state[j] - sqrt(bar(next)) * expm1(-h) * data
            }
          }
        before = image
      }
      return x
    }

    fun eps(checkpoint: Path): Eps {
      val from = Checkpoint.open(checkpoint)
      val koin = installed(folder)
      val config = koin.get<RunConfigReader>().read(from.text(RunFiles.CONFIG), "imported")
      val network = autoClose(koin.get<RunAssembly>().network(config, ImageSpec.of(from.state()), manager))
      loadWeights(network, from, RunFiles.MODEL)
      return { x, t ->
        val input = manager.create(FloatArray(x.size) { x[it].toFloat() }, shape)
        val pass = Forward.of(network.weights().store(), false, NoDraws.INSTANCE)
        val times = manager.ones(Shape(2), DataType.FLOAT32).mul(t)
        network.predict(pass, input, times, null).toFloatArray().map { it.toDouble() }.toDoubleArray()
      }
    }

    fun doubles(array: NDArray) = array.toFloatArray().map { it.toDouble() }.toDoubleArray()

    data class Row(
      val scheduler: String,
      val steps: Int,
      val settings: Map<String, Any?>,
      val reference: (DoubleArray, Eps, Int) -> DoubleArray,
    )

    for (row in
      listOf(
        Row("DDIMScheduler", 10, mapOf(), ::ddim),
        Row("DPMSolverMultistepScheduler", 8, mapOf("algorithm_type" to "dpmsolver++"), ::dpmpp),
      )) {
      test("${row.scheduler}: the images are those of its formula").config(enabledOrReasonIf = withUnets) {
        val from = folder.resolve(row.scheduler).pipeline(scheduler = row.settings + ("_class_name" to row.scheduler))
        val imported = folder.resolve("${row.scheduler}-imported")
        val random = Random(1)
        val noise = manager.create(FloatArray(shape.size().toInt()) { random.nextGaussian().toFloat() }, shape)
        SafetensorsWriter.write(folder.resolve("noise.safetensors"), mapOf("noise" to noise), mapOf())
        inProcess("import", "--diffusers", "$from", "--out", "$imported").exit shouldBe 0
        val out = folder.resolve("${row.scheduler}.safetensors")
        val sampled =
          inProcess(
            "sample",
            "--checkpoint",
            "$imported",
            "--steps",
            "${row.steps}",
            "--noise",
            "$folder/noise.safetensors",
            "--out",
            "$out",
          )
        (sampled.exit to sampled.out.trim()) shouldBe (0 to "$out")
        val images = SafetensorsFile.open(out).use { doubles(it.read("samples", manager)) }
        val expected = row.reference(doubles(noise), eps(imported), row.steps)
        val largest = max(1.0, expected.maxOf { abs(it) })
        // Dividing by the little signal of the first steps, the formulas turn a millionth of the network's outputs,
        // which
        // is what float32 leaves of them, into 1.7e-4 of the images.
        images.indices.maxOf { abs(images[it] - expected[it]) } / largest shouldBeLessThan 2e-4
      }
    }
  })
