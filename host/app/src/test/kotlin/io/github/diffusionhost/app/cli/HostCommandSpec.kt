package io.github.diffusionhost.app.cli

import io.github.diffusionhost.app.config.FakeRegistry
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.config.bind.ProviderRegistry
import io.github.diffusionhost.app.run.HostEnvironment
import io.github.diffusionhost.app.words.UserError
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.engine.spec.tempfile
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldBeEmpty
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import java.io.IOException
import java.io.OutputStream
import kotlin.io.path.writeText
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.koin.dsl.module

/** What a command line leaves behind. */
private data class Ended(val code: Int, val out: String, val err: String)

private fun host(vararg arguments: String, registry: () -> ProviderRegistry = { FakeRegistry() }): Ended {
  try {
    return captured { HostCommand(wiring(registry), emptyMap()).execute(arguments.toList()) }
      .let {
        Ended(it.exit, it.out, it.err)
      }
  } finally {
    System.clearProperty("diffusionhost.log")
  }
}

private fun wiring(registry: () -> ProviderRegistry) = { _: HostEnvironment ->
  module {
    single { registry() }
    single { RunConfigReader(get()) }
  }
}

private val COMMANDS =
  "run sample evaluate import export ema report bench memory doctor selftest gpu config plugins".split(" ")

private const val GOOD = "model: {use: dit}\nscheduler: {use: flowmatch}\ndataset: {use: glyphs}\n"

