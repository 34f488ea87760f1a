package io.github.diffusionhost.app

import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.FakeRegistry
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.config.source.ConfigErrors
import io.github.diffusionhost.app.config.source.InvalidConfig
import io.github.diffusionhost.app.config.source.readConfigFile
import io.github.diffusionhost.app.evaluate.PartialEvaluation
import io.github.diffusionhost.app.evaluate.record.EvaluationFile
import io.github.diffusionhost.app.evaluate.record.EvaluationRecord
import io.github.diffusionhost.app.exchange.TensorFiles
import io.github.diffusionhost.app.exchange.readJsonObject
import io.github.diffusionhost.app.plugins.datasetJar
import io.github.diffusionhost.app.plugins.load
import io.github.diffusionhost.app.report.PagePicture
import io.github.diffusionhost.app.report.References
import io.github.diffusionhost.app.report.readHistory
import io.github.diffusionhost.app.run.ManifestFile
import io.github.diffusionhost.app.run.REPOSITORY
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.safetensors.SafetensorsException
import io.github.diffusionhost.engine.train.RunDirectory
import io.github.diffusionhost.testkit.ReaderChecks
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import java.awt.image.BufferedImage
import java.io.ByteArrayOutputStream
import java.io.IOException
import java.nio.file.Path
import javax.imageio.ImageIO
import kotlin.io.path.createDirectory
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

private const val COPIES = 500

/** What a reader that leaves out what it cannot read has said of it. */
private class Noted(what: String) : Exception(what)

private val MANIFEST =
  """
  {"started": "2026-01-01T00:00:00Z", "commandLine": ["run", "--set", "name=größe"], "host": "0.1.0", "api": "0.1.0",
   "java": "17", "system": "Linux amd64", "pytorch": "2.7.1", "device": "cpu()", "seed": 7, "parameters": 1234,
   "dataset": {"images": 10, "shape": [1, 28, 28], "classes": 10, "sha256": "00"},
   "plugins": [{"id": "dit", "version": "0.1.0", "jar": "plugins/dit-0.1.0.jar", "sha256": "11"}],
   "gitRevision": null, "peakMemoryBytes": 5000000000}
  """
    .trimIndent()

private val REFERENCES =
  """{"edges":[0,0.5,1],"level":[0.25,0.75],"signal":[0.75,0.25],"noise":[0.25,0.75],"fromVariance":[1,2],""" +
    """"fromSpectrum":[0.5,1.5]}"""

