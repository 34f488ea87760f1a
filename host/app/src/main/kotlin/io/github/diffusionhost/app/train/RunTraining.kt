package io.github.diffusionhost.app.train

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.evaluate.EvaluationProgress
import io.github.diffusionhost.app.evaluate.TrainingEvaluations
import io.github.diffusionhost.app.plugins.LoadedPlugins
import io.github.diffusionhost.app.process.StopSignal
import io.github.diffusionhost.app.run.HostEnvironment
import io.github.diffusionhost.app.run.Manifest
import io.github.diffusionhost.app.run.OptionChange
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.run.RunLock
import io.github.diffusionhost.app.run.deviceOf
import io.github.diffusionhost.app.run.leavingNoEmptyFolder
import io.github.diffusionhost.app.run.warnOfImitatedPrecision
import io.github.diffusionhost.app.terminal.StatusLine
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.app.words.count
import io.github.diffusionhost.app.words.digits
import io.github.diffusionhost.engine.contract.CheckedLevels
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.data.SharedDataset
import io.github.diffusionhost.engine.data.TrainingImages
import io.github.diffusionhost.engine.log.MetricsLog
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.train.Evaluations
import io.github.diffusionhost.engine.train.RunDirectory
import io.github.diffusionhost.engine.train.TrainListener
import io.github.diffusionhost.engine.train.Trainer
import io.github.diffusionhost.engine.train.TrainingPlan
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import org.slf4j.LoggerFactory

