package io.github.diffusionhost.app.terminal

import io.github.diffusionhost.engine.log.MetricsRow
import io.github.diffusionhost.engine.train.TrainListener
import java.io.PrintStream
import java.nio.file.Path
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonObjectBuilder
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put

/** Tells a program how a training goes: one JSON object a line, each with its `event`. */
class JsonProgress(private val out: PrintStream) : TrainListener {
  override fun started(done: Long, total: Long) =
    event("started") {
      put("step", done)
      put("steps", total)
    }

  override fun stepped(progress: TrainListener.Progress) {
    if (!progress.logged()) return
    event("step") {
      put("step", progress.done())
      put("steps", progress.total())
      put("loss", progress.loss())
      put("imagesPerSecond", progress.imagesPerSecond())
      put("secondsLeft", progress.secondsLeft())
    }
  }

  /** The steps say it. */
  override fun logged(row: MetricsRow) = Unit

  override fun sampled(file: Path) = event("samples") { put("file", "$file") }

  /** The log says it. */
  override fun unsampled(step: Long, fault: Throwable) = Unit

  override fun saved(checkpoint: Path) = event("checkpoint") { put("folder", "$checkpoint") }

  override fun evaluated(step: Long, values: Map<String, Double>) =
    event("evaluated") {
      put("step", step)
      put("values", JsonObject(values.mapValues { (_, value) -> JsonPrimitive(value.takeIf(Double::isFinite)) }))
    }

  private fun event(name: String, content: JsonObjectBuilder.() -> Unit) =
    out.println(
      buildJsonObject {
        put("event", name)
        content()
      }
    )
}
