package io.github.diffusionhost.app.cli

import ai.djl.Device
import ai.djl.ndarray.NDManager
import com.github.ajalt.clikt.parameters.options.convert
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.multiple
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.options.required
import com.github.ajalt.clikt.parameters.types.choice
import io.github.diffusionhost.app.cli.command.CommandWords
import io.github.diffusionhost.app.cli.command.HostSubcommand
import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.exchange.DiffusersExport
import io.github.diffusionhost.app.run.CheckpointConfigs
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.run.loadWeights
import io.github.diffusionhost.app.run.openCheckpoint
import io.github.diffusionhost.app.run.weightsFile
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.app.words.count
import io.github.diffusionhost.app.words.pathOf
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.export.TorchScriptFile
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.trace.NotTraceableException
import java.nio.file.Files
import kotlin.io.path.exists
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries

internal val EXPORT =
  CommandWords(
    "export",
    "Writes the network of a checkpoint as files for other programs. torchscript: a file that PyTorch " +
      "(torch.jit.load), C++ (torch::jit::load) and DJL run, on any device that they map it to, as forward(x, " +
      "condition, labels) for any number of images; without labels if the network uses none. diffusers: the folder " +
      "of a DDPMPipeline, for DDPMPipeline.from_pretrained.",
    "host export --format torchscript --checkpoint runs/quickstart --out quickstart.pt",
    "host export --format diffusers --checkpoint runs/cifar10-ddpm --out ddpm-cifar10",
  )

/** `host export`: the network of a checkpoint as files for other programs. */
internal class ExportCommand : HostSubcommand(EXPORT) {
  private val format by
    option("--format", metavar = "NAME")
      .choice(TORCHSCRIPT, DIFFUSERS)
      .required()
      .help("What is written: $TORCHSCRIPT or $DIFFUSERS")
  private val checkpoint by
    option("--checkpoint", metavar = "DIR")
      .convert { pathOf(it) }
      .required()
      .help("A checkpoint, or a run for its newest one")
  private val weights by
    option("--weights", metavar = "NAME").help("ema, ema-1, … or model; the first average if there is one")
  private val settings by
    option("--set", metavar = "KEY=VALUE").multiple().help("Change an option of the checkpoint's config")
  private val out by
    option("--out", metavar = "PATH").convert { pathOf(it) }.required().help("The new file, or the new folder")

  override fun run() {
    requireNew()
    val from = openCheckpoint(checkpoint)
    val file = weightsFile(from, weights)
    val config = services.get<CheckpointConfigs>().read(from, ConfigRequest(settings = settings))
    val spec = ImageSpec.of(from.state())
    val write = if (format == DIFFUSERS) pipeline(config, spec) else { network -> script(network, config, spec) }
    // On the CPU, whatever the run was trained on: every machine that loads the file has one.
    NDManager.newBaseManager(Device.cpu(), "PyTorch").use { manager ->
      services.get<RunAssembly>().network(config, spec, manager).use { network ->
        loadWeights(network, from, file)
        val what = write(network)
        println("$out: ${config.model.provider.name()} with ${count(network.parameterCount())} parameters, $what")
      }
    }
  }

  private fun requireNew() {
    val empty = format == DIFFUSERS && out.isDirectory() && out.listDirectoryEntries().isEmpty()
    if (!out.exists() || empty) return
    val what = if (format == DIFFUSERS) "folder" else "file"
    throw UserError("--out $out is there already; choose another $what", ExitCode.USAGE)
  }

  private fun script(network: Network, config: RunConfig, spec: ImageSpec): String {
    try {
      Files.createDirectories(out.toAbsolutePath().normalize().parent)
      return signature(spec, TorchScriptFile.write(network, spec.shape, spec.classes > 0, out))
    } catch (e: NotTraceableException) {
      val model = config.model.provider.name()
      throw UserError("$model cannot be written as $format: ${e.message}", ExitCode.FAILED, e)
    }
  }

  /** What diffusers has no words for is said before any weights are read. */
  private fun pipeline(config: RunConfig, spec: ImageSpec): (Network) -> String {
    val export = services.get<DiffusersExport>()
    val configs = export.configs(config, spec)
    return { network ->
      export.write(out, configs, network.weights().values())
      export.caution(spec)?.let { streams.err.println("$out: $it") }
      "a DDPMPipeline of diffusers"
    }
  }

  private fun signature(spec: ImageSpec, takesLabels: Boolean): String {
    val images = with(spec.shape) { "[N,$channels,$height,$width]" }
    val labels = if (takesLabels) ", labels [N] int64" else ""
    return "forward(x $images float32, condition [N] float32$labels) -> $images"
  }

  private companion object {
    const val TORCHSCRIPT = "torchscript"
    const val DIFFUSERS = "diffusers"
  }
}