@Tags("Process")
class HostCommandSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val good = folder.resolve("good.yaml").also { it.writeText(GOOD) }
    val bad = folder.resolve("bad.yaml").also { it.writeText(GOOD + "seed: x\nnmae: y\n") }

    for (command in
      listOf(
        "",
        "run",
        "sample",
        "evaluate",
        "import",
        "export",
        "ema",
        "report",
        "bench",
        "memory",
        "config",
        "config show",
        "config validate",
        "config schema",
        "config lint",
        "gpu",
        "gpu install",
        "gpu list",
        "gpu remove",
        "plugins",
        "plugins list",
        "plugins describe",
      )) {
      test("host $command --help ends well and holds an example, and no plugin is loaded for it") {
        val ended = host(*"$command --help".trim().split(" ").toTypedArray(), registry = { error("loaded") })
        ended.code shouldBe 0
        ended.err.shouldBeEmpty()
        ended.out shouldContain Regex("Examples?:\\n\\u00a0*\\s*host $command".trim())
      }
    }

    test("the list of commands says of each what its own help says first") {
      val list = host("--help").out.substringAfter("Commands:").replace(Regex("\\s+"), " ")
      for (name in COMMANDS) {
        val own = host(name, "--help").out.split("\n\n")[1].trim().replace(Regex("\\s+"), " ")
        list shouldContain " $name ${own.substringBefore(". ").removeSuffix(".")}"
      }
    }

    test("a command in a file of arguments has its options, whatever the line names beside it") {
      val file = tempfile()
      file.writeText("run --help")
      host("@$file").out shouldContain "--resume"
    }

    test("a mistyped command is told of those whose options were never needed") {
      host("rum").err shouldContain "run"
      host("sampel").err shouldContain "sample"
    }

    test("the script for a shell's completion knows every command's options") {
      val script = captured {
        HostCommand(wiring { FakeRegistry() }, mapOf("_HOST_COMPLETE" to "bash")).execute(emptyList())
      }
      script.exit shouldBe 0
      for (option in listOf("--resume", "--labels", "--metrics", "--weights", "--widths")) script.out shouldContain
        option
    }

    test("the versions") {
      host("--version").out shouldContain Regex("^host \\S+.* \\(plugin api \\d+\\.\\d+\\.\\d+, Java 17")
    }

    test("wrong usage ends with 2 and says where") {
      for (line in
        listOf(
          "nope",
          "config",
          "config nope",
          "config show",
          "config validate",
          "config lint",
          "gpu",
          "gpu nope",
          "gpu install wheels",
          "gpu install --from",
          "gpu install --nope",
          "plugins describe",
          "--nope",
        )) {
        val ended = host(*line.split(" ").toTypedArray())
        ended.code shouldBe 2
        ended.out.shouldBeEmpty()
        ended.err shouldStartWith "Usage: host"
      }
      host().code shouldBe 2
      host("config", "show").err shouldContain "Usage: host config show"
    }

    test("config show prints a config that shows as itself") {
      val shown = host("config", "show", "$good", "--set", "train.steps=40")
      shown.code shouldBe 0
      shown.out shouldContain "steps: 40"
      val again = folder.resolve("again.yaml").also { it.writeText(shown.out) }
      host("config", "show", "$again").out shouldBe shown.out
    }

    test("config show of plugins alone, as JSON") {
      val shown = Json.parseToJsonElement(host("config", "show", "--plugins", "dit,flowmatch,glyphs", "--json").out)
      shown.jsonObject.getValue("name").jsonPrimitive.content shouldBe "dit-flowmatch-glyphs"
      shown.jsonObject.getValue("model").jsonObject.getValue("use").jsonPrimitive.content shouldBe "dit"
    }

    test("config validate prints every error of every file and ends with 2") {
      val ended = host("config", "validate", "$good", "$bad")
      ended.code shouldBe 2
      ended.out shouldBe "$good: ok\n"
      ended.err shouldBe
        "$bad:4:7: seed: 'x' is not a whole number\n" +
          "$bad:5:1: nmae: unknown key; did you mean name? " +
          "(allowed: name, seed, device, model, scheduler, dataset, train, sample, metrics, tracker)\n"
      host("config", "validate", "$good").code shouldBe 0
    }

    test("config validate as JSON") {
      val errors = Json.parseToJsonElement(host("config", "validate", "$bad", "--json").out).jsonArray
      errors.map { it.jsonObject.getValue("key").jsonPrimitive.content } shouldBe listOf("seed", "nmae")
      errors[1].jsonObject.getValue("suggestion").jsonPrimitive.content shouldBe "name"
    }

    test("config schema prints JSON") {
      val schema = Json.parseToJsonElement(host("config", "schema").out).jsonObject
      schema.getValue("\$schema").jsonPrimitive.content shouldBe "https://json-schema.org/draft/2020-12/schema"
    }

    test("plugins list") {
      host("plugins", "list").out.lines().take(3) shouldBe
        listOf(
          "KIND       NAME       SUMMARY",
          "model      dit        a transformer",
          "model      unet       a network of convolutions",
        )
      Json.parseToJsonElement(host("plugins", "list", "--json").out).jsonArray.size shouldBe 7
    }

    test("plugins describe") {
      val text = host("plugins", "describe", "dit").out
      text shouldContain Regex("patch +2 +a whole number from 1 to 16 +patch edge")
      text shouldContain
        Regex("mlp.activation +gelu +one of gelu, silu +the two|mlp.activation +gelu +one of gelu, silu +how it bends")
      text shouldContain Regex("weights +null +a path, or nothing +weights to start from")
      text shouldContain Regex("small +patch: 4, width: 128, bias: false")
      text shouldContain "train.optimizer.lr: 2e-3"
      host("plugins", "describe", "flowmatch").out shouldContain "Sampler heun: second order; 10 steps"
    }

    test("plugins describe as JSON") {
      val json = Json.parseToJsonElement(host("plugins", "describe", "flowmatch", "--json").out).jsonObject
      val heun = json.getValue("samplers").jsonArray[1].jsonObject
      heun.getValue("defaultSteps").jsonPrimitive.content shouldBe "10"
      heun.getValue("options").jsonObject.keys shouldBe setOf("churn")
    }

    test("plugins describe of a name that is not there") {
      val ended = host("plugins", "describe", "dti")
      ended.code shouldBe 2
      ended.err shouldStartWith "no provider named 'dti' is installed; did you mean dit? (installed: ddpm, dit"
    }

    test("an unexpected failure is one line, and a stack trace with --debug") {
      val failing: () -> ProviderRegistry = { throw IllegalStateException("the disk is on fire") }
      val short = host("plugins", "list", registry = failing)
      short.code shouldBe 1
      short.err.trim().lines().size shouldBe 1
      short.err shouldContain "the disk is on fire"
      short.err shouldContain "--debug"
      short.err shouldNotContain "\tat "
      host("--debug", "plugins", "list", registry = failing).err shouldContain "\tat "
    }

    test("a failure that a person can mend is printed as it stands") {
      val ended = host("plugins", "list", registry = { throw UserError("plug it in") })
      ended.err shouldBe "plug it in\n"
      ended.code shouldBe 1
    }

    test("output that cannot be written is a failure: a script would take nothing for everything") {
      val full =
        object : OutputStream() {
          override fun write(byte: Int) = throw IOException("No space left on device")
        }
      for (line in listOf(listOf("--version"), listOf("--help"), listOf("config", "show", "$good"))) {
        val ended = captured(full) { HostCommand(wiring { FakeRegistry() }, emptyMap()).execute(line) }
        withClue(line) { ended.exit shouldBe 1 }
        ended.err shouldContain "standard output is closed or full"
      }
    }
  })
