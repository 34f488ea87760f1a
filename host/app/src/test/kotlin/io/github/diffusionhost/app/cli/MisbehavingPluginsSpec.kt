package io.github.diffusionhost.app.cli

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

private const val SCHEDULER = "scheduler scheduler-played (plugin played-scheduler 1.0.0)"
private const val DATASET = "dataset dataset-played (plugin played-dataset 1.0.0)"
private const val MODEL = "model model-played (plugin played-model 1.0.0)"
private const val METRIC = "metric metric-played (plugin played-metric 1.0.0)"
private const val THROW = "if (true) throw new IllegalStateException(\"it is night\");"
private const val NIGHT = "IllegalStateException: it is night"
/** The step depends on when a thread runs; the eighth is done. */
private const val SOME = -1
private const val EAT = "List<byte[]> all = new ArrayList<>(); while (true) all.add(new byte[1 << 28]);"

/**
 * A plugin that misbehaves.
 *
 * @property what it does, as the table in the docs has it
 * @property lines what its parts do at which moment
 * @property exit the exit code
 * @property step of the checkpoint that is kept; null: there is no run's folder
 * @property said what the host says on standard error
 * @property process whether it takes a process of its own
 */
private class Row(
  val what: String,
  val lines: Map<String, String>,
  val exit: Int,
  val step: Int?,
  val said: List<String>,
  val settings: List<String> = emptyList(),
  val process: Boolean = false,
)

