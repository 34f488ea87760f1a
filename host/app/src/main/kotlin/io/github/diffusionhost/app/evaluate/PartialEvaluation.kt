package io.github.diffusionhost.app.evaluate

import io.github.diffusionhost.app.config.bind.BoundMetric
import io.github.diffusionhost.app.run.reason
import io.github.diffusionhost.app.words.count
import io.github.diffusionhost.engine.files.AtomicFile
import io.github.diffusionhost.engine.files.Sha256
import java.io.BufferedInputStream
import java.io.BufferedOutputStream
import java.io.DataInputStream
import java.io.DataOutputStream
import java.io.IOException
import java.io.InputStream
import java.nio.channels.Channels
import java.nio.file.Files
import java.nio.file.Path
import java.security.DigestInputStream
import java.security.DigestOutputStream
import java.time.Duration
import java.time.Instant
import kotlin.io.path.createDirectories
import kotlin.io.path.deleteIfExists
import kotlin.io.path.exists
import kotlin.io.path.fileSize
import kotlin.io.path.getLastModifiedTime
import kotlin.io.path.inputStream
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries

/**
 * What metrics have taken in of an evaluation that is not over, in a file of the data folder: first after [LEAST], then
 * after as long again as it took so far, at last once a [MOST], and never for more than a twentieth of the time.
 *
 * @param key the digest of everything that the images and the metrics depend on
 * @param say tells a person in a line
 * @param clock nanoseconds
 */
internal class PartialEvaluation(
  dataFolder: Path,
  private val key: String,
  private val say: (String) -> Unit,
  private val clock: () -> Long = System::nanoTime,
) {
  private val folder = dataFolder.resolve("evaluations")
  private val file = folder.resolve("partial-${key.take(NAME)}")
  private val begun = clock()
  private var next = begun + LEAST.toNanos()

  /**
   * Where an evaluation goes on.
   *
   * @property seen how many images metrics have seen
   * @property batch how many they were given at a time
   */
  data class Start(val seen: Int, val batch: Int)

  /**
   * Puts what was kept into metrics that have seen nothing.
   *
   * @param total how many images there will be
   * @param batch how many are given at a time, at most
   * @return null if nothing was kept
   * @throws IOException if it does not fit; the metrics are of no use then
   */
  fun restore(metrics: List<RunningMetric>, total: Int, batch: Int): Start? {
    forgetOld()
    if (!file.exists() || metrics.any { !it.resumable }) return null
    if (!isWhole()) throw IOException("it is damaged")
    return DataInputStream(BufferedInputStream(file.inputStream(), BUFFER)).use { input ->
      if (input.readUTF() != FORMAT || input.readUTF() != key) throw IOException("it is of another evaluation")
      val start = Start(input.readInt(), input.readInt())
      if (start.seen !in 0..total) throw IOException("it is of other images")
      // More at a time may not fit into memory, and fewer would round otherwise.
      if (start.batch > batch) throw IOException("${start.batch} images at a time no longer fit into memory")
      metrics.forEach { it.restore(input) }
      say("going on after ${count(start.seen.toLong())} of ${count(total.toLong())} images")
      start
    }
  }

  /** Says that what was kept is not used, and forgets it. */
  fun refuse(reason: IOException) {
    say("the evaluation begins anew: what was kept in $file cannot be used: ${reason.message ?: reason}")
    file.deleteIfExists()
  }

  /** Keeps what metrics have taken in, if it is time to. */
  fun saveNowAndThen(seen: Int, batch: Int, metrics: List<RunningMetric>) {
    if (clock() >= next) save(seen, batch, metrics)
  }

  /**
   * Keeps what metrics have taken in. If that is not possible a person is told, once, and the evaluation goes on all
   * the same.
   *
   * @return whether it is kept
   */
  fun save(seen: Int, batch: Int, metrics: List<RunningMetric>): Boolean {
    try {
      write(seen, batch, metrics)
      return true
    } catch (e: IOException) {
      if (next < Long.MAX_VALUE) say("what is evaluated so far cannot be kept in $file: ${reason(e)}")
      next = Long.MAX_VALUE
      return false
    }
  }

  private fun write(seen: Int, batch: Int, metrics: List<RunningMetric>) {
    val start = clock()
    folder.createDirectories()
    AtomicFile.write(file) { channel ->
      val digest = DigestOutputStream(Channels.newOutputStream(channel), Sha256.digest())
      val out = DataOutputStream(BufferedOutputStream(digest, BUFFER))
      out.writeUTF(FORMAT)
      out.writeUTF(key)
      out.writeInt(seen)
      out.writeInt(batch)
      metrics.forEach { it.save(out) }
      out.flush()
      digest.on(false)
      digest.write(digest.messageDigest.digest())
      digest.flush()
    }
    val took = clock() - start
    val pause = (clock() - begun).coerceIn(LEAST.toNanos(), MOST.toNanos())
    next = clock() + maxOf(pause, took * SHARE)
  }

  /** Keeps what metrics have taken in after the last image, if it took long: what follows may fail. */
  fun saveAtEnd(seen: Int, batch: Int, metrics: List<RunningMetric>) {
    if (clock() - begun >= LEAST.toNanos()) save(seen, batch, metrics)
  }

  /** Forgets what was kept: the evaluation is over. */
  fun done() {
    file.deleteIfExists()
  }

  private fun isWhole(): Boolean {
    val digest = Sha256.digest()
    val size = file.fileSize() - digest.digestLength
    if (size < 0) return false
    file.inputStream().use { raw ->
      val input: InputStream = DigestInputStream(raw, digest)
      input.readThrough(size)
      return digest.digest().contentEquals(raw.readAllBytes())
    }
  }

  private fun InputStream.readThrough(size: Long) {
    val buffer = ByteArray(BUFFER)
    var left = size
    while (left > 0) {
      val read = read(buffer, 0, minOf(left, buffer.size.toLong()).toInt())
      if (read < 0) return
      left -= read
    }
  }

  /** Nobody goes on with an evaluation of weeks ago. */
  private fun forgetOld() {
    if (!folder.isDirectory()) return
    val limit = Instant.now().minus(OLD)
    folder
      .listDirectoryEntries("{partial-,.partial-}*")
      .filter { it.getLastModifiedTime().toInstant() < limit }
      .forEach(Files::deleteIfExists)
  }

  companion object {
    private const val FORMAT = "diffusion-host partial evaluation 1"
    private const val NAME = 24
    private const val BUFFER = 1 shl 16
    private const val SHARE = 20
    private val LEAST = Duration.ofSeconds(5)
    private val MOST = Duration.ofMinutes(1)
    private val OLD = Duration.ofDays(14)

    /** The part of a key that a metric is. */
    fun part(metric: BoundMetric<*>): String = "${metric.provider.name()} ${metric.samples} ${metric.options}"

    /** A key of everything that the images and the metrics depend on. */
    fun key(parts: List<String>): String = Sha256.of(parts.joinToString("\n") { "${it.length} $it" }.toByteArray())
  }
}
