package io.github.diffusionhost.app.evaluate

import io.github.diffusionhost.api.metric.MetricReport
import io.github.diffusionhost.app.evaluate.record.jsonValues
import io.github.diffusionhost.engine.files.AtomicFile
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.nameWithoutExtension
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/** What was found. */
class EvaluationResult(val subject: EvaluationSubject, val found: List<Evaluated>) {
  /** Everything but the figures. A number that JSON cannot hold is null. */
  fun toJson(): JsonObject = JsonObject(subject.json() + ("metrics" to JsonArray(found.map(::metric))))

  /**
   * Writes the JSON object to [file], and each figure beside it as `NAME-METRIC-FIGURE.png`.
   *
   * @return the files
   */
  fun write(file: Path): List<Path> {
    val target = file.toAbsolutePath()
    Files.createDirectories(target.parent)
    val figures = found.flatMap { metric ->
      metric.report.figures().map { figure -> figureFile(file, metric, figure) to figure.png() }
    }
    figures.forEach { (path, png) -> AtomicFile.write(path, png) }
    AtomicFile.write(target, (PRETTY.encodeToString(JsonElement.serializer(), toJson()) + "\n").toByteArray())
    return listOf(file) + figures.map { it.first }
  }

  private fun figureFile(file: Path, metric: Evaluated, figure: MetricReport.Figure): Path =
    file.resolveSibling("${file.nameWithoutExtension}-${metric.name}-${figure.name()}.png")

  /** The numbers of a metric, what they depend on, and what they took. */
  private fun facts(metric: Evaluated): Map<String, JsonElement> =
    mapOf(
      "seconds" to JsonPrimitive(metric.seconds),
      "values" to JsonObject(metric.report.jsonValues().mapValues { JsonPrimitive(it.value) }),
      "protocol" to JsonObject(metric.report.protocol().mapValues { JsonPrimitive(it.value) }),
    )

  private fun metric(metric: Evaluated) = JsonObject(mapOf("name" to JsonPrimitive(metric.name)) + facts(metric))

  private companion object {
    val PRETTY = Json { prettyPrint = true }
  }
}
