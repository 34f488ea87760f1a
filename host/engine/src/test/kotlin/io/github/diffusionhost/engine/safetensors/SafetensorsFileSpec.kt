package io.github.diffusionhost.engine.safetensors

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.engine.support.golden.Golden
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.floats.plusOrMinus
import io.kotest.matchers.maps.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.extension
import kotlin.io.path.writeBytes
import kotlin.streams.asSequence

class SafetensorsFileSpec :
  FunSpec({
    val folder = tempdir().toPath()
    fun file(json: String, data: ByteArray = ByteArray(0)): Path =
      Files.createTempFile(folder, "t", ".safetensors").also { it.writeBytes(safetensors(json, data)) }

    test("a hand-made file gives its tensors in the header's order, with types, shapes and values") {
      val data = littleEndian { putFloat(1.5f).putFloat(-2f).putLong(7) }
      val json =
        """{"__metadata__":{"format":"pt"},""" +
          """"b":{"dtype":"I64","shape":[],"data_offsets":[8,16]},""" +
          """"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}"""
      SafetensorsFile.open(file(json, data)).use { opened ->
        opened.tensors().keys.toList() shouldContainExactly listOf("b", "a")
        opened.tensors()["a"] shouldBe TensorInfo(TensorType.F32, Shape(1, 2), 0, 8)
        opened.metadata() shouldContainExactly mapOf("format" to "pt")
        NDManager.newBaseManager().use { manager ->
          val all = opened.readAll(manager)
          all.getValue("a").shape shouldBe Shape(1, 2)
          all.getValue("a").toFloatArray().toList() shouldContainExactly listOf(1.5f, -2f)
          all.getValue("b").shape shouldBe Shape()
          all.getValue("b").getLong() shouldBe 7L
        }
      }
    }

    test("bf16, f16 and f64 are read as float32") {
      // 0x3FC0 is 1.5 and 0xC049 is -3.140625 in bfloat16; 0x3E00 is 1.5 and 0xC248 -3.140625 in half precision
      val data = littleEndian {
        putDouble(0.1).putDouble(-3.0)
        putShort(0x3FC0).putShort(0xC049.toShort())
        putShort(0x3E00).putShort(0xC248.toShort())
      }
      val json =
        """{"d":{"dtype":"F64","shape":[2],"data_offsets":[0,16]},""" +
          """"b":{"dtype":"BF16","shape":[2],"data_offsets":[16,20]},""" +
          """"h":{"dtype":"F16","shape":[2],"data_offsets":[20,24]}}"""
      SafetensorsFile.open(file(json, data)).use { opened ->
        NDManager.newBaseManager().use { manager ->
          opened.readFloat32("d", manager).toFloatArray().toList() shouldContainExactly listOf(0.1f, -3f)
          opened.readFloat32("b", manager).toFloatArray().toList() shouldContainExactly listOf(1.5f, -3.140625f)
          opened.readFloat32("h", manager).toFloatArray().toList() shouldContainExactly listOf(1.5f, -3.140625f)
          opened.read("h", manager).dataType shouldBe DataType.FLOAT16
          opened.read("d", manager).toDoubleArray().toList() shouldContainExactly listOf(0.1, -3.0)
        }
      }
    }

    test("16-bit integers are read as int32") {
      val data = littleEndian { putShort(-32768).putShort(-1).putShort(32767) }
      SafetensorsFile.open(file("""{"n":{"dtype":"I16","shape":[3],"data_offsets":[0,6]}}""", data)).use { opened ->
        NDManager.newBaseManager().use { manager ->
          opened.read("n", manager).toIntArray().toList() shouldContainExactly listOf(-32768, -1, 32767)
        }
      }
    }

    test("integers are not read as float32") {
      val path = file("""{"n":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}""", ByteArray(4))
      SafetensorsFile.open(path).use { opened ->
        NDManager.newBaseManager().use { manager ->
          shouldThrow<SafetensorsException> { opened.readFloat32("n", manager) }.message shouldContain
            "tensor 'n' is I32; floating-point numbers are expected"
        }
      }
    }

    test("a tensor that is not there is an error that names those that are") {
      val path = file("""{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", ByteArray(1))
      SafetensorsFile.open(path).use { opened ->
        NDManager.newBaseManager().use { manager ->
          shouldThrow<SafetensorsException> { opened.read("v", manager) }.message shouldContain
            "has no tensor 'v'; it has w"
        }
      }
    }

    test("a file that shrinks after it was opened is an error, not garbage") {
      val path = file("""{"w":{"dtype":"U8","shape":[64],"data_offsets":[0,64]}}""", ByteArray(64))
      SafetensorsFile.open(path).use { opened ->
        Files.write(path, Files.readAllBytes(path).copyOf(80))
        NDManager.newBaseManager().use { manager ->
          shouldThrow<SafetensorsException> { opened.read("w", manager) }.message shouldContain
            "the file became shorter while it was read"
        }
      }
    }

    test("reading leaves no arrays behind but the result") {
      val path = file("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", ByteArray(8))
      SafetensorsFile.open(path).use { opened ->
        NDManager.newBaseManager().use { manager ->
          val array = opened.read("w", manager)
          manager.managedArrays shouldContainExactly listOf(array)
        }
      }
    }

    test("an empty header is a file without tensors, and trailing spaces are padding") {
      SafetensorsFile.open(file("{}      ")).use { it.tensors().size shouldBe 0 }
    }

    test("tensors without elements are read") {
      val path = file("""{"e":{"dtype":"F32","shape":[0,3],"data_offsets":[0,0]}}""")
      SafetensorsFile.open(path).use { opened ->
        NDManager.newBaseManager().use { manager -> opened.read("e", manager).shape shouldBe Shape(0, 3) }
      }
    }

    test("every golden file opens, and reads as its header says") {
      val packed = Golden.packedFiles.filter { it.endsWith(".safetensors") }.map { Golden.packed.file(it) }
      packed.shouldNotBeEmpty()
      val full =
        Golden.installed?.let { folder ->
          Files.walk(folder).use { walk -> walk.asSequence().filter { it.extension == "safetensors" }.toList() }
        }
      for (path in packed + full.orEmpty()) {
        withClue(path) {
          SafetensorsFile.open(path).use { opened ->
            NDManager.newBaseManager().use { manager ->
              opened.readAll(manager).forEach { (name, array) ->
                val info = opened.tensors().getValue(name)
                array.shape shouldBe info.shape()
                array.dataType shouldBe info.type().arrayType()
              }
            }
          }
        }
      }
    }

    test("golden numbers come out") {
      NDManager.newBaseManager().use { manager ->
        SafetensorsFile.open(Golden.packed.file("flowmatch/sigmas.safetensors")).use { opened ->
          for (name in opened.tensors().keys.filter { it.endsWith(".sigmas") }) {
            val sigmas = opened.readFloat32(name, manager).toFloatArray()
            withClue(name) {
              sigmas.last() shouldBe 0f
              sigmas.first() shouldBe (1f plusOrMinus 1e-6f)
            }
          }
        }
        SafetensorsFile.open(Golden.packed.file("ddpm/schedule.safetensors")).use { opened ->
          val betas = opened.read("betas", manager).toDoubleArray()
          betas.size shouldBe 1000
          betas.first() shouldBe 1e-4
          betas.last() shouldBe 0.02
          opened.read("variance_fixed_small", manager).toDoubleArray().first() shouldBe 1e-20
        }
      }
    }
  })

fun littleEndian(write: ByteBuffer.() -> Unit): ByteArray {
  val buffer = ByteBuffer.allocate(1 shl 16).order(ByteOrder.LITTLE_ENDIAN).apply(write)
  return buffer.array().copyOf(buffer.position())
}

/** The bytes of a file with this header. */
fun safetensors(json: String, data: ByteArray = ByteArray(0)): ByteArray {
  val header = json.toByteArray()
  return littleEndian { putLong(header.size.toLong()) } + header + data
}
