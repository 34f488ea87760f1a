package io.github.diffusionhost.app.cli.faults

import io.github.diffusionhost.app.cli.HostCommand
import io.github.diffusionhost.app.cli.hostModule
import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.plugins.PlayedPlugins
import io.github.diffusionhost.app.run.Finished
import io.github.diffusionhost.app.run.HostEnvironment
import io.github.diffusionhost.app.run.HostProcess
import io.github.diffusionhost.app.run.REPOSITORY
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.nio.file.Path
import java.time.Duration
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readLines
import kotlin.io.path.writeText
import kotlinx.serialization.json.Json

private val MISBEHAVIOURS = MISBEHAVING_PARTS + MISBEHAVING_CODE

/** Plugins made to misbehave, through the command line: what is said of each, and what is kept. */
@Tags("Process")
class MisbehavingPluginsSpec :
  FunSpec({
    /** Writes the plugins and runs `host run` with them. */
    fun run(row: Misbehaviour, folder: Path): Finished {
      val plugins = folder.resolve("plugins").createDirectories()
      PlayedPlugins(plugins).write(row.lines)
      val config = folder.resolve("played.yaml").apply { writeText(PlayedPlugins.CONFIG) }
      val settings = row.settings.flatMap { listOf("--set", it) }
      val arguments =
        listOf("--plugins-dir", "$plugins", "run", "--config", "$config", "--run-dir", "$folder/run", "--json") +
          settings
      return if (row.process) HostProcess(*arguments.toTypedArray()).finish() else inProcess(*arguments.toTypedArray())
    }

    for (row in MISBEHAVIOURS) {
      test("a plugin that ${row.what}") {
        val folder = tempdir().toPath()
        val ended = run(row, folder)
        withClue(ended.err) {
          row.said.forEach { ended.err shouldContain it }
          ended.exit shouldBe row.exit
          ended.err shouldNotContain "\tat "
        }
        ended.out.lines().filter { it.isNotBlank() }.forEach { it.first() shouldBe '{' }
        val checkpoints = folder.resolve("run/checkpoints")
        val kept = if (checkpoints.exists()) checkpoints.listDirectoryEntries("step-*").map { it.name } else emptyList()
        when (row.step) {
          null -> folder.resolve("run").exists() shouldBe false
          SOME_STEP -> (kept.max() >= "step-000008") shouldBe true
          else -> kept.max() shouldBe "step-%06d".format(row.step)
        }
      }
    }

    test("the table in the docs has these plugins, and says of each what the host says") {
      val table = REPOSITORY.resolve("docs/reference/FAULTS.md").readLines().filter { it.startsWith("| ") }.drop(1)
      val cells = table.associate { line -> line.split("|").map(String::trim).let { it[1] to it.drop(2) } }
      cells.keys - "does not return" shouldBe MISBEHAVIOURS.map { it.what }.toSet()
      for (row in MISBEHAVIOURS) {
        val (says, exit) = cells.getValue(row.what)
        exit shouldBe "${row.exit}"
        // What is the same at every run of it.
        if (row.said.size == 1) says shouldContain row.said.single()
      }
    }

    test("what a plugin prints while it is loaded and described stays out of JSON on standard output") {
      val folder = tempdir().toPath()
      PlayedPlugins(folder).write(mapOf("dataset.provider" to "System.out.println(\"hello\");"))
      for (command in listOf(listOf("config", "schema"), listOf("plugins", "list", "--json"))) {
        val ended = inProcess("--plugins-dir", "$folder", *command.toTypedArray())
        ended.exit shouldBe 0
        ended.err shouldContain "hello"
        Json.parseToJsonElement(ended.out)
      }
    }

    test("a plugin that does not return is named after a while") {
      val folder = tempdir().toPath()
      PlayedPlugins(folder)
        .write(
          mapOf("dataset.read" to "while (calls == 5 && !Boolean.getBoolean(\"played.enough\")) Thread.onSpinWait();")
        )
      val config = folder.resolve("played.yaml").apply { writeText(PlayedPlugins.CONFIG) }
      val err = ByteArrayOutputStream()
      val before = System.out to System.err
      System.setOut(PrintStream(ByteArrayOutputStream(), true))
      System.setErr(PrintStream(err, true))
      val command =
        try {
          HostCommand({ of: HostEnvironment -> hostModule(of) }, emptyMap(), Duration.ofSeconds(2))
        } finally {
          System.setOut(before.first)
          System.setErr(before.second)
        }
      val arguments =
        listOf("--plugins-dir", "$folder", "run", "--config", "$config", "--run-dir", "$folder/run", "--json")
      val hanging = Thread({ command.execute(arguments) }, "hanging").apply { start() }
      val end = System.nanoTime() + 60_000_000_000
      while ("still in" !in "$err" && System.nanoTime() < end) Thread.sleep(20)
      System.setProperty("played.enough", "true")
      hanging.join()
      System.clearProperty("played.enough")
      "$err" shouldContain "still in $PLAYED_DATASET, read, after 2.0 s; Ctrl-C stops the host, twice during a training"
    }
  })