/** Trains what a config describes, in the folder of a run. */
internal class RunTraining(
  private val assembly: RunAssembly,
  plugins: LoadedPlugins,
  private val environment: HostEnvironment,
  version: String,
  commandLine: List<String>,
) {
  private val log = LoggerFactory.getLogger(RunTraining::class.java)
  private val record = RunRecord(plugins, version, commandLine)

  /**
   * Trains to the end or until somebody asks to stop.
   *
   * @param folder called when everything that can be wrong with the config is known to be right
   * @throws UserError if a run that goes on has other images than before, or is longer already than it shall be
   */
  fun run(
    asked: RunConfig,
    folder: () -> RunDirectory,
    beginning: Beginning,
    listener: TrainListener,
    say: (String) -> Unit,
  ): Trainer.Outcome {
    val device = deviceOf(asked.device, asked.train.matmul())
    // What is written down is what was done: another device, later, must not draw otherwise.
    val config = asked.copy(train = asked.train.withNoise(asked.train.noiseOn(device)))
    NDManager.newBaseManager(device, "PyTorch").use { manager ->
      warnOfImitatedPrecision(config.train, manager)
      assembly.openDataset(config, Split.TRAIN).use { dataset ->
        TrainingImages.of(dataset, manager).use { data ->
          assembly.network(config, ImageSpec.of(dataset), manager).use { network ->
            val weights = startingWeights(config, network, beginning)
            val samples = assembly.samplePlan(config, ImageSpec.of(dataset), network)
            val directory by lazy(folder)
            val id = idOf(beginning, config.name)
            var signal: StopSignal? = null
            val plan =
              TrainingPlan(
                network,
                data,
                config.train,
                config.seed,
                samples,
                config.sample.count(),
                config.sample.realImages(),
                config.copy(trackers = emptyList()).toYaml(), // no part of what a checkpoint is used for
                id,
                record.versions(config),
              )
            val manifest = record.manifest(config, id, network, data).copy(weights = weights)
            val changes = changes(beginning, manifest, plan)
            measuring(config, manager, plan, { directory }) { signal?.requested() == true }
              .use { evaluations ->
                evaluations?.check()
                CheckedLevels(network.scheduler()).check()
                val sampling = SamplingFaults(config, environment.faults)
                sampling.tryOut(plan, beginning is Beginning.Resumed)
                describe(config, network, data, plan).forEach(say)
                // Who cannot have the lock must not clear away what another process has begun there.
                return RunLock(directory).use {
                  leavingNoEmptyFolder(directory) {
                    if (beginning is Beginning.New) record.write(config, directory, manifest, beginning, changes)
                    val marking = CheckpointMark(directory, sampling.warning(listener))
                    Trainer(plan, directory, evaluations ?: Evaluations.NONE, marking).use { trainer ->
                      var told = changes
                      if (beginning !is Beginning.New) {
                        told = changes + takeUp(beginning, trainer, directory, say)
                        record.write(config, directory, manifest, beginning, told)
                      }
                      weights?.let { say(describe(it)) }
                      told.forEach { say(inWords(it, beginning.done)) }
                      forecast(config, data, manager, plan, trainer).forEach(say)
                      StopSignal(say).use { stop ->
                        signal = stop
                        train(trainer, stop)
                      }
                    }
                  }
                }
              }
          }
        }
      }
    }
  }

  /** How long it will take, if anything is left to do. */
  private fun forecast(
    config: RunConfig,
    data: TrainingImages,
    manager: NDManager,
    plan: TrainingPlan,
    trainer: Trainer,
  ): List<String> {
    val left = (plan.totalSteps() - trainer.done()) * config.train.batchSize().toLong()
    if (left <= 0) return emptyList()
    return Forecast(assembly, config, data, manager).describe(left, trainer.imagesPerSecond(Forecast.IMAGES))
  }

  private fun train(trainer: Trainer, stop: StopSignal): Trainer.Outcome =
    environment.rescue.training({ if (trainer.done() > 0) trainer.rescue() else null }) {
      trainer.run { stop.requested() || environment.rescue.stopping }
    }

  /**
   * Gives a training that begins at step 0 the weights that its config names; null: none.
   *
   * @throws UserError if a run begins again, and they are not those that it began with
   */
  private fun startingWeights(config: RunConfig, network: Network, beginning: Beginning): Manifest.Weights? {
    val from = config.from
    if (from == null || beginning.checkpoint != null) return null
    val taken = startFromWeights(network, from)
    val before = beginning.manifest?.weights ?: return taken
    if (before.sha256 != taken.sha256) {
      throw UserError(
        "train.from: ${from.path} has other weights than those that the run began with; begin a new run: host run --config",
        ExitCode.USAGE,
      )
    }
    return taken
  }

  /** Options and parts that are not as they were. */
  private fun changes(beginning: Beginning, now: Manifest, plan: TrainingPlan): List<OptionChange> {
    val before = beginning.manifest
    if (beginning is Beginning.Resumed) {
      val root = beginning.run.directory.root()
      if (plan.totalSteps() < beginning.done) {
        throw UserError(
          "$root has done ${beginning.done} steps, and the config ends after ${plan.totalSteps()}; to end earlier, in a " +
            "new run: host run --fork $root@STEP",
          ExitCode.USAGE,
        )
      }
      if (before == null) log.warn("{} has no manifest.json: what it was made from before is not known", root)
      else ChangedParts.requireSameImages(root, before, now)
    }
    if (before == null) return beginning.changes
    val parts = ChangedParts.between(before, now, beginning.changes)
    parts.forEach {
      log.warn("results may differ from those of a run left alone: {} was {} and is {}", it.key, it.from, it.to)
    }
    return beginning.changes + parts + listOfNotNull(ChangedParts.dataset(before, now))
  }

  /** Puts the trainer where a run goes on; returns what of the state has no place there. */
  private fun takeUp(
    beginning: Beginning,
    trainer: Trainer,
    directory: RunDirectory,
    say: (String) -> Unit,
  ): List<OptionChange> {
    if (beginning is Beginning.Resumed) {
      beginning.run.requireUnchanged()
      // What is there and cannot be gone on with ends the command before anything is changed.
      if (directory.metrics().exists()) MetricsLog.read(directory.metrics())
      directory.samples(0).parent.createDirectories()
      if ((beginning.run.newestKnown ?: 0) > beginning.done) {
        val kept = setAside(directory, beginning.done)
        say(
          "Goes on from step ${beginning.done}, the newest checkpoint that can be used; what was beyond is kept in $kept"
        )
      }
    }
    val checkpoint = beginning.checkpoint ?: return emptyList()
    val leftOut = loadState(checkpoint, trainer)
    if (beginning is Beginning.Forked) trainer.checkpoint()
    return leftOut
  }

  private fun inWords(change: OptionChange, step: Long) =
    "From step $step on: ${change.key} ${change.to ?: "not given"} instead of ${change.from ?: "not given"}"

  private fun measuring(
    config: RunConfig,
    manager: NDManager,
    plan: TrainingPlan,
    directory: () -> RunDirectory,
    stop: () -> Boolean,
  ): TrainingEvaluations? {
    if (config.metrics.isEmpty()) return null
    val status = StatusLine.on(environment.streams.err)
    val spec = ImageSpec.of(plan.dataset())
    val progress = EvaluationProgress(status, stop)
    return TrainingEvaluations(
      assembly,
      config,
      spec,
      SharedDataset(plan.data()),
      directory,
      manager,
      plan.totalSteps(),
      plan.data().size().toLong(),
      progress,
      environment.faults,
      environment.streams.err,
    )
  }

  private fun describe(
    config: RunConfig,
    network: Network,
    data: TrainingImages,
    plan: TrainingPlan,
  ): List<String> {
    val model = "${config.model.provider.name()} with ${count(network.parameterCount())} parameters"
    val classes = data.dataset().classNames().size
    val images =
      "${count(data.size().toLong())} images ${data.shape()}" + if (classes > 0) " in $classes classes" else ""
    val epochs = digits(plan.totalSteps() * config.train.batchSize().toDouble() / data.size())
    return listOf(
      "${config.name}: $model, ${config.scheduler.provider.name()}, $images",
      "${count(plan.totalSteps())} steps of ${count(config.train.batchSize().toLong())} images ($epochs epochs)",
    )
  }
}
