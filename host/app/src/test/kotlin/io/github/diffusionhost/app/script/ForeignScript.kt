package io.github.diffusionhost.app.script

import java.nio.file.Path
import java.util.zip.CRC32
import java.util.zip.ZipEntry
import java.util.zip.ZipOutputStream
import kotlin.io.path.outputStream
import kotlin.io.path.readText

/** The processes that run scripts of a folder. */
fun scriptWorkers(folder: Path): List<ProcessHandle> =
  ProcessHandle.allProcesses().toList().filter {
    val command = runCatching { Path.of("/proc/${it.pid()}/cmdline").readText() }.getOrDefault("")
    "ScriptWorker" in command && "$folder" in command
  }

/** A TorchScript file as `torch.jit.save` writes it, of a module without weights whose `forward(x)` has this [body]. */
fun foreignScript(file: Path, body: String): Path {
  val code =
    "class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n" +
      "  def forward(self: __torch__.M, x: Tensor) -> Tensor:\n" +
      body.trimIndent().lines().joinToString("") { "    $it\n" }
  // PROTO 2, GLOBAL __torch__ M, EMPTY_TUPLE, NEWOBJ, EMPTY_DICT, BUILD, STOP
  val module = byteArrayOf(0x80.toByte(), 2) + "c__torch__\nM\n)".toByteArray() + 0x81.toByte() + "}b.".toByteArray()
  ZipOutputStream(file.outputStream()).use { zip ->
    for ((name, content) in
      mapOf(
        "m/version" to "10\n".toByteArray(),
        "m/constants.pkl" to byteArrayOf(0x80.toByte(), 2, ')'.code.toByte(), '.'.code.toByte()),
        "m/data.pkl" to module,
        "m/code/__torch__.py" to code.toByteArray(),
      )) {
      val entry = ZipEntry(name)
      entry.method = ZipEntry.STORED
      entry.size = content.size.toLong()
      entry.crc = CRC32().also { it.update(content) }.value
      zip.putNextEntry(entry)
      zip.write(content)
    }
  }
  return file
}
