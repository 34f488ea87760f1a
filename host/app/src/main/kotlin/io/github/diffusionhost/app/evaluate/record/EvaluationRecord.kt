package io.github.diffusionhost.app.evaluate.record

import io.github.diffusionhost.api.metric.MetricReport
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * What a metric found of a run's network at one time: a line of `evaluations.jsonl`.
 *
 * @property step optimizer steps done
 * @property images images seen in training
 * @property metric the name of the metric's provider
 * @property weights which weights: `model`, `ema`, …
 * @property average what kind of average they are; null: none, or not known
 * @property values the numbers by name; null: not finite
 * @property protocol what the numbers depend on; numbers of different protocols do not compare
 * @property seconds inside the metric; null: not known
 * @property figures pictures, as paths in the run's folder
 */
@Serializable
data class EvaluationRecord(
  val step: Long,
  val images: Long,
  val metric: String,
  val weights: String = "model",
  val values: Map<String, Double?> = emptyMap(),
  val protocol: Map<String, String> = emptyMap(),
  val seconds: Double? = null,
  val figures: List<String> = emptyList(),
  val origin: Origin = Origin.EVALUATE,
  val average: String? = null,
) {
  /** The weights, with the kind of average. */
  val weightsText: String
    get() = EvaluatedWeights(weights, average).toString()

  /** Who evaluated. */
  @Serializable
  enum class Origin {
    /** A person, by `host evaluate`. */
    @SerialName("evaluate") EVALUATE,

    /** The training itself. */
    @SerialName("training") TRAINING,
  }

  /** What two evaluations have in common whose numbers compare. */
  val comparable: Pair<String, Map<String, String>>
    get() = metric to protocol.toSortedMap()
}

/** The numbers of a report as JSON can hold them: null where one is not finite. */
internal fun MetricReport.jsonValues(): Map<String, Double?> = values().mapValues { it.value.takeIf(Double::isFinite) }
