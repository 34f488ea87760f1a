package io.github.diffusionhost.app.config

/** A config, what `--plugins` and `--set` say, and every line that comes back. */
internal data class MessageRow(
  val what: String,
  val yaml: String,
  val messages: List<String>,
  val plugins: List<String> = emptyList(),
  val set: List<String> = emptyList(),
)

internal const val GOOD_CONFIG = "model: {use: unet}\nscheduler: {use: flowmatch}\ndataset: {use: glyphs}\n"

internal val TRAIN_KEYS =
  "from, epochs, images, steps, batchSize, microBatchSize, precision, matmul, compile, optimizer, lrSchedule, " +
    "clipNorm, labelDropout, noise, ema, logEvery, " +
    "sampleEvery, checkpointEvery, keepLast, keepBest, emaSnapshotEvery"
internal const val TOP_KEYS = "name, seed, device, model, scheduler, dataset, train, sample, metrics, tracker"

internal fun row(what: String, yaml: String, vararg messages: String) = MessageRow(what, yaml, messages.toList())

/** A row for one line, the fourth, of an otherwise good config. */
internal fun line(what: String, yaml: String, vararg messages: String) =
  MessageRow(what, GOOD_CONFIG + yaml, messages.toList())
