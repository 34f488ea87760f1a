package io.github.diffusionhost.app.gpu.install

import com.sun.net.httpserver.HttpExchange
import io.github.diffusionhost.engine.download.LocalServer
import io.github.diffusionhost.engine.download.send
import io.github.diffusionhost.engine.files.Sha256
import java.io.ByteArrayOutputStream
import java.net.URI
import java.nio.file.Path
import java.security.MessageDigest
import java.time.LocalDateTime
import java.util.Base64
import java.util.zip.ZipEntry
import java.util.zip.ZipOutputStream
import kotlin.io.path.createDirectories
import kotlin.io.path.writeBytes
import kotlin.random.Random

/** Small files in the place of libtorch's and NVIDIA's, laid out as theirs are. */
internal object StandIns {
  val CUBLAS = Requirement("nvidia-cublas-cu12", "12.8.3.14")
  val CUDART = Requirement("nvidia-cuda-runtime-cu12", "12.8.57")
  val CUSPARSELT = Requirement("nvidia-cusparselt-cu12", "0.6.3")

  /** What torch needs, and the library in it. */
  val NEEDS =
    mapOf(
      CUBLAS to "nvidia/cublas/lib/libcublas.so.12",
      CUDART to "nvidia/cuda_runtime/lib/libcudart.so.12",
      CUSPARSELT to "nvidia/cusparselt/lib/libcusparseLt.so.0",
    )

  val TORCH =
    listOf("libc10.so", "libc10_cuda.so", "libtorch.so", "libtorch_cpu.so", "libtorch_cuda.so", "libgomp.so.1")

  /** Of torch's libraries, those that Python alone needs. */
  val OF_PYTHON = listOf("libtorch_python.so", "libshm.so")

  /** Begins as a shared library does; of a name always the same bytes, which do not shrink. */
  fun library(name: String, bytes: Int = 60_000): ByteArray =
    byteArrayOf(0x7f, 'E'.code.toByte(), 'L'.code.toByte(), 'F'.code.toByte()) +
      Random(name.hashCode()).nextBytes(bytes)

  fun torchFiles(): Map<String, ByteArray> =
    (TORCH + OF_PYTHON).associate { "torch/lib/$it" to library(it) } + ("torch/__init__.py" to "x = 1".toByteArray())

  fun filesOf(wanted: Requirement): Map<String, ByteArray> =
    NEEDS.getValue(wanted).let { mapOf(it to library(it), "nvidia/__init__.py" to ByteArray(0)) }

  fun metadata(identity: Requirement, needs: Collection<Requirement> = emptyList()) = buildString {
    append("Metadata-Version: 2.1\nName: ${identity.distribution}\nVersion: ${identity.version}\n")
    append("Requires-Dist: filelock\nRequires-Dist: triton==3.3.1; platform_system == \"Linux\"\n")
    for (need in needs) {
      append("Requires-Dist: ${need.distribution}==${need.version}; ")
      append("platform_system == \"Linux\" and platform_machine == \"x86_64\"\n")
    }
    append("\nName: of the description\n")
  }

  fun record(files: Map<String, ByteArray>, information: String) =
    files.map { (name, bytes) -> "$name,sha256=${base64(bytes)},${bytes.size}\n" }.joinToString("") +
      "$information/RECORD,,\n"

  fun information(identity: Requirement) = "${identity.distribution.replace('-', '_')}-${identity.version}.dist-info"

  fun wheelName(identity: Requirement, platform: String = "manylinux_2_28_x86_64"): String {
    val python = if (identity.distribution == "torch") "cp312-cp312" else "py3-none"
    return "${identity.distribution.replace('-', '_')}-${identity.version}-$python-$platform.whl"
  }

  /** A wheel's bytes; [damaged] are files that are others than `RECORD` says. */
  fun wheel(
    identity: Requirement,
    files: Map<String, ByteArray>,
    needs: Collection<Requirement> = emptyList(),
    damaged: Map<String, ByteArray> = emptyMap(),
  ): ByteArray {
    val information = information(identity)
    val all = files + ("$information/METADATA" to metadata(identity, needs).toByteArray())
    return zip(all + damaged + ("$information/RECORD" to record(all, information).toByteArray()))
  }