/** Whatever is in a file, its reader throws its own error, or says what it leaves out. */
@Tags("Slow")
class DamagedFilesSpec :
  FunSpec({
    val root = tempdir().toPath()
    val noted: List<Class<out Throwable>> = listOf(Noted::class.java)

    fun check(
      what: String,
      sound: ByteArray,
      own: List<Class<out Throwable>>,
      copies: Int = COPIES,
      read: (Path) -> Unit,
    ) =
      test(what) {
        val file = root.resolve(what)
        ReaderChecks.onlyOwnErrors(what, sound, copies, own) {
          file.writeBytes(it)
          read(file)
        }
      }

    val config = REPOSITORY.resolve("configs/quickstart.yaml")
    val reader = RunConfigReader(FakeRegistry())
    val yaml =
      "model: {use: dit, levels: [1, 2], weights: w.safetensors}\nscheduler: {use: flowmatch}\ndataset: {use: mnist}\n"
    check("a config", config.readBytes(), listOf(InvalidConfig::class.java)) {
      readConfigFile(it, ConfigErrors())
    }
    check("a config with its options", yaml.toByteArray(), listOf(InvalidConfig::class.java)) {
      reader.read(ConfigRequest(it))
    }
    val wrong: List<Class<out Throwable>> = listOf(UserError::class.java)
    val json = """{"_class_name": "UNet2DModel", "down": ["a", "b"], "eps": 1e-5, "s": null, "é": {"x": true}}"""
    check("config.json", json.toByteArray(), wrong) { readJsonObject(it) }
    val index = """{"metadata": {"total_size": 8}, "weight_map": {"a": "one.safetensors", "b": "two.safetensors"}}"""
    for (name in listOf("one" to "a", "two" to "b")) {
      val header = """{"${name.second}":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"""
      val length = ByteArray(8).also { it[0] = header.length.toByte() }
      root.resolve("${name.first}.safetensors").writeBytes(length + header.toByteArray() + ByteArray(4))
    }
    check("index.json", index.toByteArray(), wrong + SafetensorsException::class.java) {
      TensorFiles.ofIndex(it).close()
    }
    check("manifest.json", MANIFEST.toByteArray(), wrong) {
      ManifestFile(RunDirectory(it.parent)).read()
    }
    check("references.json", REFERENCES.toByteArray(), noted) { References.read(it) { note -> throw Noted(note) } }
    val row = """{"step":%,"images":8,"seconds":0.5,"train/loss":0.25,"ü":"NaN"}"""
    val rows = (1..4).joinToString("") { row.replace("%", "$it") + "\n" }
    check("metrics.jsonl of a report", rows.toByteArray(), noted) {
      val damaged = readHistory(it).damaged
      if (damaged.isNotEmpty()) throw Noted("lines $damaged")
    }
    val evaluations = root.resolve("sound.jsonl")
    for (step in 1L..3L) {
      EvaluationFile(evaluations).append(EvaluationRecord(step = step, images = 8 * step, metric = "fid"))
    }
    check("evaluations.jsonl", evaluations.readBytes(), noted) {
      EvaluationFile(it).removeAfter(2)
      EvaluationFile(it).read { note -> throw Noted(note) }
    }
    val kept = root.resolve("kept")
    PartialEvaluation(kept, "key", {}).save(7, 4, listOf())
    val partial = kept.resolve("evaluations/partial-key")
    check("a partial evaluation", partial.readBytes(), listOf(IOException::class.java)) {
      partial.writeBytes(it.readBytes())
      PartialEvaluation(kept, "key", {}).restore(listOf(), 10, 4) ?: throw IOException("it is gone")
    }
    val picture = ByteArrayOutputStream()
    val drawn = BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB).apply { setRGB(3, 3, 0x123456) }
    ImageIO.write(drawn, "png", picture)
    check("a sample grid", picture.toByteArray(), noted) {
      PagePicture.read(it, 1000) { note -> throw Noted(note) }
    }
    val jars = root.resolve("jars").createDirectory()
    val copies = root.resolve("copies").createDirectory()
    check("a plugin's jar", datasetJar(jars, "dots").readBytes(), noted, 100) {
      jars.resolve("dots-1.0.0.jar").writeBytes(it.readBytes())
      load(jars, copies).use { plugins -> plugins.problems.firstOrNull()?.let { p -> throw Noted("$p") } }
    }

    test("lines of evaluations that are no UTF-8 stay as they are when a run goes back") {
      val file = root.resolve("foreign.jsonl")
      EvaluationFile(file).append(EvaluationRecord(step = 1, images = 8, metric = "fid"))
      val foreign = byteArrayOf('"'.code.toByte(), 0xe9.toByte(), '"'.code.toByte(), '\n'.code.toByte())
      val before = file.readBytes() + foreign
      file.writeBytes(before)
      EvaluationFile(file)
        .append(EvaluationRecord(step = 5, images = 40, metric = "fid", origin = EvaluationRecord.Origin.TRAINING))
      EvaluationFile(file).removeAfter(2)
      file.readBytes() shouldBe before
      val notes = mutableListOf<String>()
      EvaluationFile(file).read(notes::add).map { it.step } shouldBe listOf(1L)
      notes shouldBe listOf("1 line of evaluations.jsonl cannot be read and is left out.")
    }

    test("a byte-order mark before JSON of others and before a plugin's index is no part of it") {
      val file = root.resolve("marked.json").apply { writeText("\ufeff" + json) }
      readJsonObject(file)["_class_name"] shouldBe "UNet2DModel"
      val marked = root.resolve("marked").createDirectory()
      datasetJar(marked, "dots", more = mapOf("META-INF/extensions.idx" to "\ufeffdemo.Dots\n".toByteArray()))
      load(marked, copies).use { plugins -> plugins.problems shouldBe listOf() }
    }
  })
