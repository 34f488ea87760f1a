package io.github.diffusionhost.engine.script

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import java.nio.file.Path
import java.util.zip.ZipEntry
import java.util.zip.ZipOutputStream
import kotlin.io.path.outputStream

class ScriptBoundsSpec :
  FunSpec({
    val base = tempdir().toPath()
    var count = 0

    /** An archive whose code is compressed, as large code is. */
    fun archive(code: Sequence<String>): Path {
      val file = base.resolve("${count++}.pt")
      ZipOutputStream(file.outputStream().buffered()).use { zip ->
        zip.putNextEntry(ZipEntry("m/code/__torch__.py"))
        code.forEach { zip.write(it.toByteArray()) }
      }
      return file
    }

    fun refusal(vararg code: String) =
      shouldThrow<IOException> { ScriptBounds.check(archive(code.asSequence())) }.message

    test("the depth of code is that of brackets, blocks and signs together") {
      for ((code, depth) in
        mapOf(
          "x = 1\n" to 0,
          "  def f(x: List[Tensor]):\n    return g([(x,)])\n" to 5,
          "f(a)\nf(b)\nf(c)\n" to 1,
          "y = - - -x - -x\n" to 3,
          ")))(((\n" to 3,
          "    y\n    y\n" to 2,
        )) {
        ScriptBounds.depth(code.toByteArray()) shouldBe depth
      }
    }

    for ((what, open) in mapOf("brackets" to "(", "lists" to "[", "signs" to "-", "signs apart" to "- ")) {
      test("20,000 $what, of which PyTorch dies, are refused with the reason") {
        refusal("    y = ", open.repeat(20_000), "x\n") shouldContain
          ".pt is not opened: it nests brackets, blocks or signs more than 250 deep in m/code/__torch__.py"
      }
    }

    test("20,000 blocks are refused with the reason") {
      val blocks = (1..3000).joinToString("") { "  ".repeat(it) + "if True:\n" }
      refusal(blocks) shouldContain "more than 250 deep"
    }

    test("code without end is refused, and not read to it") {
      val line = "    x = torch.add(x, 1)\n".repeat(50_000)
      shouldThrow<IOException> { ScriptBounds.check(archive(generateSequence { line }.take(100))) }
        .message shouldContain "has more than 64 MB of code"
    }

    test("a network's code is not") {
      ScriptBounds.check(archive(sequenceOf("class M(Module):\n", "    x = f([(1, 2)], -x)\n".repeat(100_000))))
    }
  })
