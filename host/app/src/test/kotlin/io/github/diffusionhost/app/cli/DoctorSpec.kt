package io.github.diffusionhost.app.cli

import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.io.path.createDirectory
import kotlin.io.path.writeText
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

private fun rows(json: String) =
  (Json.parseToJsonElement(json) as JsonArray).map { row ->
    row.jsonObject.mapValues { (_, value) -> value.jsonPrimitive.content }
  }

/** `host doctor` on this machine. */
@Tags("Slow")
class DoctorSpec :
  FunSpec({
    val folder = tempdir().toPath()

    test("everything is looked at, and nothing is broken") {
      val ended = inProcess("doctor", "--json")
      withClue(ended.out) { ended.exit shouldBe 0 }
      val rows = rows(ended.out)
      val areas = listOf("java", "machine", "disk", "launcher", "libtorch", "gpu", "plugins")
      rows.map { it["area"] }.distinct() shouldBe areas
      rows.map { it["verdict"] }.distinct().all { it in listOf("ok", "note") } shouldBe true
      rows.map { it["what"] } shouldContainAll
        listOf("version", "heap", "memory", "data", "JNI library", "dit-0.1.0.jar")
      rows.single { it["what"] == "dit-0.1.0.jar" }["found"] shouldBe "dit 0.1.0: model dit"
      rows.single { it["area"] == "libtorch" && it["what"] == "library" }.getValue("found") shouldContain "torch"
    }

    test("a jar that is no plugin is a note with its remedy, in the table too") {
      val jars = folder.resolve("jars").createDirectory()
      jars.resolve("torn.jar").writeText("no zip")
      val ended = inProcess("--plugins-dir", "$jars", "doctor")
      withClue(ended.out) { ended.exit shouldBe 0 }
      ended.out.lines().map { it.split(Regex(" +")).take(3) } shouldContain listOf("note", "plugins", "torn.jar")
      ended.out shouldContain "left out:"
      ended.out shouldContain "Nothing is broken"
    }

    test("a plugin folder that is not there is broken: exit code 1, and everything else is said") {
      val ended = inProcess("--plugins-dir", "$folder/none", "doctor")
      withClue(ended.out) { ended.exit shouldBe 1 }
      ended.out shouldContain "$folder/none does not exist"
      ended.out shouldContain "Broken: 1"
      ended.out shouldContain "JNI library"
    }

    test("--measure adds what the device reaches") {
      val ended = inProcess("doctor", "--measure", "--device", "cpu", "--json")
      withClue(ended.err) { ended.exit shouldBe 0 }
      val speed = rows(ended.out).filter { it["area"] == "speed" }
      speed.map { it["what"] } shouldBe listOf("float32", "bfloat16", "memory")
      for (row in speed) {
        val figure = row.getValue("found").substringBefore(' ').toDouble()
        withClue(row) { (figure > 0.1 && figure < 1e6) shouldBe true }
      }
    }

    test("a device that is none is wrong usage") {
      val ended = inProcess("doctor", "--device", "toaster")
      ended.exit shouldBe 2
      ended.err shouldContain "'toaster' is not auto, cpu, gpu or gpu:N"
    }

    test("a device that nothing is measured on is wrong usage") {
      val ended = inProcess("doctor", "--device", "cpu")
      ended.exit shouldBe 2
      ended.err shouldContain "--device says what --measure measures; give both"
    }
  })