private val ROWS =
  listOf(
    Row(
      "throws in its provider's constructor",
      mapOf("dataset.provider" to THROW),
      2,
      null,
      listOf("Plugin left out: played-dataset.jar: the constructor of Dataset has thrown $NIGHT"),
    ),
    Row(
      "throws in its options",
      mapOf("dataset.options" to THROW),
      1,
      null,
      listOf("$DATASET, constructor of Options: $NIGHT"),
      listOf("dataset.count=7"),
    ),
    Row("throws when it is opened", mapOf("dataset.open" to THROW), 1, null, listOf("$DATASET, open: $NIGHT")),
    Row(
      "cannot read an image",
      mapOf("dataset.read" to "if (index == 3) throw new IOException(\"image 3 is torn\");"),
      1,
      null,
      listOf("$DATASET: image 3 is torn"),
    ),
    Row(
      "refuses what it finds when it is opened",
      mapOf(
        "dataset.open" to "if (true) throw new IllegalArgumentException(\"there are 8 images, and 9 are wanted\");"
      ),
      2,
      null,
      listOf("$DATASET: there are 8 images, and 9 are wanted"),
    ),
    Row(
      "interrupts the thread that reads",
      mapOf("dataset.read" to "if (index == 3) Thread.currentThread().interrupt();"),
      1,
      null,
      listOf("$DATASET, read: it has interrupted the thread that called it"),
    ),
    Row(
      "interrupts the thread that trains",
      mapOf("scheduler.loss" to "if (calls == 11) Thread.currentThread().interrupt();"),
      1,
      8,
      listOf("$SCHEDULER, loss: it has interrupted the thread that called it"),
    ),
    Row(
      "writes beside the place of an image",
      mapOf("dataset.read" to "if (index == 3) target[offset + 16] = 1;"),
      1,
      null,
      listOf("$DATASET, read: of image 3 it wrote beside the 16 bytes from the offset that it was given"),
    ),
    Row(
      "says that its levels fall",
      mapOf("scheduler.edges" to "if (true) return new double[] {1, 0.5, 0};"),
      1,
      null,
      listOf("$SCHEDULER, levelEdges: it returned [1.0, 0.5, 0.0], which must be at least two rising numbers"),
    ),
    Row(
      "does not say what happens at a level",
      mapOf("scheduler.at" to "if (true) return null;"),
      1,
      null,
      listOf("$SCHEDULER, at: it returned null"),
    ),
    Row(
      "has no number for the condition of a level",
      mapOf("scheduler.condition" to "if (true) return Double.NaN;"),
      1,
      null,
      listOf("$SCHEDULER, conditionAt: it returned NaN for level 0.0, which must be a finite number"),
    ),
    Row(
      "has a curve of one number",
      mapOf("scheduler.curves" to "if (true) return Map.of(\"u\", levels.mean());"),
      1,
      4,
      listOf("$SCHEDULER, curves: it returned as u an array of shape (), which must be (2)"),
    ),
    Row(
      "needs a class that is not there",
      mapOf("scheduler.create" to "if (true) throw new NoClassDefFoundError(\"org/lost/Words\");"),
      1,
      null,
      listOf("$SCHEDULER, create needs the class org.lost.Words, which is not in the jar", "Pack the library"),
    ),
    Row(
      "throws in the loss of step 9",
      mapOf("scheduler.loss" to "if (calls == 11) throw new IllegalStateException(\"it is night\");"),
      1,
      8,
      listOf("$SCHEDULER, loss: $NIGHT"),
    ),
    Row(
      "recurses without end in the network",
      mapOf("model.predict" to "if (calls == 14) return predict(pass, x.add(calls--), condition, labels);"),
      1,
      6,
      listOf("$MODEL, predict: StackOverflowError"),
    ),
    Row(
      "predicts one row for an image, which would fit all of them",
      mapOf("model.predict" to "if (true) return x.mean(new int[] {2}, true);"),
      1,
      null,
      listOf("$MODEL, predict: it returned an array of shape (1, 1, 1, 4), which must be (1, 1, 4, 4)"),
    ),
    Row(
      "returns one loss for all images",
      mapOf(
        "scheduler.loss" to "if (calls == 11) return new TrainingLoss(images.mean(), images.mean(), images.mean());"
      ),
      1,
      8,
      listOf("$SCHEDULER, loss: it returned as perImage an array of shape (), which must be (4)"),
    ),
    Row(
      "samples null",
      mapOf("scheduler.samples" to "if (samples == 2) return null;"),
      0,
      12,
      listOf(
        "no samples after step 8; the training goes on: sampler euler-played: $SCHEDULER, sample: it returned null"
      ),
    ),
    Row(
      "cuts its images when it augments them",
      mapOf("dataset.augment" to "if (calls == 18) return images.get(\":, :, 1:, :\");"),
      1,
      8,
      listOf("$DATASET, augment: it returned an array of shape (4, 1, 3, 4), which must be (4, 1, 4, 4)"),
    ),
    Row(
      "counts its calls, and is to be compiled",
      mapOf(),
      0,
      12,
      listOf(
        "training runs operation by operation, more slowly than compiled: ",
        "Model.calls (plugin played-model 1.0.0) went from ",
        " when the code ran once more, and what it does may depend on that",
      ),
      listOf("train.compile=true"),
    ),
    Row(
      "cannot sample at all",
      mapOf("scheduler.sample" to THROW),
      1,
      null,
      listOf("sampler euler-played, tried for two steps before the training: $SCHEDULER, sample: $NIGHT"),
    ),
    Row(
      "cannot sample during the training",
      mapOf("scheduler.samples" to "if (samples == 2) throw new IllegalStateException(\"it is night\");"),
      0,
      12,
      listOf("no samples after step 8; the training goes on: sampler euler-played: $SCHEDULER, sample: $NIGHT"),
    ),
    Row(
      "has a metric that does not start",
      mapOf("metric.create" to THROW),
      1,
      null,
      listOf("$METRIC, create: $NIGHT"),
      listOf("metrics=[{use: metric-played}]"),
    ),
    Row(
      "has a metric with a fault",
      mapOf("metric.add" to "if (true) throw new IndexOutOfBoundsException(\"7 of 3\");"),
      0,
      12,
      listOf("step 12 is not measured; the training goes on: $METRIC, add: IndexOutOfBoundsException: 7 of 3"),
      listOf("metrics=[{use: metric-played, samples: 2}]"),
    ),
    Row(
      "has a tracker with a fault",
      mapOf("tracker.log" to THROW),
      0,
      12,
      listOf("tracker tracker-played: it is night; the training goes on without it"),
      listOf("tracker=tracker-played"),
    ),
    Row(
      "eats the heap",
      mapOf("dataset.augment" to "if (calls == 18) { $EAT }"),
      1,
      8,
      listOf("$DATASET, augment: out of memory: Java heap space, of ", " of heap; more heap: DIFFUSIONHOST_JAVA_OPTS"),
      process = true,
    ),
    Row(
      "asks for an array that is larger than any memory",
      mapOf("scheduler.loss" to "if (calls == 11) images.getManager().zeros(new Shape(1L << 46));"),
      1,
      8,
      listOf("$SCHEDULER, loss: out of memory: 262144.0 GiB for an array"),
    ),
    Row(
      "exits in its provider's constructor",
      mapOf("dataset.provider" to "System.exit(0);"),
      1,
      null,
      listOf("plugin played-dataset 1.0.0, constructor of Dataset: it called System.exit, which ends the host"),
      process = true,
    ),
    Row(
      "exits in the middle of a step",
      mapOf("scheduler.loss" to "if (calls == 11) System.exit(0);"),
      1,
      8,
      listOf("$SCHEDULER, loss: it called System.exit", "the training is saved up to its last whole step"),
      process = true,
    ),
    Row(
      "exits from a thread of its own",
      mapOf(
        "scheduler.loss" to
          "if (calls == 11) new Thread(() -> System.exit(0)).start(); if (calls > 11) Thread.sleep(100);"
            .replace("Thread.sleep(100);", "try { Thread.sleep(100); } catch (InterruptedException e) { }")
      ),
      1,
      SOME,
      listOf("$SCHEDULER, ", "it called System.exit", "the training is saved up to its last whole step"),
      process = true,
    ),
    Row(
      "prints, and mutes the host",
      mapOf(
        "dataset.open" to
          "System.out.println(\"hello\"); System.out.close(); System.err.close();" +
            "System.setOut(new java.io.PrintStream(java.io.OutputStream.nullOutputStream()));" +
            "System.setErr(System.out);",
        "scheduler.samples" to "if (samples == 2) throw new IllegalStateException(\"it is night\");",
      ),
      0,
      12,
      listOf("hello", "no samples after step 8"),
      process = true,
    ),
    Row(
      "leaves a thread behind",
      mapOf(
        "dataset.open" to
          "new Thread(() -> { try { Thread.sleep(1000000); } catch (InterruptedException e) { } }).start();"
      ),
      0,
      12,
      listOf(),
      process = true,
    ),
  )

