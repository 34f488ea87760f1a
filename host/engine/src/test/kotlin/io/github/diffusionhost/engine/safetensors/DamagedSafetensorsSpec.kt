package io.github.diffusionhost.engine.safetensors

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.io.RandomAccessFile
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.writeBytes

/** Every way in which a file can be wrong is one sentence that names the file, the tensor and what is wrong. */
class DamagedSafetensorsSpec :
  FunSpec({
    val folder = tempdir().toPath()

    fun complaint(path: Path): String {
      val message = shouldThrow<SafetensorsException> { SafetensorsFile.open(path).close() }.message!!
      message shouldStartWith "$path: "
      message.lines().size shouldBe 1
      return message
    }

    fun complaint(bytes: ByteArray): String =
      complaint(Files.createTempFile(folder, "bad", ".safetensors").also { it.writeBytes(bytes) })

    fun tensor(dtype: String = "\"F32\"", shape: String = "[2]", offsets: String = "[0,8]") =
      """"w":{"dtype":$dtype,"shape":$shape,"data_offsets":$offsets}"""

    fun json(vararg tensors: String) = tensors.joinToString(",", "{", "}")

    class Row(val name: String, val bytes: ByteArray, val complaint: String)

    val data = ByteArray(8)
    val sound = safetensors(json(tensor()), data)
    listOf(
        Row("an empty file", ByteArray(0), "is empty; this is not a safetensors file"),
        Row("a file of three bytes", ByteArray(3), "has only 3 bytes"),
        Row("a file cut in its header", sound.copyOf(30), "but the whole file has only 30"),
        Row(
          "a file cut in its data",
          sound.copyOf(sound.size - 3),
          "tensor 'w' ends at byte 8 of the data, but the file has only 5",
        ),
        Row("bytes after the last tensor", sound + ByteArray(5), "the last 5 bytes belong to no tensor"),
        Row(
          "a huge header",
          littleEndian { putLong(1L shl 40) } + "{}".toByteArray(),
          "claims a header of 1099511627776 bytes, more than the 100000000 allowed",
        ),
        Row(
          "a header length with the sign bit",
          ByteArray(8) { -1 } + "{}".toByteArray(),
          "claims a header of 18446744073709551615 bytes",
        ),
        Row("an empty header", safetensors(""), "does not begin with '{'"),
        Row("a zip", "PK\u0003\u0004\u0014\u0000\u0000\u0000 and so on".toByteArray(), "not a safetensors file"),
        Row("text in place of JSON", safetensors("hello"), "does not begin with '{'"),
        Row("a header cut within its JSON", safetensors("""{"w":{"dtype":"F32""""), "the header is not valid JSON"),
        Row(
          "JSON with a trailing comma",
          safetensors(json(tensor()).dropLast(1) + ",}", data),
          "the header is not valid JSON",
        ),
        Row("JSON with single quotes", safetensors("{'w':{}}"), "the header is not valid JSON"),
        Row(
          "JSON of depth 5000",
          safetensors("{\"w\":" + "[".repeat(5000)),
          "tensor 'w' is not described by an object but by a list",
        ),
        Row(
          "bytes that are not UTF-8",
          littleEndian { putLong(5) } + byteArrayOf('{'.code.toByte(), '"'.code.toByte(), -1, -2, '"'.code.toByte()),
          "not UTF-8",
        ),
        Row("two JSON objects", safetensors(json(tensor()) + "{}", data), "the header is not valid JSON"),
        Row(
          "two tensors of one name",
          safetensors(json(tensor(), tensor(offsets = "[8,16]")), ByteArray(16)),
          "two tensors are named 'w'",
        ),
        Row(
          "two metadata",
          safetensors("""{"__metadata__":{},"__metadata__":{}}"""),
          "the header has two __metadata__",
        ),
        Row(
          "a metadata entry that is a number",
          safetensors("""{"__metadata__":{"step":1}}"""),
          "__metadata__ entry 'step' is not a text but a number",
        ),
        Row(
          "two metadata entries of one name",
          safetensors("""{"__metadata__":{"a":"1","a":"2"}}"""),
          "__metadata__ has two entries 'a'",
        ),
        Row("metadata that is a list", safetensors("""{"__metadata__":[]}"""), "the header is not valid JSON"),
        Row(
          "an unknown dtype",
          safetensors(json(tensor(dtype = "\"F8_E4M3\"")), data),
          "tensor 'w' has dtype F8_E4M3, which cannot be read; supported: [F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL]",
        ),
        Row("a dtype in lower case", safetensors(json(tensor(dtype = "\"f32\"")), data), "tensor 'w' has dtype f32"),
        Row(
          "a dtype that is a number",
          safetensors(json(tensor(dtype = "32")), data),
          "tensor 'w' has a dtype that is not a text but a number",
        ),
        Row(
          "a wrong dtype",
          safetensors(json(tensor(dtype = "\"F64\"")), data),
          "tensor 'w' has shape [2] of F64, which is 16 bytes, but data_offsets span 8",
        ),
        Row(
          "a wrong shape",
          safetensors(json(tensor(shape = "[3]")), data),
          "tensor 'w' has shape [3] of F32, which is 12 bytes, but data_offsets span 8",
        ),
        Row("a negative size", safetensors(json(tensor(shape = "[-2]")), data), "tensor 'w' has a shape with -2 in it"),
        Row(
          "a fractional size",
          safetensors(json(tensor(shape = "[2.0]")), data),
          "tensor 'w' has a shape with 2.0 in it",
        ),
        Row(
          "a size with an exponent",
          safetensors(json(tensor(shape = "[2e0]")), data),
          "tensor 'w' has a shape with 2e0 in it",
        ),
        Row(
          "a size that is a text",
          safetensors(json(tensor(shape = "[\"2\"]")), data),
          "tensor 'w' has a shape with a text in it",
        ),
        Row(
          "a size beyond 64 bits",
          safetensors(json(tensor(shape = "[99999999999999999999]")), data),
          "tensor 'w' has a shape with 99999999999999999999 in it",
        ),
        Row(
          "a size just beyond 63 bits",
          safetensors(json(tensor(shape = "[9223372036854775808]")), data),
          "in it, which is too large",
        ),
        Row(
          "a shape that overflows",
          safetensors(json(tensor(shape = "[4611686018427387904,4]")), data),
          "which is too large",
        ),
        Row(
          "a shape that wraps around to the right number of bytes",
          safetensors(json(tensor(shape = "[4294967296,4294967296]", offsets = "[0,0]"))),
          "which is too large",
        ),
        Row(
          "a shape that is a number",
          safetensors(json(tensor(shape = "2")), data),
          "tensor 'w' has a shape that is not a list but a number",
        ),
        Row(
          "offsets outside the file",
          safetensors(json(tensor(offsets = "[100,108]")), data),
          "tensor 'w' ends at byte 108 of the data, but the file has only 8",
        ),
        Row(
          "offsets that go backwards",
          safetensors(json(tensor(offsets = "[8,0]")), data),
          "tensor 'w' has data_offsets [8, 0]",
        ),
        Row(
          "negative offsets",
          safetensors(json(tensor(offsets = "[-8,0]")), data),
          "tensor 'w' has a data_offsets with -8 in it",
        ),
        Row(
          "three offsets",
          safetensors(json(tensor(offsets = "[0,4,8]")), data),
          "tensor 'w' has data_offsets [0, 4, 8]; expected [begin, end]",
        ),
        Row(
          "a gap before a tensor",
          safetensors(json(tensor(offsets = "[8,16]")), ByteArray(16)),
          "bytes 0 to 8 before tensor 'w' belong to no tensor",
        ),
        Row(
          "overlapping tensors",
          safetensors(json(tensor(), tensor(offsets = "[4,12]").replace("\"w\"", "\"v\"")), ByteArray(12)),
          "tensor 'v' overlaps another one at byte 4",
        ),
        Row(
          "a tensor without dtype",
          safetensors("""{"w":{"shape":[2],"data_offsets":[0,8]}}""", data),
          "tensor 'w' needs dtype, shape and data_offsets",
        ),
        Row(
          "a tensor with two shapes",
          safetensors("""{"w":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}""", data),
          "tensor 'w' has two entries 'shape'",
        ),
        Row(
          "a tensor with an unknown entry",
          safetensors("""{"w":{"dtype":"F32","strides":[2]}}"""),
          "tensor 'w' has an unknown entry 'strides'",
        ),
        Row(
          "a tensor that is null",
          safetensors("""{"w":null}"""),
          "tensor 'w' is not described by an object but by null",
        ),
      )
      .forEach { row -> test("${row.name} is refused") { complaint(row.bytes) shouldContain row.complaint } }

    test("a folder is refused") { complaint(folder) shouldContain "is a folder" }

    test("a file that is not there is refused") {
      complaint(folder.resolve("nowhere.safetensors")) shouldContain "there is no such file"
    }

    test("a header that claims 90 MB of a small file costs no memory") {
      val bean = java.lang.management.ManagementFactory.getThreadMXBean() as com.sun.management.ThreadMXBean
      val bytes = littleEndian { putLong(90_000_000) } + "{}".toByteArray()
      val path = Files.createTempFile(folder, "claim", ".safetensors").also { it.writeBytes(bytes) }
      val before = bean.currentThreadAllocatedBytes
      complaint(path) shouldContain "claims a header of 90000000 bytes, but the whole file has only 10"
      bean.currentThreadAllocatedBytes - before shouldBeLessThan 10_000_000L
    }

    test("a shape of terabytes in a sparse file is refused before anything is allocated") {
      val header = json(tensor(shape = "[1099511627776]", offsets = "[0,1024]"))
      val path = Files.createTempFile(folder, "sparse", ".safetensors").also { it.writeBytes(safetensors(header)) }
      RandomAccessFile(path.toFile(), "rw").use { it.setLength(it.length() + 1024) }
      complaint(path) shouldContain "which is 4398046511104 bytes, but data_offsets span 1024"
    }
  })
