package io.github.diffusionhost.app.cli

import com.github.ajalt.clikt.core.ProgramResult
import com.github.ajalt.clikt.parameters.options.convert
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import io.github.diffusionhost.app.cli.command.CommandWords
import io.github.diffusionhost.app.cli.command.HostSubcommand
import io.github.diffusionhost.app.config.DeviceChoice
import io.github.diffusionhost.app.doctor.Examination
import io.github.diffusionhost.app.doctor.FolderExamination
import io.github.diffusionhost.app.doctor.GpuExamination
import io.github.diffusionhost.app.doctor.JavaExamination
import io.github.diffusionhost.app.doctor.LauncherExamination
import io.github.diffusionhost.app.doctor.LibtorchExamination
import io.github.diffusionhost.app.doctor.MachineExamination
import io.github.diffusionhost.app.doctor.PluginExamination
import io.github.diffusionhost.app.doctor.SpeedExamination
import io.github.diffusionhost.app.doctor.Verdict
import io.github.diffusionhost.app.doctor.doctorJson
import io.github.diffusionhost.app.doctor.doctorText
import io.github.diffusionhost.app.doctor.examine
import io.github.diffusionhost.app.doctor.writtenFolders
import io.github.diffusionhost.app.gpu.LibtorchDoor
import io.github.diffusionhost.app.run.deviceOf
import io.github.diffusionhost.app.words.ExitCode

internal val DOCTOR =
  CommandWords(
    "doctor",
    "Looks at this machine and this installation: Java, memory, disks, PyTorch, GPUs, plugins. Says what is wrong and " +
      "what to do. Exit code 1 if something is broken.",
    "host doctor",
    "host doctor --measure --json",
  )

/** `host doctor`: what this machine and this installation give, and what is wrong with them. */
internal class DoctorCommand : HostSubcommand(DOCTOR) {
  private val measure by
    option("--measure").flag().help("Also measure the device: products in float32 and bfloat16, memory; takes seconds")
  private val device by
    option("--device", metavar = "DEVICE")
      .convert { text -> DeviceChoice.parse(text) ?: fail("'$text' is not auto, cpu, gpu or gpu:N") }
      .help("What to measure: auto, cpu, gpu or gpu:N; auto if not given")
  private val json by option("--json").flag().help("Print JSON")

  override fun run() {
    if (device != null && !measure) wrongUsage("--device says what --measure measures; give both")
    val findings = examine(examinations()) { Failure.of(it, services.environment.faults).message }
    if (json) printJson(doctorJson(findings)) else print(doctorText(findings))
    if (findings.any { it.verdict == Verdict.BROKEN }) throw ProgramResult(ExitCode.FAILED.number)
  }

  private fun examinations(): List<Examination> {
    val environment = services.environment
    val variables = System.getenv()
    val libtorch = services.get<LibtorchDoor>().open(DeviceChoice.Auto)
    return listOf(
      JavaExamination(),
      MachineExamination(),
      FolderExamination(writtenFolders(environment.dataFolder)),
      LauncherExamination(variables),
      LibtorchExamination(variables, libtorch),
      GpuExamination(variables, libtorch),
      PluginExamination(environment.pluginFolders) { services.get() },
    ) + if (measure) listOf(SpeedExamination({ deviceOf(device ?: DeviceChoice.Auto) })) else emptyList()
  }
}