@Tags("Process")
class MisbehavingPluginsSpec :
  FunSpec({
    /** Writes the plugins and runs `host run` with them. */
    fun run(row: Row, folder: Path): Finished {
      val plugins = folder.resolve("plugins").createDirectories()
      PlayedPlugins(plugins).write(row.lines)
      val config = folder.resolve("played.yaml").apply { writeText(PlayedPlugins.CONFIG) }
      val settings = row.settings.flatMap { listOf("--set", it) }
      val arguments =
        listOf("--plugins-dir", "$plugins", "run", "--config", "$config", "--run-dir", "$folder/run", "--json") +
          settings
      return if (row.process) HostProcess(*arguments.toTypedArray()).finish() else inProcess(*arguments.toTypedArray())
    }

    for (row in ROWS) {
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
          SOME -> (kept.max() >= "step-000008") shouldBe true
          else -> kept.max() shouldBe "step-%06d".format(row.step)
        }
      }
    }

    test("the table in the docs has these plugins, and says of each what the host says") {
      val table = REPOSITORY.resolve("docs/reference/FAULTS.md").readLines().filter { it.startsWith("| ") }.drop(1)
      val cells = table.associate { line -> line.split("|").map(String::trim).let { it[1] to it.drop(2) } }
      cells.keys - "does not return" shouldBe ROWS.map { it.what }.toSet()
      for (row in ROWS) {
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
      "$err" shouldContain "still in $DATASET, read, after 2.0 s; Ctrl-C stops the host, twice during a training"
    }
  })
