package io.github.diffusionhost.it

import io.github.diffusionhost.app.run.HostProcess
import io.github.diffusionhost.app.run.TINY_RUN
import io.github.diffusionhost.app.run.host
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.channels.FileChannel
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.WRITE
import kotlin.io.path.createDirectories
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.writeText

/** Two hosts at a time. */
class TwoHostsSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val config = folder.resolve("tiny.yaml").apply { writeText(TINY_RUN) }

    test("two processes do not train in one folder") {
      val shared = folder.resolve("shared")
      val first = HostProcess("run", "--config", "$config", "--run-dir", "$shared", "--set", "train.steps=100000")
      first.awaitOutput("step ")
      val second = host("run", "--resume", "$shared")
      second.exit shouldBe 2
      second.err shouldContain "another training is at work in $shared"
      first.kill()
    }

    test("a folder that another process has just begun to train in is left as it is") {
      val begun = folder.resolve("begun")
      for (name in listOf("samples", "checkpoints")) begun.resolve(name).createDirectories()
      FileChannel.open(begun.resolve(".lock"), CREATE, WRITE).use { lock ->
        lock.lock()
        val ended = host("run", "--config", "$config", "--run-dir", "$begun")
        ended.err shouldContain "another training is at work in $begun"
        ended.exit shouldBe 2
      }
      begun.listDirectoryEntries().map { it.name }.sorted() shouldBe listOf(".lock", "checkpoints", "samples")
    }
  })
