package io.github.diffusionhost.app.cli

import ai.djl.Device
import ai.djl.ndarray.NDManager
import com.github.ajalt.clikt.parameters.options.convert
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.multiple
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.options.required
import com.github.ajalt.clikt.parameters.types.choice
import io.github.diffusionhost.app.ExitCode
import io.github.diffusionhost.app.UserError
import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.run.count
import io.github.diffusionhost.app.run.loadWeights
import io.github.diffusionhost.app.run.openCheckpoint
import io.github.diffusionhost.app.run.weightsFile
import io.github.diffusionhost.engine.export.TorchScriptFile
import io.github.diffusionhost.engine.run.ImageSpec
import io.github.diffusionhost.engine.run.RunFiles
import io.github.diffusionhost.engine.trace.NotTraceableException
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.exists

/** `host export`: the network of a checkpoint as a file for other programs. */
internal class ExportCommand :
  HostSubcommand(
    "export",
    "Writes the network of a checkpoint as a file for other programs. torchscript: PyTorch (torch.jit.load), C++ " +
      "(torch::jit::load) and DJL run it, on any device that they map it to, as forward(x, condition, labels) for " +
      "any number of images; without labels if the network takes none.",
    "host export --format torchscript --checkpoint runs/quickstart --out quickstart.pt",
  ) {
  private val format by
    option("--format", metavar = "NAME").choice(TORCHSCRIPT).required().help("The kind of file: $TORCHSCRIPT")
  private val checkpoint by
    option("--checkpoint", metavar = "DIR")
      .convert { Path.of(it) }
      .required()
      .help("A checkpoint, or a run for its newest one")
  private val weights by
    option("--weights", metavar = "NAME").help("ema, ema-1, … or model; the first average if there is one")
  private val settings by
    option("--set", metavar = "KEY=VALUE").multiple().help("Change an option of the checkpoint's config")
  private val out by option("--out", metavar = "FILE").convert { Path.of(it) }.required().help("The new file")

  override fun run() {
    if (out.exists()) throw UserError("--out $out is there already; choose another file", ExitCode.USAGE)
    val from = openCheckpoint(checkpoint)
    val file = weightsFile(from, weights)
    val name = "${from.folder()}/${RunFiles.CONFIG}"
    val request = ConfigRequest(settings = settings)
    val config = services.get<RunConfigReader>().read(from.text(RunFiles.CONFIG), name, request)
    val spec = ImageSpec.of(from.state())
    // On the CPU, whatever the run was trained on: every machine that loads the file has one.
    NDManager.newBaseManager(Device.cpu(), "PyTorch").use { manager ->
      services.get<RunAssembly>().network(config, spec, manager).use { network ->
        loadWeights(network, from, file)
        val model = config.model.provider.name()
        try {
          Files.createDirectories(out.toAbsolutePath().normalize().parent)
          TorchScriptFile.write(network, spec.shape, spec.classes > 0, out)
        } catch (e: NotTraceableException) {
          throw UserError("$model cannot be written as $format: ${e.message}", ExitCode.FAILED, e)
        }
        println("$out: $model with ${count(network.parameterCount())} parameters, ${signature(spec)}")
      }
    }
  }

  private fun signature(spec: ImageSpec): String {
    val images = with(spec.shape) { "[N,$channels,$height,$width]" }
    val labels = if (spec.classes > 0) ", labels [N] int64" else ""
    return "forward(x $images float32, condition [N] float32$labels) -> $images"
  }

  private companion object {
    const val TORCHSCRIPT = "torchscript"
  }
}
