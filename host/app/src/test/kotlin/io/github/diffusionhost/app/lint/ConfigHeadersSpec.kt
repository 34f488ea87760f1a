package io.github.diffusionhost.app.lint

import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.cli.installed
import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.config.source.json
import io.github.diffusionhost.app.run.REPOSITORY
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import java.nio.file.Path
import kotlin.io.path.extension
import kotlin.io.path.readLines
import kotlin.io.path.relativeTo
import kotlin.io.path.walk
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

private val CONFIGS = REPOSITORY.resolve("configs")

/** `# Departs from R3 in: timesteps, width.`, over as many lines as it takes, which begin with `# `. */
private fun departures(file: Path): Map<String, String> {
  val header = file.readLines().takeWhile { it.startsWith("#") }
  val sentences = header.joinToString("\n").replace("\n#   ", " ").lines()
  return sentences
    .mapNotNull { Regex("# Departs from (.+?) in: (.+)\\.").matchEntire(it) }
    .associate { it.groupValues[1] to it.groupValues[2] }
}

/** What the head of a config says of where it departs from what it reproduces, and what `config lint` says. */
@Tags("Slow")
class ConfigHeadersSpec :
  FunSpec({
    val configs = CONFIGS.walk().filter { it.extension == "yaml" }.sorted().toList()
    val reader = installed(tempdir().toPath()).get<RunConfigReader>()

    fun lint(file: Path, recipe: String): List<String> {
      val done = inProcess("config", "lint", "$file", "--recipe", recipe, "--json")
      done.exit shouldBe 0
      return Json.parseToJsonElement(done.out).jsonObject.getValue("findings").jsonArray.map {
        it.jsonObject.getValue("rule").jsonPrimitive.content
      }
    }

    for (file in configs) {
      test("${file.relativeTo(CONFIGS)} names its departures as lint does, and options that it has") {
        file.readLines().first() shouldStartWith "# "
        val said = departures(file)
        val recipe = said.keys.singleOrNull { Regex("R\\d").matches(it) }
        withClue("a line '# Departs from R1 in: ….'") { recipe.shouldNotBeNull() }
        val rules = said.getValue(recipe!!).split(", ").filter { it != "nothing" }
        rules shouldContainExactly lint(file, recipe)
        val config = reader.read(ConfigRequest(file))
        for (key in Regex("[a-z]+(\\.[A-Za-z]+)+").findAll(said["the publication"].orEmpty()).map { it.value }) {
          withClue(key) { config.option(key).shouldNotBeNull() }
        }
      }
    }

    test("every config of a recipe at full size says where it departs from the publication") {
      val whole = listOf("mnist-dit", "cifar10-ddpm").map { "$it.yaml" }
      val edm2 = configs.map { "${it.relativeTo(CONFIGS)}" }.filter { Regex("edm2/.*-[ceg]\\.yaml").matches(it) }
      edm2.size shouldBe 9
      for (file in whole + edm2) {
        withClue(file) { departures(CONFIGS.resolve(file))["the publication"].shouldNotBeNull() }
      }
    }

    test("recipe R3 is previewed after every epoch, and R4 has the evaluations of its publication") {
      fun read(file: String) = reader.read(ConfigRequest(CONFIGS.resolve(file)))
      "${read("mnist-dit.yaml").train.sampleEvery()}" shouldBe "1 epoch"
      // The epochs of the published numbers, of FID and of the probe.
      for ((name, epochs) in
        mapOf(
          "cifar10-c" to (1000L to 500L),
          "cifar10-e" to (2000L to 1000L),
          "cifar100-c" to (1000L to 500L),
          "cifar100-e" to (2000L to 1100L),
          "tiny-imagenet-c" to (1600L to 600L),
          "tiny-imagenet-e" to (1500L to 1400L),
        )) {
        val config = read("edm2/$name.yaml")
        "${config.train.checkpointEvery()}" shouldBe "100 epochs"
        "${config.train.sampleEvery()}" shouldBe "100 epochs"
        config.sample.realImages() shouldBe true
        config.metrics.map { it.provider.name() } shouldContainExactly listOf("fid", "linear-probe")
        // Of images in batches of 100, an epoch of 10,000 is 100 steps.
        config.metrics[0].everyImages.due(100 * epochs.first, 100, 10_000) shouldBe true
        config.metrics[1].everyImages.due(100 * epochs.second, 100, 10_000) shouldBe true
        val probe = json(config.resolved()).jsonObject.getValue("metrics").jsonArray[1].jsonObject
        probe.getValue("noiseSteps").jsonArray.map { it.jsonPrimitive.content } shouldBe
          listOf(if (name.startsWith("tiny")) "5" else "4")
      }
    }
  })
