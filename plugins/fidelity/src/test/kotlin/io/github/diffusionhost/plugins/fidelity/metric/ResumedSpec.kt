package io.github.diffusionhost.plugins.fidelity.metric

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.NDScope
import io.github.diffusionhost.api.MetricProvider
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.api.metric.Metric
import io.github.diffusionhost.api.metric.ResumableMetric
import io.github.diffusionhost.plugins.fidelity.Pictures
import io.github.diffusionhost.plugins.fidelity.TestContext
import io.github.diffusionhost.plugins.fidelity.extract.ExtractorOptions
import io.github.diffusionhost.plugins.fidelity.extract.ScriptRange
import io.github.diffusionhost.plugins.fidelity.extract.resource
import io.github.diffusionhost.plugins.fidelity.metric.feature.DensityCoverageProvider
import io.github.diffusionhost.plugins.fidelity.metric.feature.FidProvider
import io.github.diffusionhost.plugins.fidelity.metric.feature.FrechetClassifierProvider
import io.github.diffusionhost.plugins.fidelity.metric.feature.FrechetOptions
import io.github.diffusionhost.plugins.fidelity.metric.feature.InceptionScoreOptions
import io.github.diffusionhost.plugins.fidelity.metric.feature.InceptionScoreProvider
import io.github.diffusionhost.plugins.fidelity.metric.feature.KidOptions
import io.github.diffusionhost.plugins.fidelity.metric.feature.KidProvider
import io.github.diffusionhost.plugins.fidelity.metric.feature.NeighbourOptions
import io.github.diffusionhost.plugins.fidelity.metric.feature.PrecisionRecallProvider
import io.github.diffusionhost.plugins.fidelity.metric.feature.ReferenceOptions
import io.github.diffusionhost.plugins.fidelity.metric.novelty.NoveltyProvider
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.DataInputStream
import java.io.DataOutputStream
import java.io.EOFException
import java.io.IOException

private const val BATCH = 25
private val PLAIN = ExtractorOptions("torchscript:${resource("plain.pt")}", null, ScriptRange.BYTES, null, false)

/** Metrics whose evaluation is interrupted. */
@Tags("Slow")
class ResumedSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    val splits = mapOf(Split.TRAIN to Pictures.halves(160, 1), Split.TEST to Pictures.halves(80, 2))
    val generated = Pictures.halves(110, 3)
    // The classifier is trained once.
    val context = TestContext(manager, tempdir().toPath(), splits)
    afterSpec { manager.close() }

    fun Metric.feed(from: Int, to: Int) {
      for (first in from until to step BATCH) {
        NDScope().use { scope ->
          scope.suppressNotUsedWarning()
          add(generated.array(manager, first, minOf(to, first + BATCH)), null)
        }
      }
    }

    fun saved(metric: Metric): ByteArray {
      val bytes = ByteArrayOutputStream()
      metric.shouldBeInstanceOf<ResumableMetric>().save(DataOutputStream(bytes))
      return bytes.toByteArray()
    }

    fun <O : Record> MetricProvider<O>.interrupted(options: O, at: Int): Metric {
      val state = create(options, context).use { it.apply { feed(0, at) }.let(::saved) }
      val input = DataInputStream(ByteArrayInputStream(state))
      return create(options, context).also {
        (it as ResumableMetric).restore(input)
        input.read() shouldBe -1
      }
    }

    val neighbours = NeighbourOptions(PLAIN, ReferenceOptions.TRAIN, 3)
    val rows =
      listOf<Pair<MetricProvider<*>, Record>>(
        FidProvider() to FrechetOptions(PLAIN, ReferenceOptions.TRAIN),
        FrechetClassifierProvider() to FrechetClassifierProvider().defaults(),
        KidProvider() to KidOptions(PLAIN, ReferenceOptions.TRAIN, 10, 50),
        InceptionScoreProvider() to InceptionScoreOptions(ExtractorOptions.CLASSIFIER, 4),
        PrecisionRecallProvider() to neighbours,
        DensityCoverageProvider() to neighbours,
        NoveltyProvider() to NoveltyProvider().defaults(),
      )

    for ((provider, options) in rows) {
      for (at in listOf(0, 2 * BATCH, 110)) {
        test("${provider.name()} that goes on after $at of 110 images finds the same, bit for bit") {
          @Suppress("UNCHECKED_CAST") val typed = provider as MetricProvider<Record>
          val straight =
            typed.create(options, context).use {
              it.feed(0, 110)
              it.report()
            }
          val resumed =
            typed.interrupted(options, at).use {
              it.feed(at, 110)
              it.report()
            }
          resumed.values() shouldBe straight.values()
          resumed.protocol() shouldBe straight.protocol()
          resumed.figures().map { it.png().toList() } shouldBe straight.figures().map { it.png().toList() }
        }
      }
    }

    test("features of another extractor are refused") {
      val plain = FidProvider().create(FrechetOptions(PLAIN, ReferenceOptions.TRAIN), context)
      val state = plain.use { it.apply { feed(0, BATCH) }.let(::saved) }
      val other = PLAIN.let { ExtractorOptions(it.use(), null, ScriptRange.UNIT, null, false) }
      FidProvider().create(FrechetOptions(other, ReferenceOptions.TRAIN), context).use {
        val failure =
          shouldThrow<IOException> { (it as ResumableMetric).restore(DataInputStream(ByteArrayInputStream(state))) }
        failure.message!! shouldContain "the extractor plain has changed since"
      }
    }

    test("a state that is cut off is refused") {
      for ((provider, options) in rows) {
        @Suppress("UNCHECKED_CAST") val typed = provider as MetricProvider<Record>
        val state = typed.create(options, context).use { it.apply { feed(0, BATCH) }.let(::saved) }
        typed.create(options, context).use {
          val cut = DataInputStream(ByteArrayInputStream(state.copyOf(state.size - 1)))
          shouldThrow<EOFException> { (it as ResumableMetric).restore(cut) }
        }
      }
    }
  })
