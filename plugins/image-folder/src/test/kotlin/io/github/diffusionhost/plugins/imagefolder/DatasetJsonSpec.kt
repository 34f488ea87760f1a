package io.github.diffusionhost.plugins.imagefolder

import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.engine.support.labels
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import java.nio.file.Path

/** Labels in `dataset.json`, as NVIDIA's dataset tool writes them; its folders are no classes. */
class DatasetJsonSpec :
  FunSpec({
    val images = numbered("00000/img00000000.png", "00000/img00000001.png", "00001/img00000002.png")

    fun json(labels: String) = mapOf("dataset.json" to labels.toByteArray())

    fun rows(vararg labels: Int) =
      labels.withIndex().joinToString(prefix = "{\"labels\": [", postfix = "]}") { (i, label) ->
        "[\"${images.keys.elementAt(i)}\", $label]"
      }

    fun places(files: Map<String, ByteArray>): List<Path> =
      listOf(
        tempdir().toPath().tree(files),
        tempdir().toPath().resolve("a.zip").zip(files),
        tempdir().toPath().tree(files.mapKeys { "set/${it.key}" }),
      )

    fun fault(labels: String): String =
      shouldThrow<IOException> { open(tempdir().toPath().tree(images + json(labels))).close() }
        .message!!
        .also { it.lines().size shouldBe 1 }

    test("labels come from the file, in a folder, in a zip, and in a folder around") {
      for (root in places(images + json(rows(2, 0, 2)))) {
        open(root, "channels" to 1).use { dataset ->
          dataset.classNames() shouldContainExactly listOf("0", "1", "2")
          dataset.labels() shouldContainExactly listOf(0, 2, 2)
          dataset.images().map { it.single() } shouldContainExactly listOf(1, 0, 2)
        }
      }
    }

    test("a single folder of images is none around them") {
      val one = images.mapKeys { it.key.replace("00001/", "00000/") }
      for (root in places(one + json(rows(1, 0, 0).replace("00001/", "00000/")))) {
        open(root, "channels" to 1).use { it.labels() shouldContainExactly listOf(0, 0, 1) }
      }
    }

    test("labels that are null are images without classes") {
      for (root in places(images + json("{\"labels\": null}"))) {
        open(root, "channels" to 1).use { dataset ->
          dataset.classNames().shouldBeEmpty()
          dataset.images().map { it.single() } shouldContainExactly listOf(0, 1, 2)
        }
      }
    }

    test("a dataset.json without labels is somebody else's, and folders are classes") {
      open(tempdir().toPath().tree(images + json("{\"name\": [1, {\"a\": \"}]\"}], \"n\": 3}")), "channels" to 1).use {
        it.classNames() shouldContainExactly listOf("00000", "00001")
      }
    }

    test("escapes, backslashes, other members and a byte-order mark") {
      val text =
        "\ufeff { \"a\": {\"labels\": [\"]\"]}, \"labels\" : [ [\"00000\\\\img00000000.png\" , 1],\n" +
          "[\"0\\u0030000/img00000001.png\", 0], [\"00001\\/img00000002.png\", 1] ], \"z\": [] }"
      open(tempdir().toPath().tree(images + json(text)), "channels" to 1).use {
        it.labels() shouldContainExactly listOf(0, 1, 1)
      }
    }

    test("each part of a dataset has its own file, and classes are those of training") {
      val parts =
        images.mapKeys { "train/${it.key}" } +
          mapOf("train/dataset.json" to rows(3, 0, 1).toByteArray()) +
          images.mapKeys { "val/${it.key}" } +
          mapOf("val/dataset.json" to rows(2, 2, 0).toByteArray())
      open(tempdir().toPath().tree(parts), split = Split.TEST).use {
        it.classNames() shouldContainExactly listOf("0", "1", "2", "3")
        it.labels() shouldContainExactly listOf(0, 2, 2)
      }
    }

    for ((what, row) in
      mapOf(
        "an image without label" to (rows(1, 0) to "00001/img00000002.png has no label in "),
        "a label twice" to (rows(1, 0, 1).replace("000001.png", "000000.png") to "names 00000/img00000000.png twice"),
        "labels that are no classes" to (rows(1, 0, 1).replace("1]", "[0.5, 1]]") to "is a list of numbers"),
        "a negative label" to (rows(1, 0, -1) to "is -1, and labels are whole numbers from 0"),
        "a label that is no whole number" to (rows(1, 0, 1).replace("0]", "0.5]") to "is 0.5, and labels are whole"),
        "an absurd label" to (rows(1, 0, 1).replace("0]", "99999999999]") to "is 99999999999, and labels are"),
        "a list of names" to ("{\"labels\": [\"cat\", \"dog\"]}" to "it is not JSON as dataset_tool.py writes it"),
        "a file that breaks off" to (rows(1, 0, 1).dropLast(9) to "it breaks off"),
        "a file of something else" to ("labels" to "it is not JSON as dataset_tool.py writes it"),
        "deep brackets" to ("{\"a\": " + "[".repeat(100_000) to "it breaks off"),
      )) {
      test("$what is one clear error") {
        fault(row.first) shouldContain row.second
        fault(row.first) shouldContain "dataset.json"
      }
    }
  })
