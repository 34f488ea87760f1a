package io.github.diffusionhost.app.cli.faults

internal const val PLAYED_SCHEDULER = "scheduler scheduler-played (plugin played-scheduler 1.0.0)"
internal const val PLAYED_DATASET = "dataset dataset-played (plugin played-dataset 1.0.0)"
internal const val PLAYED_MODEL = "model model-played (plugin played-model 1.0.0)"
internal const val PLAYED_METRIC = "metric metric-played (plugin played-metric 1.0.0)"
internal const val THROW = "if (true) throw new IllegalStateException(\"it is night\");"
internal const val NIGHT = "IllegalStateException: it is night"
/** The step depends on when a thread runs; the eighth is done. */
internal const val SOME_STEP = -1
internal const val EAT = "List<byte[]> all = new ArrayList<>(); while (true) all.add(new byte[1 << 28]);"

/**
 * A plugin that misbehaves.
 *
 * @property what it does, as the table in the docs has it
 * @property lines what its parts do at which moment
 * @property exit the exit code
 * @property step of the checkpoint that is kept; null: there is no run's folder
 * @property said what the host says on standard error
 * @property process whether it takes a process of its own
 */
internal class Misbehaviour(
  val what: String,
  val lines: Map<String, String>,
  val exit: Int,
  val step: Int?,
  val said: List<String>,
  val settings: List<String> = emptyList(),
  val process: Boolean = false,
)
