package io.github.diffusionhost.app.cli.gpu

import com.github.ajalt.clikt.parameters.arguments.argument
import com.github.ajalt.clikt.parameters.arguments.convert
import com.github.ajalt.clikt.parameters.arguments.help
import com.github.ajalt.clikt.parameters.arguments.multiple
import com.github.ajalt.clikt.parameters.options.convert
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.multiple
import com.github.ajalt.clikt.parameters.options.option
import io.github.diffusionhost.app.cli.command.HostSubcommand
import io.github.diffusionhost.app.gpu.CudaBuild
import io.github.diffusionhost.app.gpu.Installations
import io.github.diffusionhost.app.gpu.install.Installer
import io.github.diffusionhost.app.gpu.install.WheelIndexes
import io.github.diffusionhost.app.terminal.StatusLine
import io.github.diffusionhost.app.words.pathOf

/** `host gpu install`: brings libtorch for GPUs. */
internal class GpuInstallCommand :
  HostSubcommand(
    "install",
    "Installs ${CudaBuild.NEEDED.words}, from PyTorch's index of wheels or from files that are there; Python is not " +
      "needed. Linux on x86-64. An install that was cut off goes on when it is asked for again.",
    "host gpu install --dry-run",
    "host gpu install",
    "host gpu install --from wheels/",
    "host gpu install --from venv/lib/python3.12/site-packages",
  ) {
  private val from by
    option("--from", metavar = "FILE|FOLDER")
      .convert { pathOf(it) }
      .multiple()
      .help(
        "Take it from here, without a network: wheels, a folder of wheels, a folder in which pip has installed torch, " +
          "or libtorch for C++ as a zip or unpacked; may be repeated"
      )
  private val more by
    argument("MORE")
      .convert { pathOf(it) }
      .multiple()
      .help("More files and folders for --from, as --from *.whl names them")
  private val dryRun by
    option("--dry-run").flag().help("Say how much is to be downloaded and how much room there is, and do nothing")
  private val keepDownloads by
    option("--keep-downloads").flag().help("Keep the wheels that were downloaded; they are removed if not given")

  override fun run() {
    if (from.isEmpty() && more.isNotEmpty()) wrongUsage("'${more[0]}' is taken with --from before it")
    if (keepDownloads && from.isNotEmpty())
      wrongUsage("--keep-downloads keeps what is downloaded, and --from downloads nothing")
    if (keepDownloads && dryRun) wrongUsage("--dry-run downloads nothing that --keep-downloads could keep")
    val installer = Installer(services.get<Installations>(), services.get<WheelIndexes>(), StatusLine.on(streams.err))
    println(installer.install(from + more, dryRun, keepDownloads))
  }
}
