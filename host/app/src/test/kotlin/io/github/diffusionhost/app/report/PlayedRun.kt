package io.github.diffusionhost.app.report

import io.github.diffusionhost.app.words.UserError
import java.awt.Color
import java.awt.image.BufferedImage
import java.nio.file.Path
import javax.imageio.ImageIO
import kotlin.io.path.bufferedWriter
import kotlin.io.path.createDirectories
import kotlin.io.path.writeText
import kotlin.math.exp
import kotlin.math.sin

/** A folder such as a run leaves behind, without the training. */
class PlayedRun(val folder: Path, private val name: String = "played") {
  init {
    folder.createDirectories()
  }

  /** Writes `metrics.jsonl` as it stands. */
  fun metrics(vararg lines: String): PlayedRun = apply {
    folder.resolve("metrics.jsonl").writeText(lines.joinToString(""))
  }

  /** Writes a course of so many lines, [every] steps apart, with the scalars that a run has. */
  fun course(rows: Int, every: Int = 50): PlayedRun = apply {
    folder.resolve("metrics.jsonl").bufferedWriter().use { out ->
      for (row in 1..rows) {
        val step = row.toLong() * every
        val loss = 0.1 + exp(-3.0 * row / rows) + 0.05 * sin(row * 0.7)
        out.write("""{"step":$step,"images":${step * 64},"seconds":${step * 0.25},"train/loss":$loss,""")
        out.write(""""train/rmse":${loss / 2},"train/vs_linear":${loss * 3},"train/grad_norm":${loss * 2},""")
        out.write(""""train/lr":0.002,"train/images_per_second":256.5""")
        for (bin in 0 until 10) {
          val levels = "0.$bin-${if (bin == 9) "1" else "0.${bin + 1}"}"
          val error = loss * (1 + bin * 0.1)
          out.write(""","loss_by_level/$levels":$error,"rmse_by_level/$levels":$error""")
          out.write(""","vs_linear_by_level/$levels":${error * 2},"u_by_level/$levels":${-error}""")
        }
        out.write("}\n")
      }
    }
  }

  /** Writes a sample grid of one colour, which tells the steps apart. */
  fun samples(vararg steps: Long, weights: String? = null): PlayedRun = apply {
    folder.resolve("samples").createDirectories()
    steps.forEachIndexed { i, step ->
      val grid = BufferedImage(160, 120, BufferedImage.TYPE_INT_RGB)
      val graphics = grid.createGraphics()
      graphics.color = Color(20 + 200 * i / steps.size, if (weights == null) 120 else 40, 90)
      graphics.fillRect(0, 0, 160, 120)
      graphics.dispose()
      val ending = weights?.let { "-$it" }.orEmpty()
      ImageIO.write(grid, "png", folder.resolve("samples/step-%06d$ending.png".format(step)).toFile())
    }
  }

  /** Writes `config.yaml`: the small transformer on glyphs, with these options added. */
  fun config(vararg settings: String): PlayedRun = apply {
    val base = "name: $name\nmodel: {use: dit, preset: small}\nscheduler: {use: flowmatch}\ndataset: {use: glyphs}\n"
    folder.resolve("config.yaml").writeText(base + settings.joinToString("") { "$it\n" })
  }

  /** Writes `manifest.json`. */
  fun manifest(): PlayedRun = apply {
    folder
      .resolve("manifest.json")
      .writeText(
        """{"started":"2026-01-01T00:00:00Z","commandLine":["run","--config","<b>&.yaml"],"host":"0.1.0","api":"0.1.0",
        "java":"17","system":"Linux amd64","pytorch":"2.7.1","device":"cpu()","seed":0,"parameters":2280336,
        "dataset":{"images":20000,"shape":[1,28,28],"classes":10,"sha256":"ab12"},
        "plugins":[{"id":"dit","version":"0.1.0","jar":"dit.jar","sha256":"cd34"}],"gitRevision":null,
        "peakMemoryBytes":1500000000}"""
      )
  }

  /** Writes `references.json`: levels of flow matching, or of EDM with noise from 0.01 to 10. */
  fun references(edm: Boolean = false): PlayedRun = apply {
    val levels = if (edm) List(31) { Math.pow(10.0, -2 + it / 10.0) } else List(21) { it / 20.0 }
    // As edm2 has it: what the network sees has the variance 1 if that of the images is a quarter.
    val scale = levels.map { if (edm) 1 / Math.sqrt(it * it + 0.25) else 1.0 }
    val signal = levels.zip(scale) { level, by -> if (edm) by else 1 - level }
    val noise = levels.zip(scale, Double::times)
    folder
      .resolve("references.json")
      .writeText(
        """{"about":"errors","images":2000,"pixelVariance":0.25,"edges":[${levels.first()},${levels.last()}],
        "level":$levels,"signal":$signal,"noise":$noise,"fromVariance":${levels.map { 1.0 }},
        "fromSpectrum":${levels.map { 0.5 }}}"""
      )
  }

  /** Writes `evaluations.jsonl`. */
  fun evaluations(vararg lines: String): PlayedRun = apply {
    folder.resolve("evaluations.jsonl").writeText(lines.joinToString("") { "$it\n" })
  }
}

/** A reader that knows no providers: what a page says about a config is its text alone. */
fun plainReader() = ReportReader(ConfigComparison({ throw UserError("no plugins") }, { throw UserError("no recipes") }))
