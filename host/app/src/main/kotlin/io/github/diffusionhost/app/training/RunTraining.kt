package io.github.diffusionhost.app.training

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.evaluate.EvaluationProgress
import io.github.diffusionhost.app.evaluate.TrainingEvaluations
import io.github.diffusionhost.app.plugins.LoadedPlugins
import io.github.diffusionhost.app.process.StopSignal
import io.github.diffusionhost.app.run.Forecast
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.run.RunLock
import io.github.diffusionhost.app.run.StatusLine
import io.github.diffusionhost.app.run.count
import io.github.diffusionhost.app.run.deviceOf
import io.github.diffusionhost.app.run.digits
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.data.TrainingImages
import io.github.diffusionhost.engine.run.Evaluations
import io.github.diffusionhost.engine.run.RunDirectory
import io.github.diffusionhost.engine.run.TrainListener
import io.github.diffusionhost.engine.run.Trainer
import io.github.diffusionhost.engine.run.TrainingPlan
import io.github.diffusionhost.engine.train.Network

/** Trains what a config describes, in the folder of a run. */
internal class RunTraining(
  private val assembly: RunAssembly,
  plugins: LoadedPlugins,
  version: String,
  commandLine: List<String>,
) {
  private val record = RunRecord(plugins, version, commandLine)

  /**
   * Trains to the end or until somebody asks to stop.
   *
   * @param folder called when everything that can be wrong with the config is known to be right
   * @param resume whether to go on from the folder's newest checkpoint
   */
  fun run(
    config: RunConfig,
    folder: () -> RunDirectory,
    resume: Boolean,
    listener: TrainListener,
    say: (String) -> Unit,
  ): Trainer.Outcome {
    val device = deviceOf(config.device)
    NDManager.newBaseManager(device, "PyTorch").use { manager ->
      assembly.openDataset(config, Split.TRAIN).use { dataset ->
        TrainingImages.of(dataset, manager).use { data ->
          assembly.network(config, ImageSpec.of(dataset), manager).use { network ->
            val samples = assembly.samplePlan(config, ImageSpec.of(dataset), network)
            val directory by lazy(folder)
            var signal: StopSignal? = null
            val plan =
              TrainingPlan(
                network,
                data,
                dataset,
                config.train,
                config.seed,
                samples,
                config.sample.count(),
                config.copy(trackers = emptyList()).toYaml(), // no part of what a checkpoint is used for
              )
            measuring(config, manager, plan, { directory }) { signal?.requested() == true }
              .use { evaluations ->
                evaluations?.check()
                describe(config, network, data, dataset, plan).forEach(say)
                RunLock(directory).use {
                  record.write(config, directory, network, data, dataset, resume)
                  Trainer(plan, directory, evaluations ?: Evaluations.NONE, listener).use { trainer ->
                    if (resume) trainer.resume()
                    val left = (plan.totalSteps() - trainer.done()) * config.train.batchSize().toLong()
                    if (left > 0) {
                      Forecast(assembly, config, dataset, data, manager)
                        .describe(left, trainer.imagesPerSecond(Forecast.IMAGES))
                        .forEach(say)
                    }
                    StopSignal(say).use { stop ->
                      signal = stop
                      return trainer.run(stop::requested)
                    }
                  }
                }
              }
          }
        }
      }
    }
  }

  private fun measuring(
    config: RunConfig,
    manager: NDManager,
    plan: TrainingPlan,
    directory: () -> RunDirectory,
    stop: () -> Boolean,
  ): TrainingEvaluations? {
    if (config.metrics.isEmpty()) return null
    val status = StatusLine(System.err, StatusLine.onTerminal())
    val spec = ImageSpec.of(plan.dataset())
    val progress = EvaluationProgress(status, stop)
    return TrainingEvaluations(assembly, config, spec, directory, manager, plan.totalSteps(), progress)
  }

  private fun describe(
    config: RunConfig,
    network: Network,
    data: TrainingImages,
    dataset: ImageDataset,
    plan: TrainingPlan,
  ): List<String> {
    val model = "${config.model.provider.name()} with ${count(network.parameterCount())} parameters"
    val classes = dataset.classNames().size
    val images =
      "${count(data.size().toLong())} images ${data.shape()}" + if (classes > 0) " in $classes classes" else ""
    val epochs = digits(plan.totalSteps() * config.train.batchSize().toDouble() / data.size())
    return listOf(
      "${config.name}: $model, ${config.scheduler.provider.name()}, $images",
      "${count(plan.totalSteps())} steps of ${count(config.train.batchSize().toLong())} images ($epochs epochs)",
    )
  }
}
