package io.github.diffusionhost.app.cli

import io.github.diffusionhost.app.run.TINY_RUN
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.io.path.createDirectory
import kotlin.io.path.writeText
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonArray

class ConfigDiffSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val a = folder.resolve("a.yaml").apply { writeText(TINY_RUN) }
    val b = folder.resolve("b.yaml")
    val other = TINY_RUN.replace("steps: 60", "steps: 80").replace("{ use: flowmatch }", "{ use: edm2, pMean: -0.8 }")

    test("two configs differ in what is written and in what a provider adds, and in nothing else") {
      b.writeText(other)
      val found = inProcess("config", "diff", "$a", "$b")
      (found.exit to found.err) shouldBe (0 to "")
      val rows = found.out.lines().drop(1).filter(String::isNotEmpty).map { it.split(Regex(" {2,}")) }
      val values = rows.associate { (key, from, to) -> key to (from to to) }
      values.getValue("train.steps") shouldBe ("60" to "80")
      values.getValue("scheduler.use") shouldBe ("flowmatch" to "edm2")
      values.getValue("scheduler.pMean") shouldBe ("–" to "-0.8")
      values.keys.filterNot { it.startsWith("scheduler.") || it.startsWith("sample.") } shouldBe listOf("train.steps")
      val json = Json.parseToJsonElement(inProcess("config", "diff", "$a", "$b", "--json").out).jsonArray
      json.size shouldBe rows.size
    }

    test("a default written out is no difference, and a folder is that of a run") {
      val run = folder.resolve("run").createDirectory()
      run.resolve("config.yaml").writeText(inProcess("config", "show", "$a").out)
      val same = inProcess("config", "diff", "$a", "$run")
      (same.exit to same.out) shouldBe (0 to "no option differs\n")
    }

    test("a config that is not there is named") {
      val refused = inProcess("config", "diff", "$a", "$folder/none.yaml")
      refused.exit shouldBe 2
      refused.err shouldContain "none.yaml"
    }
  })