  fun zip(files: Map<String, ByteArray>): ByteArray {
    val bytes = ByteArrayOutputStream()
    ZipOutputStream(bytes).use { zip ->
      for ((name, content) in files) {
        // Of the same content always the same bytes.
        zip.putNextEntry(ZipEntry(name).apply { timeLocal = LocalDateTime.of(2025, 6, 4, 12, 0) })
        zip.write(content)
        zip.closeEntry()
      }
    }
    return bytes.toByteArray()
  }

  val torch = Requirement("torch", "2.7.1+cu128")

  /** All wheels by their names. */
  fun wheels(): Map<String, ByteArray> =
    mapOf(wheelName(torch) to wheel(torch, torchFiles(), NEEDS.keys)) +
      NEEDS.keys.associate { wheelName(it) to wheel(it, filesOf(it)) }

  fun write(folder: Path, files: Map<String, ByteArray>): Path {
    for ((name, bytes) in files) folder.resolve(name).also { it.parent.createDirectories() }.writeBytes(bytes)
    return folder
  }

  /** What pip would have made of the wheels. */
  fun sitePackages(folder: Path): Path {
    val parts = mapOf(torch to torchFiles()) + NEEDS.keys.associateWith(::filesOf)
    for ((identity, files) in parts) {
      val needs = if (identity == torch) NEEDS.keys else emptyList()
      val information = information(identity)
      write(folder, files + ("$information/METADATA" to metadata(identity, needs).toByteArray()))
      write(folder, mapOf("$information/RECORD" to record(files, information).toByteArray()))
    }
    return folder
  }

  /** libtorch for C++: everything in one folder. */
  fun flat(version: String = "2.7.1+cu128"): Map<String, ByteArray> =
    (TORCH + "libcublas.so.12" + "libcudart-c3a75b33.so.12").associate { "libtorch/lib/$it" to library(it) } +
      ("libtorch/build-version" to "$version\n".toByteArray()) +
      ("libtorch/include/torch/torch.h" to "//".toByteArray())

  private fun base64(bytes: ByteArray) =
    Base64.getUrlEncoder().withoutPadding().encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes))
}

/**
 * An index of wheels below [path] on a server, as PEP 503 wants it.
 *
 * @param withMetadata whether `METADATA` is to be had without the wheel
 */
internal class StandInIndex(
  private val server: LocalServer,
  private val path: String,
  private val withMetadata: Boolean = true,
) {
  val address: URI = server.on("$path/none/") { sendResponseHeaders(404, -1) }.resolve("..")

  /** Offers a wheel under its name; [answer] sends it, if it is not sent as it is. */
  fun offer(
    name: String,
    bytes: ByteArray,
    sha256: String = Sha256.of(bytes),
    answer: (HttpExchange.(Int) -> Unit)? = null,
  ) {
    val wheel = checkNotNull(WheelName.parse(name))
    val encoded = name.replace("+", "%2B")
    server.on("$path/files/$name") { before ->
      when {
        requestMethod == "HEAD" -> {
          responseHeaders.add("Content-Length", "${bytes.size}")
          sendResponseHeaders(200, -1)
        }
        answer != null -> answer(before)
        else -> send(bytes)
      }
    }
    val metadata = StandIns.metadata(Requirement(wheel.distribution, wheel.version), StandIns.NEEDS.keys).toByteArray()
    server.on("$path/files/$name.metadata") { send(metadata) }
    val offered = if (withMetadata) " data-core-metadata=\"sha256=${Sha256.of(metadata)}\"" else ""
    server.on("$path/${wheel.distribution}/") {
      send("<html><a href=\"../files/$encoded#sha256=$sha256\"$offered>$name</a><br/></html>".toByteArray())
    }
  }
}
