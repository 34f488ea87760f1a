package io.github.diffusionhost.engine.safetensors

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.engine.support.golden.Golden
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.maps.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readBytes
import kotlin.io.path.writeText

class SafetensorsWriterSpec :
  FunSpec({
    val folder = tempdir().toPath()

    test("the bytes are those of the format: length, padded header, data") {
      val path = folder.resolve("bytes.safetensors")
      NDManager.newBaseManager().use { manager ->
        SafetensorsWriter.write(path, mapOf("w" to manager.create(floatArrayOf(1f, 2f))), mapOf("a" to "b"))
      }
      val json = """{"__metadata__":{"a":"b"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"""
      val padded = json + " ".repeat((8 - json.length % 8) % 8)
      path.readBytes().toList() shouldContainExactly
        safetensors(padded, littleEndian { putFloat(1f).putFloat(2f) }).toList()
    }

    test("every type and shape comes back as it was written, in the order given") {
      val path = folder.resolve("types.safetensors")
      NDManager.newBaseManager().use { manager ->
        val numbers = manager.create(floatArrayOf(0f, 1f, 2f, 3f, 100f, 7f), Shape(2, 3))
        val given = LinkedHashMap<String, NDArray>()
        given["bool"] = manager.create(booleanArrayOf(true, false, true))
        for (type in TensorType.entries.filter { it != TensorType.BOOL }) {
          given[type.name] = numbers.toType(type.arrayType(), true)
        }
        given["scalar"] = manager.create(2.5f)
        given["nothing"] = manager.create(Shape(0, 4), DataType.FLOAT32)
        given["transposed"] = numbers.transpose()
        SafetensorsWriter.write(path, given, mapOf())
        SafetensorsFile.open(path).use { opened ->
          opened.tensors().keys.toList() shouldContainExactly given.keys.toList()
          for ((name, array) in given) {
            val read = opened.read(name, manager)
            read.dataType shouldBe array.dataType
            read.shape shouldBe array.shape
            read.toByteArray().toList() shouldContainExactly array.duplicate().toByteArray().toList()
          }
          opened.read("transposed", manager).toFloatArray().toList() shouldContainExactly
            listOf(0f, 3f, 1f, 100f, 2f, 7f)
        }
      }
    }

    test("each tensor is aligned to its element, whatever the order") {
      val path = folder.resolve("aligned.safetensors")
      NDManager.newBaseManager().use { manager ->
        val given =
          linkedMapOf(
            "odd" to manager.create(ByteArray(3)),
            "float" to manager.create(FloatArray(3)),
            "long" to manager.create(LongArray(1)),
          )
        SafetensorsWriter.write(path, given, mapOf())
      }
      SafetensorsFile.open(path).use { opened ->
        opened.tensors().mapValues { it.value.begin() } shouldContainExactly
          mapOf("odd" to 20L, "float" to 8L, "long" to 0L)
      }
    }

    test("a tensor larger than the buffer goes through in pieces") {
      val path = folder.resolve("large.safetensors")
      NDManager.newBaseManager().use { manager ->
        val large = manager.arange(5_000_001f).reshape(3, 1_666_667)
        SafetensorsWriter.write(path, mapOf("large" to large), mapOf())
        SafetensorsFile.open(path).use { opened ->
          val read = opened.read("large", manager)
          read.shape shouldBe large.shape
          read.contentEquals(large) shouldBe true
        }
      }
    }

    test("writing leaves no arrays behind") {
      NDManager.newBaseManager().use { manager ->
        val array = manager.create(floatArrayOf(1f))
        SafetensorsWriter.write(folder.resolve("flat.safetensors"), mapOf("w" to array), mapOf())
        manager.managedArrays shouldContainExactly listOf(array)
      }
    }

    test("names and metadata may hold any text") {
      val path = folder.resolve("text.safetensors")
      val name = "block.0/\"quoted\" \\ \n Größe 字 \u2028"
      NDManager.newBaseManager().use { manager ->
        SafetensorsWriter.write(path, mapOf(name to manager.create(1f)), mapOf(name to name))
      }
      SafetensorsFile.open(path).use { opened ->
        opened.tensors().keys.toList() shouldContainExactly listOf(name)
        opened.metadata() shouldContainExactly mapOf(name to name)
      }
    }

    test("golden weights written again are the same file, byte for byte") {
      val original = Golden.packed.file("dit/weights.safetensors")
      val copy = folder.resolve("weights.safetensors")
      NDManager.newBaseManager().use { manager ->
        SafetensorsFile.open(original).use { SafetensorsWriter.write(copy, it.readAll(manager), it.metadata()) }
      }
      Files.mismatch(original, copy) shouldBe -1L
    }

    test("what cannot be written is refused, and a file that was there stays as it was") {
      val path = Files.createDirectory(folder.resolve("refused")).resolve("kept.safetensors")
      path.writeText("what was there")
      NDManager.newBaseManager().use { manager ->
        val tensors = mapOf("__metadata__" to manager.create(1f))
        shouldThrow<IllegalArgumentException> { SafetensorsWriter.write(path, tensors, mapOf()) }.message shouldContain
          "a tensor cannot be named __metadata__"
      }
      path.readBytes().decodeToString() shouldBe "what was there"
      path.parent.listDirectoryEntries() shouldContainExactly listOf(path)
    }
  })
