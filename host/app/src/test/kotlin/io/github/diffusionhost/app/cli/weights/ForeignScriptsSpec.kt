package io.github.diffusionhost.app.cli.weights

import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.run.Finished
import io.github.diffusionhost.app.run.HostProcess
import io.github.diffusionhost.app.run.TINY_RUN
import io.github.diffusionhost.app.script.ScriptLimits
import io.github.diffusionhost.app.script.ScriptProcess
import io.github.diffusionhost.app.script.ScriptRunner
import io.github.diffusionhost.app.script.foreignScript
import io.github.diffusionhost.app.script.scriptWorkers
import io.kotest.assertions.nondeterministic.eventually
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.awt.image.BufferedImage
import java.io.IOException
import java.nio.file.Path
import javax.imageio.ImageIO
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.writeText
import kotlin.random.Random
import kotlin.time.Duration.Companion.seconds
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject

/** TorchScript files of strangers, as metrics are given them on the command line. */
@Tags("Process")
class ForeignScriptsSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val data = mapOf("DIFFUSIONHOST_DATA" to "${folder.resolve("data")}")

    fun images(name: String): Path {
      val random = Random(name.hashCode())
      val made = folder.resolve(name).createDirectories()
      repeat(20) { i ->
        val image = BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY)
        image.raster.setPixels(0, 0, 16, 16, IntArray(256) { random.nextInt(256) })
        ImageIO.write(image, "png", made.resolve("$i.png").toFile())
      }
      return made
    }

    val theirs = images("theirs")
    val real = images("real")

    fun evaluate(script: Path) =
      arrayOf("evaluate", "--images", "$theirs", "--reference", "$real", "--metrics", "fid", "--json") +
        arrayOf("--set", "metrics.fid.extractor.use=torchscript:$script")

    fun Finished.found(): JsonObject {
      (exit to err.takeIf { exit != 0 }) shouldBe (0 to null)
      return JsonObject(Json.parseToJsonElement(out).jsonObject.getValue("metrics").jsonArray[0].jsonObject - "seconds")
    }

    val network =
      foreignScript(
        folder.resolve("network.pt"),
        "w = torch.reshape(torch.sin(torch.arange(72)), [8, 1, 3, 3])\n" +
          "y = torch.conv2d(x, w, None, [2, 2], [1, 1], [1, 1], 1)\n" +
          "return torch.mean(torch.flatten(torch.gelu(y), 2), [2])",
      )

    test("the figures of a network are the same in a process of its own and trusted in the host's") {
      val trusted = inProcess(*evaluate(network), "--trust-scripts", environment = data).found()
      folder.resolve("data").toFile().deleteRecursively() // features of the reference are kept there
      inProcess(*evaluate(network), environment = data).found() shouldBe trusted
    }

    test("only --trust-scripts runs a file in the host's process") {
      val refusing = ScriptRunner { file, _, _ -> throw IOException("$file runs apart") }
      inProcess(*evaluate(network), environment = data, scripts = refusing).let { it.exit to it.err } shouldBe
        (1 to "metric fid (plugin fidelity 0.1.0): $network runs apart\n")
      inProcess(*evaluate(network), "--trust-scripts", environment = data, scripts = refusing).exit shouldBe 0
    }

    test("a training goes on when a metric's file exceeds a limit, and each evaluation tries again") {
      val eater = foreignScript(folder.resolve("eater.pt"), "_0 = True\nwhile _0:\n  x = torch.cat([x, x])\nreturn x")
      val config = folder.resolve("tiny.yaml")
      config.writeText(
        "$TINY_RUN\nmetrics: [{ use: fid, everyImages: 30 steps, samples: 8, extractor: { use: \"torchscript:$eater\" } }]"
      )
      val small = ScriptRunner { file, manager, check ->
        ScriptProcess(file, manager, ScriptLimits(memoryBytes = 1_500_000_000), check)
      }
      val run = folder.resolve("run")
      val ended = inProcess("run", "--config", "$config", "--run-dir", "$run", environment = data, scripts = small)
      (ended.exit to ended.err.takeIf { ended.exit != 0 }) shouldBe (0 to null)
      for (step in listOf(30, 60)) {
        ended.err shouldContain
          "step $step is not measured: metric fid: $eater takes more than 1.5 GB of memory and was stopped; if you trust"
      }
      ended.err shouldNotContain "\tat "
    }

    for ((how, end) in
      mapOf<String, (HostProcess) -> Unit>(
        "killed" to { it.kill() },
        "stopped by two signals" to
          {
            it.signal("INT")
            Thread.sleep(500)
            it.signal("INT")
            it.finish().exit shouldBe 130
          },
      )) {
      test("nothing of an endless loop is left running when the host is $how") {
        val began = folder.resolve("began-${how.length}")
        val endless =
          foreignScript(
            folder.resolve("endless-${how.length}.pt"),
            "torch.save(x, \"$began\")\n_0 = True\nwhile _0:\n  x = torch.add(x, 1)\nreturn x",
          )
        val host = HostProcess(*evaluate(endless), environment = data)
        try {
          eventually(120.seconds) { began.exists() shouldBe true }
          scriptWorkers(folder) shouldHaveSize 1
          end(host)
          eventually(20.seconds) { scriptWorkers(folder) shouldHaveSize 0 }
        } finally {
          host.kill()
        }
      }
    }
  })
