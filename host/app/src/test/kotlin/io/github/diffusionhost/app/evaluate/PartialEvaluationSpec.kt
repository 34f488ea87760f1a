package io.github.diffusionhost.app.evaluate

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.MetricProvider
import io.github.diffusionhost.api.metric.Metric
import io.github.diffusionhost.api.metric.MetricContext
import io.github.diffusionhost.api.metric.MetricReport
import io.github.diffusionhost.api.metric.ResumableMetric
import io.github.diffusionhost.api.options.Cadence
import io.github.diffusionhost.app.config.bind.BoundMetric
import io.github.diffusionhost.app.words.UserError
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.DataInput
import java.io.DataOutput
import java.io.IOException
import java.nio.file.Path
import java.nio.file.attribute.FileTime
import java.time.Duration
import java.time.Instant
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.setLastModifiedTime
import kotlin.io.path.writeBytes

@JvmRecord private data class NoOptions(val nothing: Boolean)

/** Keeps the first byte of every image, in order. */
private class Remembering : ResumableMetric {
  val seen = mutableListOf<Byte>()
  var interruptedAt: Int? = null

  override fun add(images: NDArray, labels: NDArray?) {
    seen += images.toByteArray().toList()
    if (seen.size == interruptedAt) throw InterruptedException()
  }

  override fun save(out: DataOutput) {
    out.writeInt(seen.size)
    out.write(seen.toByteArray())
  }

  override fun restore(input: DataInput) {
    seen += ByteArray(input.readInt()).also(input::readFully).toList()
  }

  override fun report() = MetricReport(mapOf("seen" to seen.size.toDouble()), listOf(), mapOf())
}

private object Provider : MetricProvider<NoOptions> {
  override fun name() = "remembering"

  override fun summary() = "remembers"

  override fun defaults() = NoOptions(false)

  override fun create(options: NoOptions, context: MetricContext): Metric = Remembering()
}

/** A second passes with every image; the process dies before image [dies]. */
private class Images(private val manager: NDManager, private val dies: Int?, private val tick: () -> Unit) :
  EvaluatedImages {
  override fun wanted(metric: RunningMetric) = metric.wanted(null)

  override fun protocol(count: Int) = mapOf<String, String>()

  override fun batch() = 4

  override fun give(first: Int, total: Int, batch: Int, to: ImageTaker) {
    for (from in first until total step batch) {
      val size = minOf(batch, total - from)
      if (dies != null && from + size > dies) throw IllegalStateException("killed")
      repeat(size) { tick() }
      val bytes = ByteArray(size) { (from + it).toByte() }
      manager.create(java.nio.ByteBuffer.wrap(bytes), Shape(size.toLong(), 1, 1, 1), DataType.UINT8).use {
        to.take(it, null)
      }
    }
  }
}

/** What is left of an evaluation whose process ends in the middle. */
class PartialEvaluationSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    val said = mutableListOf<String>()
    afterSpec { manager.close() }
    beforeTest { said.clear() }

    class Process(val folder: Path, key: String = "key") {
      var now = 0L
      val kept = PartialEvaluation(folder, PartialEvaluation.key(listOf(key)), said::add) { now }
      val metric = Remembering()
      val running =
        RunningMetric(BoundMetric(Provider, Cadence.images(0), 30, NoOptions(false)), metric, manager.newSubManager())

      fun run(dies: Int? = null): List<Int> {
        val images = Images(manager, dies) { now += 1_000_000_000 }
        val start = kept.restore(listOf(running), 30, images.batch())
        MetricFeed(mapOf(running to 30), images, kept).run(start)
        return metric.seen.map { it.toInt() }
      }

      fun files() = folder.resolve("evaluations").takeIf { it.exists() }?.listDirectoryEntries().orEmpty()
    }

    fun folder() = tempdir().toPath()

    test("a killed process leaves what it kept last, and another one goes on from there") {
      val folder = folder()
      // Kept after 8 s, 5 s being the least, and after 16 s, as long again.
      shouldThrow<IllegalStateException> { Process(folder).run(dies = 22) }
      Process(folder).run() shouldBe List(30) { it }
      said shouldContainExactly listOf("going on after 16 of 30 images")
    }

    test("of a batch in which an evaluation is interrupted nothing is kept: some metrics may have taken it in") {
      val folder = folder()
      val first = Process(folder).apply { metric.interruptedAt = 20 }
      shouldThrow<UserError> { first.run() }.message shouldContain
        "interrupted after 16 of 30 images, in a batch that did not end in time; the same command goes on from what was"
      Process(folder).run() shouldBe List(30) { it }
      said shouldContainExactly listOf("going on after 16 of 30 images")
    }

    test("an evaluation that is over leaves nothing behind") {
      val process = Process(folder())
      process.run() shouldBe List(30) { it }
      process.files().size shouldBe 1
      process.kept.done()
      process.files().shouldBeEmpty()
      said.shouldBeEmpty()
    }

    test("an evaluation of something else begins at its beginning") {
      val folder = folder()
      shouldThrow<IllegalStateException> { Process(folder).run(dies = 22) }
      Process(folder, "other").run() shouldBe List(30) { it }
      said.shouldBeEmpty()
      Process(folder).files().size shouldBe 2
    }

    test("a file that was changed, or cut off, is refused and forgotten") {
      for (damage in
        listOf<(ByteArray) -> ByteArray>({ it.copyOf(it.size - 1) }, { it.apply { this[70]++ } }, { byteArrayOf() })) {
        val folder = folder()
        shouldThrow<IllegalStateException> { Process(folder).run(dies = 22) }
        val next = Process(folder)
        val file = next.files().single()
        file.writeBytes(damage(file.readBytes()))
        val failure = shouldThrow<IOException> { next.run() }
        next.kept.refuse(failure)
        said.single() shouldContain "the evaluation begins anew: what was kept in $file cannot be used: it is damaged"
        next.files().shouldBeEmpty()
        said.clear()
      }
    }

    test("where nothing can be kept, somebody is told once, and the evaluation goes on") {
      val process = Process(folder())
      process.folder.resolve("evaluations").writeBytes(byteArrayOf())
      process.run() shouldBe List(30) { it }
      said.single() shouldContain "what is evaluated so far cannot be kept in ${process.folder}/evaluations/partial-"
      process.kept.save(30, 4, listOf(process.running)) shouldBe false
      said.size shouldBe 1
    }

    test("batches that no longer fit into memory are refused: other batches would round otherwise") {
      val folder = folder()
      shouldThrow<IllegalStateException> { Process(folder).run(dies = 22) }
      val next = Process(folder)
      shouldThrow<IOException> { next.kept.restore(listOf(next.running), 30, 3) }.message!! shouldContain
        "4 images at a time no longer fit into memory"
      next.kept.restore(listOf(next.running), 30, 5) shouldBe PartialEvaluation.Start(16, 4)
    }

    test("what nobody went on with for two weeks is removed") {
      val process = Process(folder())
      val others = process.folder.resolve("evaluations").createDirectories()
      for ((name, days) in
        mapOf("partial-old" to 15L, ".partial-old.tmp-7" to 15L, "partial-new" to 13L, "mine" to 99L)) {
        val file = others.resolve(name).apply { writeBytes(ByteArray(3)) }
        file.setLastModifiedTime(FileTime.from(Instant.now().minus(Duration.ofDays(days))))
      }
      process.run()
      process.kept.done()
      process.files().map { it.name }.sorted() shouldContainExactly listOf("mine", "partial-new")
    }
  })
