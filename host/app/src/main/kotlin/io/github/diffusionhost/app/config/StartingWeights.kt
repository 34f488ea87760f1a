package io.github.diffusionhost.app.config

import java.nio.file.Path

/**
 * The weights that a new training begins with: `train.from`.
 *
 * @property path a run, a checkpoint or a folder of diffusers
 * @property weights which of a checkpoint's: `ema`, `ema-1`, … or `model`; null: the first average if there is one
 * @property partial whether tensors may be missing, left over or of another shape
 */
data class StartingWeights(val path: Path, val weights: String?, val partial: Boolean)
