package io.github.diffusionhost.app.run

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.RemoteFile
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.api.model.ModelContext
import io.github.diffusionhost.api.scheduler.SchedulerContext
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.bind.BoundDataset
import io.github.diffusionhost.app.config.bind.BoundModel
import io.github.diffusionhost.app.config.bind.DatasetChoice
import io.github.diffusionhost.app.exchange.settingsThatTrainNothing
import io.github.diffusionhost.app.script.ScriptRunner
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.random.HostNoise
import io.github.diffusionhost.engine.random.StagingBuffer
import io.github.diffusionhost.engine.random.Streams
import io.github.diffusionhost.engine.random.Streams.Purpose
import io.github.diffusionhost.engine.sample.SamplePlan
import java.nio.file.Path

/**
 * Makes the parts that a config names: datasets, networks, plans for sampling.
 *
 * @property dataFolder where datasets and metrics keep their files
 * @property download downloads files that are not there yet
 * @property scripts runs TorchScript files of others
 */
class RunAssembly(
  val dataFolder: Path,
  val download: (List<RemoteFile>) -> Unit,
  val scripts: ScriptRunner = ScriptRunner.APART,
) {
  /** The same with another place for TorchScript files of others. */
  fun running(scripts: ScriptRunner) = RunAssembly(dataFolder, download, scripts)

  /**
   * Opens the dataset of a run.
   *
   * @throws UserError if the config names none
   */
  fun openDataset(config: RunConfig, split: Split): ImageDataset = openDataset(config.dataset, split, config.seed)

  /** Opens a dataset that draws its images, if it does, from [seed]. */
  fun openDataset(dataset: DatasetChoice, split: Split, seed: Long): ImageDataset {
    val bound =
      dataset as? BoundDataset<*>
        ?: throw UserError("dataset: none has no images; name one: --set dataset.use=…", ExitCode.USAGE)
    return bound.open(HostDatasetContext(dataFolder, split, seed, download))
  }

  /**
   * Makes the network with its initial weights, which follow from the config's seed.
   *
   * @param model the model of the config, or another one for the same images
   */
  fun network(config: RunConfig, images: ImageSpec, manager: NDManager, model: BoundModel<*> = config.model): Network {
    val staging = StagingBuffer()
    fun noise(purpose: Purpose) = HostNoise.single(manager, staging, Streams.seed(config.seed, purpose))
    val scheduler = config.scheduler.create(SchedulerContext(images.shape, noise(Purpose.SCHEDULER_WEIGHTS)))
    val unlabelled = config.train.labelDropout() > 0
    val context = ModelContext(images.shape, images.classes, unlabelled, scheduler.condition(), noise(Purpose.WEIGHTS))
    val denoiser = model.create(context)
    return Network.initialize(denoiser, scheduler, images.shape, images.classes > 0, manager)
  }

  /** Settings with which the scheduler of a config trains nothing of its own, each by itself. */
  fun settingsThatTrainNothing(config: RunConfig, images: ImageSpec, manager: NDManager): List<String> {
    val noise = HostNoise.single(manager, StagingBuffer(), Streams.seed(config.seed, Purpose.SCHEDULER_WEIGHTS))
    return config.scheduler.settingsThatTrainNothing(SchedulerContext(images.shape, noise))
  }

  /**
   * What `sample` of a config asks for.
   *
   * @param guide whether guidance is by another network
   * @throws UserError if labels or guidance do not fit the network, or the steps the sampler
   */
  fun samplePlan(
    config: RunConfig,
    images: ImageSpec,
    network: Network,
    seed: Long = config.seed,
    guide: Boolean = false,
  ): SamplePlan {
    val sample = config.sample
    val wrong = sample.labels().orEmpty().filter { it >= images.classes }
    if (wrong.isNotEmpty()) {
      val known = if (images.classes == 0) "the images have no labels" else "labels are 0 to ${images.classes - 1}"
      throw UserError("sample.labels: ${wrong.joinToString(", ")}: $known", ExitCode.USAGE)
    }
    val classifierFree = sample.guidance() != 1.0 && !guide
    if (classifierFree && (images.classes == 0 || config.train.labelDropout() == 0.0)) {
      val why = "guidance needs a network that was trained with and without labels: train.labelDropout above 0"
      throw UserError("sample.guidance ${sample.guidance()}: $why", ExitCode.USAGE)
    }
    val labels = sample.labels() ?: (0 until images.classes).toList()
    val steps = checkNotNull(sample.steps())
    return SamplePlan(config.sampler.create(network.scheduler(), steps), steps, sample.guidance(), labels, seed)
  }
}
