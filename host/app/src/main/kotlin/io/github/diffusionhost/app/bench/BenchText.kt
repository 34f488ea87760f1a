package io.github.diffusionhost.app.bench

import io.github.diffusionhost.app.bench.BenchReport.Speed
import io.github.diffusionhost.app.terminal.textTable
import io.github.diffusionhost.app.words.count
import io.github.diffusionhost.app.words.digits

/** A report as a table for people: what was measured, then where. */
internal fun benchText(report: BenchReport): String =
  textTable(listOf("MEASURE", "VALUE", "UNIT", ""), measures(report).map { it.toList() }) +
    "\n" +
    textTable(listOf("ENVIRONMENT", ""), environment(report.environment))

private data class Measure(val name: String, val value: String, val unit: String, val note: String = "") {
  fun toList() = listOf(name, value, unit, note)
}

private fun measures(report: BenchReport): List<Measure> {
  val batch = report.environment.batchSize
  return listOfNotNull(
    Measure(FIRST_STEP, digits(report.start.firstStepSeconds), "s", "after the start of the process"),
    report.start.compileSeconds?.let { Measure("of that compiling", digits(it), "s") },
    report.train.compiled?.let { speed(TRAINING, it, "steps of $batch images") },
    report.train.eager?.let { speed(TRAINING_EAGER, it, "steps of $batch images") },
    report.train.compiledOverEager?.let { Measure("compiled over eager", digits(it), "times") },
    report.train.hostShare?.let { Measure("outside native code", digits(100 * it), "%", "of a compiled step") },
    report.sample?.let { sample -> sample.compiled?.let { speed(SAMPLING, it, repetitions(sample)) } },
    report.sample?.let { sample -> sample.eager?.let { speed(SAMPLING_EAGER, it, repetitions(sample)) } },
    report.memory.peakResidentBytes?.let {
      Measure(MEMORY, mebibytes(it), "MiB", "before any eager step")
    },
    report.memory.deviceBytes?.let { Measure("device memory in use", mebibytes(it), "MiB") },
    report.memory.planned?.let { Measure("arrays of a step", mebibytes(it.bytes), "MiB", parts(it)) },
  ) + report.roofline?.let(::roofline).orEmpty()
}

private fun parts(planned: BenchReport.Planned) =
  listOf(
      "weights" to planned.weights,
      "moments" to planned.moments,
      "averages" to planned.averages,
      "functions of weights" to planned.shared,
      "gradients" to planned.gradients,
      "images" to planned.part,
    )
    .filter { it.second > 0 }
    .joinToString(prefix = "at most: ") { (what, bytes) -> "$what ${mebibytes(bytes)}" }

private fun speed(name: String, speed: Speed, repetitions: String): Measure {
  val range = "${digits(speed.minImagesPerSecond)} to ${digits(speed.maxImagesPerSecond)}"
  return Measure(name, digits(speed.imagesPerSecond), "images/s", "$range, ${speed.seconds.size} $repetitions")
}

private fun repetitions(sample: BenchReport.Sample) =
  "times ${sample.images} images, ${sample.sampler} in ${sample.steps} steps"

private fun roofline(roofline: BenchReport.Roofline) =
  listOf(
    Measure("one step", digits(roofline.stepGigaflop), "GFLOP", "products and convolutions"),
    Measure("reached", digits(roofline.stepGigaflopPerSecond), "GFLOP/s"),
    Measure(
      "peak of products",
      digits(roofline.productPeakGigaflopPerSecond),
      "GFLOP/s",
      with(roofline) { "[$productSize,$productSize] $type" },
    ),
    Measure(
      "peak of convolutions",
      digits(roofline.convolutionPeakGigaflopPerSecond),
      "GFLOP/s",
      with(roofline) { "[$convolutionImages,128,32,32], 3×3, $type" },
    ),
    Measure("reached of products", digits(100 * roofline.shareOfProductPeak), "%"),
  )

private fun environment(environment: BenchReport.Environment): List<List<String>> =
  listOf(
    listOf("device", environment.device),
    listOf("processor", listOfNotNull(environment.cpu, "${environment.cores} cores").joinToString(", ")),
    listOf("threads", "${environment.threads}"),
    listOf("versions", with(environment) { "host $host, Java $java, DJL $djl, libtorch $libtorch, $system" }),
    listOf("network", "${count(environment.parameters)} parameters, ${environment.precision}"),
    listOf("batch", "${environment.batchSize} images, ${environment.microBatchSize} at a time"),
  ) + environment.settings.map { (name, value) -> listOf(name, value) }

private fun mebibytes(bytes: Long) = count(bytes shr 20)
