package io.github.diffusionhost.app.exchange

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.github.diffusionhost.engine.safetensors.SafetensorsWriter
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.writeText

/** A spec that imports folders of diffusers through the command line. */
abstract class DiffusersSpec(body: DiffusersSpec.() -> Unit) : FunSpec() {
  val manager = autoClose(NDManager.newBaseManager("PyTorch"))

  fun folder(): Path = tempdir().toPath()

  fun import(from: Path, out: Path = folder().resolve("imported")): Path {
    val done = inProcess("import", "--diffusers", "$from", "--out", "$out")
    (done.exit to done.err) shouldBe (0 to "")
    return out
  }

  fun fault(from: Path, exit: Int = 1): String {
    val out = folder().resolve("refused")
    val failed = inProcess("import", "--diffusers", "$from", "--out", "$out")
    failed.exit shouldBe exit
    failed.err shouldNotContain "\tat "
    failed.err.trim().lines().size shouldBe 1
    Files.list(out.parent).use { it.count() } shouldBe 0L
    return failed.err
  }

  fun tensors(file: Path): Map<String, NDArray> = SafetensorsFile.open(file).use { it.readAll(manager) }

  fun Path.edit(change: (Map<String, Any?>) -> Map<String, Any?>): Path = apply {
    resolve("config.json").let { it.writeText(pythonJson(change(readJsonObject(it)))) }
  }

  fun Path.rewrite(change: (Map<String, NDArray>) -> Map<String, NDArray>): Path = apply {
    resolve(WEIGHTS).let { SafetensorsWriter.write(it, change(tensors(it)), mapOf("format" to "pt")) }
  }

  init {
    body()
  }
}
