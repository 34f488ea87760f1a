package io.github.diffusionhost.app.selftest

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.engine.data.TrainingImages

/**
 * A recipe with a small network on small pictures of digits.
 *
 * @property name as in docs/reference/RECIPES.md
 */
internal class SmallRecipe(
  val name: String,
  private val model: String,
  private val scheduler: String,
  private val more: String = "optimizer: { use: adam, lr: 1e-3, weightDecay: 0 }",
  private val size: Int = 16,
) {
  /**
   * Its config for so many steps, with a checkpoint after half of them. Noise is drawn by counters, which are the same
   * on a GPU and on the CPU that it is compared with.
   */
  fun config(subject: Subject, steps: Int = STEPS): RunConfig =
    subject.config(
      name,
      """
      name: selftest-${name.lowercase().replace(' ', '-')}
      seed: 3
      model: { $model }
      scheduler: { $scheduler }
      dataset: { use: glyphs, size: $size, count: 64 }
      train: { steps: $steps, batchSize: 8, $more, clipNorm: 1, lrSchedule: { use: constant }, noise: device,
        ema: [{ use: constant, decay: 0.9 }], logEvery: 4, sampleEvery: 0, checkpointEvery: ${steps / 2} }
      sample: { steps: 4, count: 2 }
      """
        .trimIndent(),
      *providers(),
    )

  /** Its training images on a device. */
  fun <T> onImages(subject: Subject, config: RunConfig, manager: NDManager, block: (TrainingImages) -> T): T =
    subject.assembly.openDataset(config, Split.TRAIN).use { dataset ->
      TrainingImages.of(dataset, manager).use(block)
    }

  private fun providers() =
    listOf(model, scheduler).map { it.substringAfter("use: ").substringBefore(',') }.toTypedArray() + "glyphs"

  companion object {
    const val STEPS = 20

    private const val UNET =
      "use: unet, channels: [16, 32], attention: [1], layersPerBlock: 1, normGroups: 8, headSize: 16"
    private const val EDM2 = "channels: [32, 32], attention: [1], blocks: 2, headSize: 32, dropout: 0.1"
    private const val DIT =
      "use: dit, patch: 4, width: 64, layers: 2, heads: 4, headSize: 16, timeSize: 32, classSize: 32"

    val R1 = SmallRecipe("R1", "$UNET, dropout: 0.1", "use: ddpm")
    val R2 = SmallRecipe("R2", "$UNET, dropout: 0.1, inputNorm: batch", "use: ddpm, times: per-batch")
    val R3 =
      SmallRecipe(
        "R3",
        "$DIT, initStd: 0.02",
        "use: flowmatch",
        "optimizer: { use: adamw, lr: 1e-3, weightDecay: 0.01 }",
      )
    val R4_C = SmallRecipe("R4 C", "use: edm2-c, $EDM2", "use: edm2, uncertainty: plain", size = 8)
    val R4_E = SmallRecipe("R4 E", "use: edm2-e, $EDM2", "use: edm2, uncertainty: normalized", size = 8)
    val R4_G = SmallRecipe("R4 G", "use: edm2-g, $EDM2", "use: edm2, uncertainty: magnitude-preserving", size = 8)

    /** All of them. */
    val ALL = listOf(R1, R2, R3, R4_C, R4_E, R4_G)
  }
}
