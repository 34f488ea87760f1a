package io.github.diffusionhost.app.average

import io.github.diffusionhost.app.words.csvField
import java.util.Locale
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json

/**
 * A metric against the relative width of the average.
 *
 * @property step the step of every average
 * @property images the images seen by then
 * @property metric the name of the metric
 * @property about what it was taken on
 * @property points by width, ascending
 * @property bestIs which value is best
 */
@Serializable
internal data class WidthCurve(
  val step: Long,
  val images: Long,
  val metric: String,
  val about: String,
  val points: List<Point>,
  val bestIs: Best = Best.LEAST,
) {
  /**
   * One average.
   *
   * @property profileDistance how far its profile is from that of the width, as a share of it
   * @property byLevel the value by noise level; empty for a metric without
   */
  @Serializable
  data class Point(
    val width: Double,
    val value: Double,
    val profileDistance: Double,
    val byLevel: Map<String, Double> = emptyMap(),
  ) {
    /** The value to five digits. */
    val shown: String
      get() = String.format(Locale.ROOT, "%.5g", value)
  }

  /** The point of the best value. */
  val best: Point
    get() = if (bestIs == Best.LEAST) points.minBy { it.value } else points.maxBy { it.value }

  fun toJson(): String = FORMAT.encodeToString(this) + "\n"

  /** A line for each point, and a column for each noise level. */
  fun toCsv(): String {
    val levels = points.flatMap { it.byLevel.keys }.distinct()
    val header = (listOf("width", metric, "profile_distance") + levels.map { "$metric $it" }).map(::csvField)
    val lines = points.map { point ->
      listOf(point.width, point.value, point.profileDistance) + levels.map { point.byLevel[it] ?: "" }
    }
    return (listOf(header) + lines).joinToString("") { it.joinToString(",") + "\n" }
  }

  private companion object {
    val FORMAT = Json { prettyPrint = true }
  }
}

/** Which value of a metric is best. */
@Serializable
internal enum class Best(val word: String) {
  @SerialName("least") LEAST("least"),
  @SerialName("greatest") GREATEST("greatest"),
}
