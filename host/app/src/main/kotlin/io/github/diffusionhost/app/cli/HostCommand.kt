package io.github.diffusionhost.app.cli

import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.core.CliktError
import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.core.PrintHelpMessage
import com.github.ajalt.clikt.core.PrintMessage
import com.github.ajalt.clikt.core.UsageError
import com.github.ajalt.clikt.core.context
import com.github.ajalt.clikt.core.obj
import com.github.ajalt.clikt.core.parse
import com.github.ajalt.clikt.core.subcommands
import com.github.ajalt.clikt.core.terminal
import com.github.ajalt.clikt.parameters.options.convert
import com.github.ajalt.clikt.parameters.options.eagerOption
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.multiple
import com.github.ajalt.clikt.parameters.options.option
import io.github.diffusionhost.app.cli.command.CommandRow
import io.github.diffusionhost.app.cli.command.HostSubcommand
import io.github.diffusionhost.app.cli.command.Services
import io.github.diffusionhost.app.cli.command.example
import io.github.diffusionhost.app.cli.command.whole
import io.github.diffusionhost.app.cli.config.CONFIG
import io.github.diffusionhost.app.cli.config.ConfigCommand
import io.github.diffusionhost.app.cli.gpu.GPU
import io.github.diffusionhost.app.cli.gpu.GpuCommand
import io.github.diffusionhost.app.cli.plugins.PLUGINS
import io.github.diffusionhost.app.cli.plugins.PluginsCommand
import io.github.diffusionhost.app.plugins.call.CallWatch
import io.github.diffusionhost.app.plugins.call.PluginFaults
import io.github.diffusionhost.app.process.HostStreams
import io.github.diffusionhost.app.process.Rescue
import io.github.diffusionhost.app.run.HostEnvironment
import io.github.diffusionhost.app.terminal.terminalWithoutWindow
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.pathOf
import io.github.diffusionhost.app.words.versions
import java.time.Duration
import org.koin.core.module.Module

/**
 * `host`: the options that every command has, and the commands.
 *
 * @param wiring the parts of the process, given what it was started with
 * @param patience how long a plugin's code may take until it is said that the host waits for it
 */
class HostCommand(
  private val wiring: (HostEnvironment) -> Module,
  private val variables: Map<String, String> = System.getenv(),
  private val patience: Duration = Duration.ofSeconds(60),
) : CliktCommand("host") {
  internal val faults = PluginFaults()
  internal val rescue = Rescue()
  internal val streams = HostStreams.ofProcess()
  private var arguments = emptyList<String>()
  private val debug by option("--debug").flag().help("Show stack traces and debug messages")
  private val pluginFolders by
    option("--plugins-dir", metavar = "DIR")
      .convert { pathOf(it) }
      .multiple()
      .help("Look for plugin jars here, too; may be repeated. DIFFUSIONHOST_PLUGINS names folders for good")

  init {
    context {
      readEnvvar = { variables[it] }
      if (System.console() == null) terminal = terminalWithoutWindow()
    }
    eagerOption("--version", help = "Show the versions and exit") { throw PrintMessage(versions()) }
  }

  override fun help(context: Context) =
    "Trains diffusion models from plugins — models, schedulers, datasets, metrics, trackers — and samples them."

  override fun helpEpilog(context: Context) = example("host config show --plugins dit,flowmatch,glyphs")

  override fun run() {
    // Read by logback.xml, which is read when the first line is logged.
    if (debug) System.setProperty("diffusionhost.log", "debug")
    // On EC2 machines DJL would tell its makers that it is used, and elsewhere look for EC2 first.
    if (System.getProperty(DJL_OPT_OUT) == null) System.setProperty(DJL_OPT_OUT, "true")
    currentContext.obj =
      Services(HostEnvironment.of(debug, pluginFolders, variables, streams, faults, rescue), arguments, wiring)
  }

  /** Runs one command line and returns the exit code. Messages go to standard error. */
  fun execute(arguments: List<String>): Int {
    val code = outcome(arguments)
    if (code != ExitCode.DONE.number || !streams.out.checkError()) return code
    streams.err.println("standard output is closed or full: not all that was printed has arrived")
    return ExitCode.FAILED.number
  }

  private fun outcome(arguments: List<String>): Int =
    try {
      this.arguments = arguments
      subcommands(commandsFor(arguments))
      CallWatch(faults, patience, streams.err::println).use { streams.keeping { parse(arguments) } }
      ExitCode.DONE.number
    } catch (e: CliktError) {
      val wrong = e is UsageError || e is PrintHelpMessage && e.error
      getFormattedHelp(e)?.let { echo(it, err = wrong || e.printError) }
      if (wrong) ExitCode.USAGE.number else e.statusCode
    } catch (e: Throwable) {
      val failure = Failure.of(e, faults)
      streams.err.println(failure.message)
      if ("--debug" in arguments) streams.err.println(e.stackTraceToString())
      failure.exitCode.number
    }

  /** A file of arguments and the script for a shell's completion may name any command. */
  private fun commandsFor(arguments: List<String>): List<HostSubcommand> {
    val all = arguments.any { it.startsWith("@") } || variables.containsKey(COMPLETION)
    return COMMANDS.whole { all || it in arguments }
  }

  private companion object {
    const val DJL_OPT_OUT = "OPT_OUT_TRACKING"
    const val COMPLETION = "_HOST_COMPLETE"

    val COMMANDS =
      listOf(
        CommandRow(RUN, ::RunCommand),
        CommandRow(SAMPLE, ::SampleCommand),
        CommandRow(EVALUATE, ::EvaluateCommand),
        CommandRow(IMPORT, ::ImportCommand),
        CommandRow(EXPORT, ::ExportCommand),
        CommandRow(EMA, ::EmaCommand),
        CommandRow(REPORT, ::ReportCommand),
        CommandRow(BENCH, ::BenchCommand),
        CommandRow(MEMORY, ::MemoryCommand),
        CommandRow(DOCTOR, ::DoctorCommand),
        CommandRow(SELFTEST, ::SelftestCommand),
        CommandRow(GPU, ::GpuCommand),
        CommandRow(CONFIG, ::ConfigCommand),
        CommandRow(PLUGINS, ::PluginsCommand),
      )
  }
}
