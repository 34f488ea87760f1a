package io.github.diffusionhost.app.report

import io.github.diffusionhost.app.cli.installed
import io.github.diffusionhost.app.lint.Recipe
import io.github.diffusionhost.app.report.page.facts
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import kotlin.io.path.writeText

class ConfigComparisonSpec :
  FunSpec({
    val root = tempdir().toPath()
    val comparison = installed(root.resolve("data")).get<ConfigComparison>()
    fun config(text: String): Path = root.resolve("config.yaml").also { it.writeText(text) }
    fun facts(text: String) = comparison.facts(config(text)) { error(it) }!!

    test("what a config changes of the defaults, by dotted keys") {
      val facts =
        facts(
          """
          name: mine
          model: {use: dit, preset: mnist}
          scheduler: {use: flowmatch, shift: fixed}
          dataset: {use: glyphs}
          train: {steps: 40, optimizer: {lr: 2e-3}}
          """
            .trimIndent()
        )
      facts.changes!! shouldContain ConfigFacts.Change("scheduler.shift", "fixed", "dynamic")
      facts.changes.map { it.key } shouldContain "train.steps"
      facts.changes.none { it.key == "name" } shouldBe true
      facts.options.getValue("train.optimizer.lr") shouldBe "0.002"
      facts.totalSteps(20_000) shouldBe 40L
      facts.recipe shouldBe Recipe.R3
    }

    test("a resolved config of defaults changes nothing, whether its numbers are written long or short") {
      val plain = "model: {use: unet}\nscheduler: {use: ddpm, betaStart: 0.0001}\ndataset: {use: glyphs}\n"
      facts(plain).changes!!.shouldBeEmpty()
    }

    test("options that a dataset must have are no departure from defaults") {
      facts("model: {use: dit}\nscheduler: {use: flowmatch}\ndataset: {use: none, shape: [1, 28, 28]}\nseed: 3\n")
        .changes!!
        .shouldBeEmpty()
    }

    test("where it departs from its recipe") {
      val facts = facts("model: {use: unet}\nscheduler: {use: ddpm, timesteps: 250}\ndataset: {use: glyphs}\n")
      facts.recipe shouldBe Recipe.R1
      facts.findings.map { it.rule } shouldContain "timesteps"
    }

    test("a config that does not fit the plugins is still there as text") {
      val notes = mutableListOf<String>()
      val facts = comparison.facts(config("model: {use: gone, width: 3}\n"), notes::add)!!
      facts.options shouldBe mapOf("model.use" to "gone", "model.width" to "3")
      facts.changes shouldBe null
      notes.single() shouldContain "gone"
      notes.clear()
      comparison.facts(config("a: [\n"), notes::add)!!.text shouldBe "a: [\n"
      notes.single() shouldContain "config.yaml cannot be read"
      comparison.facts(root.resolve("nowhere.yaml"), notes::add) shouldBe null
    }

    test("lists of mappings are numbered, other lists are one value") {
      val options =
        facts("model: {use: unet}\nscheduler: {use: ddpm}\ndataset: {use: glyphs}\ntrain: {ema: [{use: ramp}]}\n")
          .options
      options.getValue("train.ema.0.use") shouldBe "ramp"
      options.getValue("train.optimizer.betas") shouldBe "[0.9, 0.999]"
    }
  })
