package io.github.diffusionhost.app.run

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.engine.bench.DevicePeak
import io.github.diffusionhost.engine.options.TrainOptions
import io.github.diffusionhost.engine.options.TrainOptions.Precision
import java.nio.file.Path
import java.util.Locale
import kotlin.io.path.exists
import kotlin.io.path.useLines
import org.slf4j.LoggerFactory

private val log = LoggerFactory.getLogger("io.github.diffusionhost.app.run.HalfPrecision")

/** A device that computes in bfloat16 does so at about the speed of float32, or faster. */
private const val MUCH = 4.0

/**
 * Warns if a network is to compute in bfloat16 on a device that only imitates it, such as a CPU without AVX-512: there
 * it is many times slower than float32.
 *
 * @param speed floating-point operations a second of small products in a type
 */
fun warnOfImitatedPrecision(train: TrainOptions, manager: NDManager, speed: (DataType) -> Double = speedOn(manager)) {
  if (train.precision() != Precision.BF16 || !train.compile()) return
  val times = speed(DataType.FLOAT32) / speed(DataType.BFLOAT16)
  if (times >= MUCH) {
    log.warn(
      "train.precision bf16: this {} has no arithmetic for bfloat16: products of matrices take {} times as long as in float32. Use --set train.precision=fp32",
      if (manager.device.isGpu) "GPU" else "CPU",
      "%,d".format(Locale.ROOT, times.toLong()),
    )
  }
}

private fun speedOn(manager: NDManager): (DataType) -> Double {
  // Known without measuring, which would take a tenth of a second.
  if (!manager.device.isGpu && hasAvx512()) return { 1.0 }
  return { DevicePeak(manager, it, 0.0).products().flopsPerSecond() }
}

private fun hasAvx512(): Boolean {
  val cpu = Path.of("/proc/cpuinfo")
  return cpu.exists() && cpu.useLines { lines -> lines.any { it.startsWith("flags") && " avx512dq " in "$it " } }
}
