package io.github.diffusionhost.app.script

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.app.run.REPOSITORY
import io.github.diffusionhost.engine.script.ScriptFile
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldStartWith
import java.io.IOException
import java.nio.file.Path
import java.time.Duration
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

private const val TRUST = "if you trust its makers, --trust-scripts runs it in the host's process without limits"

/** What a TorchScript file of somebody's can do, and what is left of it. Each starts a JVM. */
@Tags("Process")
class ScriptProcessSpec :
  FunSpec({
    val base = tempdir().toPath()
    val manager = NDManager.newBaseManager()
    var count = 0

    afterSpec { manager.close() }

    fun script(body: String): Path = foreignScript(base.resolve("script-${count++}.pt"), body)

    fun <T> run(
      file: Path,
      limits: ScriptLimits = ScriptLimits(),
      check: () -> Unit = {},
      block: (ScriptProcess) -> T,
    ): T = ScriptProcess(file, manager, limits, check).use(block)

    fun children() = scriptWorkers(base)

    fun left() =
      Path.of(System.getProperty("java.io.tmpdir")).listDirectoryEntries(".torchscript.tmp-*").filter {
        "-${ProcessHandle.current().pid()}-" in it.name
      }

    fun NDArray.bits() = toByteBuffer().let { buffer -> ByteArray(buffer.remaining()).also(buffer::get).toList() }

    afterTest {
      children() shouldBe emptyList()
      left() shouldBe emptyList()
    }

    test("a network computes what it computes in this process, bit for bit, whatever it prints") {
      val plain = REPOSITORY.resolve("plugins/fidelity/src/test/resources/plain.pt")
      val convolution =
        "w = torch.reshape(torch.sin(torch.arange(144)), [16, 1, 3, 3])\n" +
          "y = torch.conv2d(x, w, None, [2, 2], [1, 1], [1, 1], 1)\n" +
          "return torch.mean(torch.flatten(torch.gelu(y), 2), [2])"
      val half = "print(\"hello\")\nreturn torch.to(torch.softmax(torch.flatten(x, 1), 1), 5)"
      val x = manager.randomNormal(Shape(5, 1, 28, 28)).mul(100)
      for (file in listOf(plain, script(convolution), script(half))) {
        val inside = ScriptFile(file, manager).use { script -> List(2) { script.call(x) } }
        run(file) { process ->
          for (expected in inside) {
            val found = process.call(x)
            found.shape shouldBe expected.shape
            found.dataType shouldBe expected.dataType
            found.bits() shouldBe expected.bits()
          }
        }
      }
    }

    test("arguments of a network reach it, and what it refuses is said in the words of this process") {
      val inception = REPOSITORY.resolve("plugins/fidelity/src/test/resources/inception.pt")
      val x = manager.ones(Shape(2, 3, 8, 8))
      val grey = manager.ones(Shape(2, 1, 8, 8))
      ScriptFile(inception, manager).use { inside ->
        val refused = shouldThrow<IllegalStateException> { inside.call(grey, true) }
        run(inception) { process ->
          process.call(x, true).bits() shouldBe inside.call(x, true).bits()
          repeat(2) { shouldThrow<IllegalStateException> { process.call(grey, true) }.message shouldBe refused.message }
          process.call(x, false, false, true).bits() shouldBe inside.call(x, false, false, true).bits()
        }
      }
    }

    test("what the JVM cannot read is an error, and not other numbers") {
      run(script("return torch.to(x, 15)")) { process ->
        shouldThrow<IllegalStateException> { process.call(manager.ones(Shape(3))) }.message shouldContain
          "cannot be given to another process: use float32"
      }
    }

    test("a file that cannot be loaded, or that PyTorch would not survive, is an error that names it") {
      val unknown = script("return nothing_of_that_name(x)")
      shouldThrow<IOException> { run(unknown) {} }.message shouldStartWith "$unknown cannot be loaded as TorchScript: "
      val deep = script("return ${"(".repeat(20_000)}x${")".repeat(20_000)}")
      shouldThrow<IOException> { run(deep) {} }.message shouldContain
        "nests brackets, blocks or signs more than 250 deep"
    }

    val endless = "_0 = True\nwhile _0:\n  x = torch.add(x, 1)\nreturn x"

    test("an endless loop ends when its time is up, and the next call begins anew") {
      val limits = ScriptLimits(call = Duration.ofSeconds(20))
      val file = script("_0 = torch.gt(torch.sum(x), 0)\nwhile bool(_0):\n  x = torch.add(x, 1)\nreturn x")
      run(file, limits) { process ->
        shouldThrow<IllegalStateException> { process.call(manager.ones(Shape(1))) }.message shouldBe
          "$file has not answered within 20 s and was stopped; $TRUST"
        children() shouldBe emptyList()
        process.call(manager.ones(Shape(1)).neg()).toFloatArray().toList() shouldBe listOf(-1f)
      }
    }

    test("an endless loop ends when somebody asks to stop once; what ends in time is waited for") {
      var asked = false
      val limits = ScriptLimits(afterStop = Duration.ofSeconds(2))
      val check = { if (asked) throw InterruptedException() }
      run(script("return x"), limits, check) { process ->
        asked = true
        process.call(manager.ones(Shape(1))).toFloatArray().toList() shouldBe listOf(1f)
      }
      asked = false
      run(script(endless), limits, check) { process ->
        asked = true
        val began = System.nanoTime()
        shouldThrow<InterruptedException> { process.call(manager.ones(Shape(1))) }
        Duration.ofNanos(System.nanoTime() - began).toSeconds() shouldBeLessThan 30
      }
    }

    test("one that eats memory is stopped by its limit") {
      val file = script("_0 = True\ny = x\nwhile _0:\n  y = torch.cat([y, y])\nreturn y")
      val limits = ScriptLimits(memoryBytes = 1_500_000_000)
      run(file, limits) { process ->
        shouldThrow<IllegalStateException> { process.call(manager.ones(Shape(1000))) }.message shouldBe
          "$file takes more than 1.5 GB of memory and was stopped; $TRUST"
      }
    }

    test("a file that it writes into its working folder is gone with it, and elsewhere it stays: it is no sandbox") {
      val elsewhere = base.resolve("written")
      run(script("torch.save(x, \"written\")\ntorch.save(x, \"$elsewhere\")\nreturn x")) { process ->
        process.call(manager.ones(Shape(1)))
      }
      elsewhere.exists() shouldBe true
      REPOSITORY.resolve("host/app/written").exists() shouldBe false
    }

    test("one that writes answers itself is found out") {
      val file = script("torch.save(x, \"/dev/fd/3\")\nreturn x")
      run(file) { process ->
        shouldThrow<IllegalStateException> { process.call(manager.ones(Shape(1))) }.message shouldBe
          "$file has written into the answers of its process; $TRUST"
      }
    }

    test("of what a process says the beginning of the last line is remembered") {
      val said = "first\n last words, ${"x".repeat(10_000)}\n \n"
      LastLine(said.byteInputStream()).get() shouldStartWith "last words, xxx"
      LastLine("".byteInputStream()).get() shouldBe null
    }

    test("a process that dies is one error that says how, and the next call begins anew") {
      val file = script("return x")
      val x = manager.ones(Shape(1))
      run(file) { process ->
        process.call(x)
        children().forEach { it.destroyForcibly() }
        val message = shouldThrow<IllegalStateException> { process.call(x) }.message
        message shouldStartWith "$file has ended its process by signal 9; "
        message shouldEndWith TRUST
        process.call(x).toFloatArray().toList() shouldBe listOf(1f)
      }
    }
  })
