package io.github.diffusionhost.it

import io.github.diffusionhost.app.run.Finished
import io.github.diffusionhost.app.run.HostProcess
import io.github.diffusionhost.app.run.REPOSITORY
import io.github.diffusionhost.app.run.TINY_RUN
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.io.path.readLines
import kotlin.io.path.writeText

private val FOREIGN_DIGITS = Regex("[\\p{Nd}&&[^0-9]]")
private val TEXTS = setOf("json", "jsonl", "yaml", "html", "")

/** Processes in the locales that people and containers have. */
class LocaleSpec :
  FunSpec({
    val root = tempdir().toPath()
    val config = root.resolve("tiny.yaml").apply { writeText(TINY_RUN) }

    fun train(name: String, vararg flags: String): Path {
      val folder = root.resolve(name)
      val tracker = "tracker={use: mlflow, uri: \"${root.resolve("$name-mlruns")}\"}"
      val run =
        HostProcess(
            *arrayOf("run", "--config", "$config", "--run-dir", "$folder", "--set", tracker),
            *arrayOf("--set", "train.steps=6", "--set", "train.sampleEvery=3"),
            flags = flags.toList(),
          )
          .finish()
      run.exit shouldBe 0
      FOREIGN_DIGITS.containsMatchIn(run.out + run.err) shouldBe false
      return folder
    }

    fun losses(run: Path) =
      run.resolve("metrics.jsonl").readLines().map {
        it.replace(Regex("\"(seconds|train/images_per_second)\":[^,}]*"), "")
      }

    fun names(run: Path) =
      run.toFile().walk().map { it.relativeTo(run.toFile()).path }.filter { "tfevents" !in it }.toSet()

    test("where the locale has digits of its own, all is as in English: messages, numbers, files and their names") {
      val english = train("en", "-Duser.language=en")
      val arabic = train("ar", "-Duser.language=ar", "-Duser.country=EG")
      losses(arabic) shouldBe losses(english)
      names(arabic) shouldBe names(english)
      for (folder in listOf(arabic, root.resolve("ar-mlruns"))) {
        for (file in folder.toFile().walk().filter { it.isFile && it.extension in TEXTS }) {
          "${file.name}: ${FOREIGN_DIGITS.find(file.readText())?.value}" shouldBe "${file.name}: null"
        }
      }
    }

    /** The shell writes the bytes of a name: this JVM's own locale may not have its characters. */
    fun shell(locale: String, vararg words: String): Finished {
      val classPath = System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")
      val java = Path.of(System.getProperty("java.home"), "bin", "java")
      val name = "\$(printf 'b\\303\\274cher \\347\\224\\273')"
      val command =
        "mkdir -p \"$root/$name\" && cp \"$config\" \"$root/$name/c.yaml\" && exec \"$java\" -cp \"\$CLASS_PATH\" " +
          "-Dsun.stdout.encoding=UTF-8 -Dsun.stderr.encoding=UTF-8 -Ddiffusionhost.home=\"$REPOSITORY\" " +
          "io.github.diffusionhost.app.cli.MainKt ${words.joinToString(" ").replace("NAME", "\"$root/$name\"")}"
      val out = root.resolve("out").toFile()
      val err = root.resolve("err").toFile()
      val builder = ProcessBuilder("/bin/sh", "-c", command).redirectOutput(out).redirectError(err)
      builder.environment() += mapOf("CLASS_PATH" to classPath, "LC_ALL" to locale)
      val process = builder.start()
      check(process.waitFor(2, TimeUnit.MINUTES)) { "host does not end" }
      return Finished(process.exitValue(), out.readText(), err.readText())
    }

    test("a config in a folder with a name outside ASCII is read in a UTF-8 locale, which the launcher sees to") {
      val shown = shell("C.UTF-8", "config", "show", "NAME/c.yaml", "--set", "dataset.count=7")
      shown.err shouldBe ""
      shown.out shouldContain "count: 7"
    }

    test("where the character set lacks a name's characters, one line says what to set") {
      for (words in
        listOf(
          arrayOf("config", "show", "NAME/c.yaml"),
          arrayOf("run", "--config", "$config", "--run-dir", "NAME/run"),
          arrayOf("--plugins-dir", "NAME", "plugins", "list"),
          arrayOf("config", "show", "--plugins", "dit,flowmatch,image-folder", "--set", "dataset.path=NAME"),
        )) {
        val refused = shell("C", *words)
        refused.exit shouldBe 2
        refused.err.replace(Regex("\\s+"), " ") shouldContain
          "the locale's character set, ANSI_X3.4-1968, does not have all its characters; set LC_ALL=C.UTF-8"
      }
    }
  })
