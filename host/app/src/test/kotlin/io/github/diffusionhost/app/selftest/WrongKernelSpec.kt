package io.github.diffusionhost.app.selftest

import ai.djl.Device
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.cli.installed
import io.github.diffusionhost.app.selftest.check.NetworkCheck
import io.github.diffusionhost.app.selftest.check.OperatorCheck
import io.github.diffusionhost.app.selftest.check.TrainingCheck
import io.github.diffusionhost.engine.golden.GoldenSet
import io.github.diffusionhost.engine.pass.Pass
import io.github.diffusionhost.engine.pass.Passes
import io.github.diffusionhost.engine.program.Argument
import io.github.diffusionhost.engine.program.Node
import io.github.diffusionhost.engine.program.Program
import io.github.diffusionhost.engine.program.ProgramBuilder
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.shouldBe

/** A kernel that gives a thousandth too much. */
private class Wrong(private val op: String) : Pass {
  override fun apply(program: Program): Program =
    program.with(
      program.nodes().flatMap { node ->
        if (node.op() != op) listOf(node)
        else {
          val right = ProgramBuilder().input(node.output().type())
          listOf(
            Node(op, node.arguments(), node.named(), listOf(right)),
            Node("aten::mul", listOf(right, Argument.of(1.001)), mapOf(), node.outputs()),
          )
        }
      }
    )
}

/** What is found of a device that has one wrong kernel, of compiled programs. */
@Tags("Slow")
class WrongKernelSpec :
  FunSpec({
    val koin = installed(tempdir().toPath())
    val manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")
    afterSpec { manager.close() }

    fun failures(check: SelfCheck, op: String?, missing: Set<String> = setOf()): List<Measured> {
      val passes = Passes.Choice { precision, constants ->
        val right = Passes.of(precision, constants)
        if (op == null) right else Passes(right.before(), right.after() + Wrong(op))
      }
      val folder = tempdir().toPath()
      val golden = GoldenSet.packed(folder)
      val subject = Subject(manager, manager, koin.get(), golden, false, folder, koin.get(), passes) { it !in missing }
      val found = mutableListOf<Measured>()
      selfTest(listOf(check), subject, { "$it" }, found::add)
      found.shouldNotBeEmpty()
      return found.filter { it.outcome != Outcome.OK }
    }

    test("a wrong SiLU is found among the operators, and no other") {
      failures(OperatorCheck(), "aten::silu").map { it.what } shouldBe listOf("SiLU, float32")
    }

    test("a wrong product is found in all that multiplies, forward and backward") {
      failures(OperatorCheck(), "aten::matmul").map { it.what } shouldContain "product of tokens and weights, float32"
    }

    // Some processors take convolutions for the transformer's products, too.
    test("a wrong convolution is found by the networks that have one, and only compiled") {
      val failures = failures(NetworkCheck(), "aten::convolution")
      withClue(failures) {
        failures.map { it.what.substringBeforeLast(',') } shouldContainAll
          listOf("U-Net, class_cond", "U-Net, google_style", "EDM2, config C").flatMap {
            listOf("$it, loss", "$it, gradients")
          }
        failures.all { it.what.endsWith(", compiled") } shouldBe true
      }
    }

    test("a wrong kernel of the transformer is found by the losses of a published training") {
      failures(TrainingCheck(), "aten::silu").map { it.what } shouldContain "published R3, losses, compiled"
    }

    test("the right kernels are right") { failures(OperatorCheck(), null).shouldBeEmpty() }

    test("a recipe draws the same on the device and on the CPU that it is compared with") {
      for (recipe in SmallRecipe.ALL) {
        val subject =
          Subject(
            manager,
            manager,
            koin.get(),
            GoldenSet.packed(tempdir().toPath()),
            false,
            tempdir().toPath(),
            koin.get(),
          ) {
            true
          }
        val noise = recipe.config(subject).train
        noise.noiseOn(Device.gpu(0)) shouldBe noise.noiseOn(Device.cpu())
      }
    }

    test("what needs a plugin that is not installed is left out, and says which") {
      val missing = failures(NetworkCheck(), null, setOf("unet"))
      missing.map { it.what } shouldBe listOf("U-Net, class_cond", "U-Net, google_style")
      missing.map { it.outcome to it.note }.distinct() shouldBe listOf(Outcome.SKIPPED to "no plugin brings unet")
    }

    test("a check that fails in the middle is a failure, and what it has found stays") {
      val broken =
        object : SelfCheck {
          override val area = "broken"

          override fun run(subject: Subject, found: (Measured) -> Unit) {
            found(Measured.of(area, "the first half", 0.0, 0.0))
            error("no device any more")
          }
        }
      val (failure) = failures(broken, null)
      failure.what shouldBe "to the end"
      failure.outcome shouldBe Outcome.FAILED
      failure.note shouldBe "java.lang.IllegalStateException: no device any more"
    }
  })
