package io.github.diffusionhost.app.lint

import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.cli.installed
import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.config.source.json
import io.github.diffusionhost.app.run.REPOSITORY
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.nameWithoutExtension
import kotlin.io.path.readLines
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

private val SEEDS = REPOSITORY.resolve("configs/seeds")

/** What each config changes of the baseline. */
private val CHANGES =
  mapOf(
    "r2-t250" to setOf("scheduler.timesteps"),
    "r2-t250-scaled" to setOf("scheduler.timesteps", "scheduler.betaStart", "scheduler.betaEnd"),
    "r2-t500" to setOf("scheduler.timesteps"),
    "r2-betas" to setOf("scheduler.timesteps", "scheduler.betaStart", "scheduler.betaEnd"),
    "r2-shared-t" to setOf("scheduler.times"),
    "r2-batchnorm" to setOf("model.inputNorm"),
    "r2-max-pool" to setOf("model.downsample"),
    "r2-no-ema" to setOf("train.ema"),
    "r2-pixels-01" to setOf("dataset.mean", "dataset.std"),
  )

private fun leaves(element: JsonElement, path: String = ""): Map<String, JsonElement> =
  if (element is JsonObject)
    element.flatMap { (key, value) -> leaves(value, "$path.$key").entries }.associate { it.toPair() }
  else mapOf(path.drop(1) to element)

/** Recipe R2's configs, and the command that says what is wrong with them. */
@Tags("Slow")
class WorkbenchSpec :
  FunSpec({
    fun lint(vararg arguments: String) = inProcess("config", "lint", *arguments)

    fun rules(file: String) =
      Json.parseToJsonElement(lint("$SEEDS/$file.yaml", "--json").out).jsonObject.getValue("findings").jsonArray.map {
        it.jsonObject.getValue("rule").jsonPrimitive.content
      }

    test("every departure of R2 as it was posted is named") {
      rules("r2-as-posted") shouldContainExactly
        listOf(
          "timesteps",
          "terminal-signal",
          "shared-time",
          "pixel-range",
          "flips",
          "input-batch-norm",
          "max-pool",
          "width",
          "no-ema",
          "batch",
        )
    }

    test("and of R2 as its code had it, with the batch of R1 and half its rate") {
      rules("r2-as-coded") shouldContainExactly rules("r2-as-posted") - "batch" + "lr"
    }

    test(
      "R2 as it was posted has the paper's rate, dropout and clipping, and one batch norm after the first convolution"
    ) {
      val reader = installed(tempdir().toPath()).get<RunConfigReader>()
      for ((name, rate) in listOf("r2-as-posted" to 2e-4, "r2-as-coded" to 1e-4)) {
        val config = reader.read(ConfigRequest(SEEDS.resolve("$name.yaml")))
        config.train.optimizer().lr() shouldBe rate
        config.train.clipNorm() shouldBe 1.0
        val model = leaves(json(config.resolved())).filterKeys { it.startsWith("model.") }
        fun of(key: String) = model.getValue("model.$key").jsonPrimitive.content
        listOf(of("dropout"), of("inputNorm"), of("firstNorm")) shouldBe listOf("0.1", "batch", "group")
      }
    }

    test("each config of the workbench changes one thing of the baseline, and says which") {
      val reader = installed(tempdir().toPath()).get<RunConfigReader>()
      fun resolved(name: String) = leaves(json(reader.read(ConfigRequest(SEEDS.resolve("$name.yaml"))).resolved()))
      val baseline = resolved("r2-baseline")
      for ((name, keys) in CHANGES) {
        val changed = resolved(name)
        (baseline.keys + changed.keys).filter { it != "name" && baseline[it] != changed[it] }.toSet() shouldBe keys
        changed.getValue("name").jsonPrimitive.content shouldBe name
      }
      SEEDS.listDirectoryEntries("r2-*.yaml").map { it.nameWithoutExtension }.toSet() shouldBe
        CHANGES.keys + setOf("r2-baseline", "r2-as-posted", "r2-as-coded")
      SEEDS.listDirectoryEntries().forEach { it.readLines().first() shouldStartWith "# " }
    }

    test("findings leave the exit code at 0, and --strict makes it 1") {
      val posted = "$SEEDS/r2-as-posted.yaml"
      lint(posted).exit shouldBe 0
      lint(posted, "--strict").let { it.exit to it.out } shouldBe (1 to lint(posted).out)
      val quickstart = "${REPOSITORY.resolve("configs/quickstart.yaml")}"
      lint(quickstart, "--strict").let {
        it.exit shouldBe 0
        it.out shouldContain "0 departures that matter from R3"
      }
    }

    test("a finding is read in lines of a hundred characters, with its source") {
      val out = lint("$SEEDS/r2-shared-t.yaml").out
      out shouldContain "scheduler.times: per-batch; R1: per-image\n  The gradient of a step"
      out shouldContain "\n  Source: measured, docs/explanation/R2.md; Ho et al. 2020, algorithm 1"
      out shouldContain "give each a --seed of its own"
      out.lines().filter { it.length > 100 && ' ' in it.trim() && !it.startsWith("/") } shouldBe emptyList()
    }

    test("another recipe can be asked for, and one that is not there is refused") {
      lint("${REPOSITORY.resolve("configs/quickstart.yaml")}", "--recipe", "R1").out shouldContain "from R1, DDPM"
      lint("${SEEDS.resolve("r2-t250.yaml").name}", "--recipe", "R9").let {
        it.exit shouldBe 2
        it.err shouldContain "R9"
      }
    }
  })
