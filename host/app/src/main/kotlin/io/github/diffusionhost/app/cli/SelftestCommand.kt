package io.github.diffusionhost.app.cli

import ai.djl.Device
import ai.djl.engine.Engine
import ai.djl.ndarray.NDManager
import com.github.ajalt.clikt.core.ProgramResult
import com.github.ajalt.clikt.parameters.options.convert
import com.github.ajalt.clikt.parameters.options.default
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.multiple
import com.github.ajalt.clikt.parameters.options.option
import io.github.diffusionhost.api.files.Aside
import io.github.diffusionhost.app.cli.command.CommandWords
import io.github.diffusionhost.app.cli.command.HostSubcommand
import io.github.diffusionhost.app.config.DeviceChoice
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.config.bind.ProviderRegistry
import io.github.diffusionhost.app.doctor.DeviceModel
import io.github.diffusionhost.app.process.anotherJvm
import io.github.diffusionhost.app.process.endsWithThisProcess
import io.github.diffusionhost.app.run.deviceOf
import io.github.diffusionhost.app.run.nameOf
import io.github.diffusionhost.app.selftest.Measured
import io.github.diffusionhost.app.selftest.SelfCheck
import io.github.diffusionhost.app.selftest.SelfTestReport
import io.github.diffusionhost.app.selftest.Subject
import io.github.diffusionhost.app.selftest.check.CompanyCheck
import io.github.diffusionhost.app.selftest.check.checksOfOneProcess
import io.github.diffusionhost.app.selftest.selfTest
import io.github.diffusionhost.app.selftest.selfTestText
import io.github.diffusionhost.app.terminal.StatusLine
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.app.words.hostVersion
import io.github.diffusionhost.app.words.nearest
import io.github.diffusionhost.engine.golden.GoldenSet
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import kotlinx.serialization.json.Json

internal val SELFTEST =
  CommandWords(
    "selftest",
    "Proves a device: compares operators, networks, training and samplers on it with numbers of reference " +
      "implementations and with the CPU, in float32 and bfloat16; looks at resuming, memory and losses that are no " +
      "numbers. The first thing to run on a new GPU. Exit code 1 if a figure exceeds its bound.",
    "host selftest",
    "host selftest --device gpu:1 --json",
  )

/** `host selftest`: whether a device computes rightly all that training and sampling consist of. */
internal class SelftestCommand : HostSubcommand(SELFTEST) {
  private val device by
    option("--device", metavar = "DEVICE")
      .convert { text -> DeviceChoice.parse(text) ?: fail("'$text' is not auto, cpu, gpu or gpu:N") }
      .default(DeviceChoice.Auto)
      .help("What to test: auto, cpu, gpu or gpu:N; auto if not given")
  private val quick by option("--quick").flag().help("Leave out what takes long")
  private val only by
    option("--only", metavar = "A,B")
      .convert { text -> text.split(',').map(String::trim) }
      .multiple()
      .help("Test these areas only: ${AREAS.joinToString(", ")}")
  private val all by option("--all").flag().help("Show every figure, and not the worst of each area only")
  private val json by option("--json").flag().help("Print one JSON object with every figure")

  override fun run() {
    areas.firstOrNull { it !in AREAS }?.let { unknown(it) }
    val report = test(deviceOf(device))
    if (json) printJson(Json.encodeToJsonElement(SelfTestReport.serializer(), report))
    else print(selfTestText(report, all))
    if (report.failed > 0 || report.nothing) throw ProgramResult(ExitCode.FAILED.number)
  }

  private val areas
    get() = only.flatten()

  private fun unknown(area: String): Nothing {
    val near = nearest(area, AREAS)?.let { "; did you mean $it?" }.orEmpty()
    wrongUsage("--only '$area': areas are ${AREAS.joinToString(", ")}$near")
  }

  private fun test(device: Device): SelfTestReport {
    val start = System.nanoTime()
    val registry = services.get<ProviderRegistry>()
    val aside = temporaryFolder()
    val folder = aside.path()
    val results = mutableListOf<Measured>()
    val status = StatusLine.on(streams.err)
    try {
      NDManager.newBaseManager(device, "PyTorch").use { manager ->
        NDManager.newBaseManager(Device.cpu(), "PyTorch").use { host ->
          val golden = GoldenSet.packed(folder.resolve("golden"))
          val subject =
            Subject(manager, host, services.get(), golden, quick, folder, services.get<RunConfigReader>()) {
              registry.find(it) != null
            }
          val words = { e: Throwable -> Failure.of(e, services.environment.faults).message }
          selfTest(checks(device), subject, words) {
            results += it
            status.show { "${it.area}: ${it.what}" }
          }
        }
      }
    } finally {
      status.clear()
      aside.close()
    }
    return report(device, results, (System.nanoTime() - start) / 1e9)
  }

  /** What a process that was killed has left there goes with the next one. */
  private fun temporaryFolder(): Aside {
    val place = Path.of(System.getProperty("java.io.tmpdir"))
    try {
      return Aside.of(place.resolve("diffusionhost-selftest")).also { Files.createDirectory(it.path()) }
    } catch (e: IOException) {
      throw UserError(
        "the folder for temporary files, $place, cannot be written (${e.message}); name another one: " +
          "DIFFUSIONHOST_JAVA_OPTS=-Djava.io.tmpdir=FOLDER",
        cause = e,
      )
    }
  }

  private fun checks(device: Device): List<SelfCheck> {
    val checks = checksOfOneProcess() + CompanyCheck(child(device))
    return checks.filter { if (areas.isEmpty()) !quick || it !is CompanyCheck else it.area in areas }
  }

  /** The command line of a process that tests training on the device, with this one's plugins. */
  private fun child(device: Device): List<String> {
    val before = services.arguments.takeWhile { it != commandName }
    val own = listOf(commandName, "--device", nameOf(device), "--only", "training", "--quick", "--json")
    return anotherJvm(listOf("-XX:+UseSerialGC", endsWithThisProcess()), MAIN, *(before + own).toTypedArray())
  }

  private fun report(device: Device, results: List<Measured>, seconds: Double): SelfTestReport {
    val model = DeviceModel.of(device)
    return SelfTestReport(
      nameOf(device),
      model.name,
      model.driver,
      "${System.getProperty("os.name")} ${System.getProperty("os.arch")}",
      System.getProperty("java.version"),
      Engine.getDjlVersion(),
      Engine.getEngine("PyTorch").version,
      hostVersion(),
      quick,
      seconds,
      results,
    )
  }

  private companion object {
    val AREAS =
      listOf(
        "operators",
        "draws",
        "networks",
        "training",
        "sampling",
        "resume",
        "bfloat16",
        "divergence",
        "memory",
        "processes",
      )
    const val MAIN = "io.github.diffusionhost.app.cli.MainKt"
  }
}
