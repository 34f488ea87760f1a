package io.github.diffusionhost.engine.contract

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.scheduler.NoiseLevel
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.engine.support.TinyScheduler
import io.github.diffusionhost.engine.support.tinyNetwork
import io.github.diffusionhost.engine.trace.NoDraws
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.lang.reflect.InvocationTargetException
import java.lang.reflect.Proxy

/** A scheduler whose method [call] answers [answer], which Kotlin would not let be null. */
private fun answering(call: String, answer: Any?): Scheduler =
  Proxy.newProxyInstance(Scheduler::class.java.classLoader, arrayOf(Scheduler::class.java)) { _, method, arguments ->
    try {
      if (method.name == call) answer else method.invoke(TinyScheduler, *arguments.orEmpty())
    } catch (e: InvocationTargetException) {
      throw e.targetException
    }
  } as Scheduler

private class Answer(val call: String, val what: String, val answer: Any?, val says: String)

/** What a scheduler says of noise levels is looked at. */
class CheckedLevelsSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    val network = tinyNetwork(manager)
    val pass = Forward.of(network.weights().store(), false, NoDraws.INSTANCE)
    afterSpec { manager.close() }

    fun curves(checked: CheckedLevels): Map<String, NDArray> = checked.curves(pass, manager.ones(Shape(4)))

    val calls: Map<String, (CheckedLevels) -> Any> =
      mapOf(
        "levelEdges" to { it.edges() },
        "at" to { it.at(0.5) },
        "conditionAt" to { it.conditionAt(0.5) },
        "samplingLevels" to { it.samplingLevels(3) },
        "curves" to ::curves,
      )

    test("answers that keep the contract are passed on") {
      val checked = CheckedLevels(TinyScheduler)
      checked.edges().toList() shouldBe listOf(0.0, 0.25, 0.5, 0.75, 1.0)
      checked.at(0.25) shouldBe NoiseLevel(0.75, 0.25, -1.0, 1.0)
      checked.conditionAt(0.25) shouldBe 0.25
      checked.samplingLevels(3).toList() shouldBe listOf(1.0, 0.5, 0.0)
      curves(checked) shouldBe emptyMap()
    }

    listOf(
        Answer("levelEdges", "null", null, "it returned null"),
        Answer("levelEdges", "one edge", doubleArrayOf(1.0), "it returned [1.0], which must be at least two rising"),
        Answer("levelEdges", "no number", doubleArrayOf(0.0, Double.NaN), "[0.0, NaN], which must be"),
        Answer(
          "levelEdges",
          "infinity",
          doubleArrayOf(0.0, Double.POSITIVE_INFINITY),
          "[0.0, Infinity], which must be",
        ),
        Answer("levelEdges", "falling edges", doubleArrayOf(1.0, 0.0), "[1.0, 0.0], which must be"),
        Answer("at", "null", null, "it returned null"),
        Answer("at", "no number", NoiseLevel(Double.NaN, 1.0, 0.0, 1.0), "for level 0.5, which must be finite numbers"),
        Answer("at", "negative noise", NoiseLevel(1.0, -1.0, 0.0, 1.0), "and the noise not negative"),
        Answer("conditionAt", "no number", Double.NaN, "it returned NaN for level 0.5, which must be a finite number"),
        Answer("samplingLevels", "null", null, "it returned null"),
        Answer("samplingLevels", "two of three", doubleArrayOf(1.0, 0.0), "it returned 2 levels, which must be 3"),
        Answer("samplingLevels", "no number", doubleArrayOf(1.0, Double.NaN, 0.0), "for 3 steps that do not fall"),
        Answer("samplingLevels", "rising ones", doubleArrayOf(0.0, 0.5, 1.0), "for 3 steps that do not fall"),
        Answer("curves", "null", null, "it returned null"),
        Answer("curves", "null for a name", mapOf("u" to null), "it returned as u null"),
        Answer(
          "curves",
          "one number",
          mapOf("u" to manager.ones(Shape(1))),
          "as u an array of shape (1), which must be (4)",
        ),
        Answer(
          "curves",
          "a name with blanks",
          mapOf("U u" to manager.ones(Shape(4))),
          "which must be lower-case letters",
        ),
      )
      .forEach { row ->
        test("${row.call} that returns ${row.what} is named") {
          val checked = CheckedLevels(answering(row.call, row.answer))
          val wrong = shouldThrow<WrongResultException> { calls.getValue(row.call)(checked) }
          wrong.message!! shouldContain row.says
          wrong.call() shouldBe row.call
        }
      }

    test("code runs in the context of its own class loader, and its caller's context is back afterwards") {
      val before = Thread.currentThread().contextClassLoader
      val other = object : ClassLoader(null) {}
      Thread.currentThread().contextClassLoader = other
      try {
        val within =
          Returned(TinyScheduler, "loss").of<ClassLoader, Exception> { Thread.currentThread().contextClassLoader }
        within shouldBe TinyScheduler.javaClass.classLoader
        Thread.currentThread().contextClassLoader shouldBe other
        shouldThrow<IllegalStateException> {
          Returned(TinyScheduler, "loss").of<ClassLoader, Exception> { throw IllegalStateException() }
        }
        Thread.currentThread().contextClassLoader shouldBe other
      } finally {
        Thread.currentThread().contextClassLoader = before
      }
    }

    test("code that leaves the thread interrupted is named, and the thread is not") {
      val returned = Returned(TinyScheduler, "at")
      shouldThrow<WrongResultException> { returned.of<Unit, Exception> { Thread.currentThread().interrupt() } }
        .message shouldBe "it has interrupted the thread that called it"
      Thread.interrupted() shouldBe false
    }
  })
