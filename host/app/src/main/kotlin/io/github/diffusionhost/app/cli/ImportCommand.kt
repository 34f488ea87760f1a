package io.github.diffusionhost.app.cli

import ai.djl.Device
import ai.djl.ndarray.NDManager
import com.github.ajalt.clikt.parameters.options.convert
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.multiple
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.options.required
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.app.average.requireNew
import io.github.diffusionhost.app.average.writeCheckpoint
import io.github.diffusionhost.app.cli.command.CommandWords
import io.github.diffusionhost.app.cli.command.HostSubcommand
import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.config.bind.NoDataset
import io.github.diffusionhost.app.exchange.DiffusersFolder
import io.github.diffusionhost.app.exchange.DiffusersImport
import io.github.diffusionhost.app.exchange.ForeignParts
import io.github.diffusionhost.app.exchange.TensorFiles
import io.github.diffusionhost.app.exchange.presentName
import io.github.diffusionhost.app.exchange.readForeignWeights
import io.github.diffusionhost.app.exchange.uncompiled
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.run.warnOfBrokenWeights
import io.github.diffusionhost.app.words.count
import io.github.diffusionhost.app.words.pathOf
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.train.RunFiles

internal val IMPORT =
  CommandWords(
    "import",
    "Makes a checkpoint of another program's network, to sample from: of a folder that diffusers has written, or of a " +
      "config and weights. Names are those of the reference implementation; what wraps them (module., _orig_mod., " +
      "ema_model.nn_model.) makes no difference, and of several copies of the network the running average is taken.",
    "host import --diffusers ddpm-cifar10-32 --out imported",
    "host import --config my-network.yaml --weights model.safetensors --out imported",
  )

/** `host import`: a checkpoint from another program's weights. */
internal class ImportCommand : HostSubcommand(IMPORT) {
  private val diffusers by
    option("--diffusers", metavar = "DIR")
      .convert { pathOf(it) }
      .help("A folder of diffusers: a DDPM pipeline, or a UNet2DModel alone (unet, unet_ema); safetensors only")
  private val config by
    option("--config", metavar = "FILE")
      .convert { pathOf(it) }
      .help("The network; dataset: {use: none, shape: [1,28,28], classes: 12} needs no images")
  private val weights by option("--weights", metavar = "FILE").convert { pathOf(it) }.help("A safetensors file")
  private val weightsPrefix by
    option("--weights-prefix", metavar = "PREFIX")
      .help("Take the copy of the network whose names begin so, such as online_model")
  private val settings by option("--set", metavar = "KEY=VALUE").multiple().help("Change an option of the config")
  private val out by
    option("--out", metavar = "DIR").convert { pathOf(it) }.required().help("The checkpoint's new folder")

  override fun run() {
    val file = weights
    val folder = diffusers
    when {
      folder != null && (config != null || file != null) ->
        wrongUsage("--diffusers brings config and weights; leave --config and --weights out")
      folder == null && (config == null || file == null) ->
        wrongUsage("name a folder by --diffusers, or --config and --weights")
    }
    requireNew(out)
    if (folder != null) import(DiffusersFolder.open(folder))
    else if (file != null) {
      val run = services.get<RunConfigReader>().read(ConfigRequest(config, settings = settings))
      import(run) { TensorFiles.of(file).renamed(::uncompiled) }
    }
  }

  private fun import(folder: DiffusersFolder) {
    val run = services.get<DiffusersImport>().config(folder, settings)
    import(run) { folder.weights().renamed(::presentName) }
    folder.notes().forEach { println(it) }
  }

  private fun import(run: RunConfig, open: () -> TensorFiles) {
    val assembly = services.get<RunAssembly>()
    val spec = imageSpec(run, assembly)
    NDManager.newBaseManager(Device.cpu(), "PyTorch").use { manager ->
      assembly.network(run, spec, manager).use { network ->
        val parts = ForeignParts.of(network)
        val read =
          open().use {
            readForeignWeights(it, parts, weightsPrefix, manager) {
              assembly.settingsThatTrainNothing(run, spec, manager)
            }
          }
        network.weights().load(read.tensors)
        warnOfBrokenWeights(network, "$out")
        val files = mapOf(RunFiles.MODEL to network.weights().values())
        writeCheckpoint(out, spec.untrained(), files, run.toYaml())
        println("$out: ${run.model.provider.name()} with ${count(network.parameterCount())} parameters")
        read.notes.forEach { println(it) }
      }
    }
  }

  private fun imageSpec(run: RunConfig, assembly: RunAssembly): ImageSpec =
    when (val dataset = run.dataset) {
      is NoDataset -> ImageSpec(dataset.shape, dataset.classes, dataset.normalization)
      else -> assembly.openDataset(run, Split.TRAIN).use { ImageSpec.of(it) }
    }
}
