package io.github.diffusionhost.app.gpu.install

import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.createFile
import kotlin.io.path.deleteExisting
import kotlin.io.path.readBytes
import kotlin.io.path.readSymbolicLink
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

/** libtorch from files that are there. */
@Tags("Slow")
class OfflineInstallSpec :
  FunSpec({
    val root = tempdir().toPath()
    var number = 0
    fun folder(): Path = root.resolve("from${number++}").createDirectories()
    fun installing() = Installing(root.resolve("cache${number++}"))

    val torch = StandIns.wheelName(StandIns.torch)
    val cublas = StandIns.wheelName(StandIns.CUBLAS)
    val pip = StandIns.TORCH.map { "torch/lib/$it" }.toSet() + StandIns.NEEDS.values

    test("a folder of wheels, and the wheels one by one, their names as an address spells them") {
      val wheels = StandIns.write(folder(), StandIns.wheels())
      installing().apply { run(wheels) }.libraries().keys shouldBe pip
      val single = StandIns.write(folder(), StandIns.wheels().mapKeys { (name, _) -> name.replace("+", "%2B") })
      val paths = StandIns.wheels().keys.map { single.resolve(it.replace("+", "%2B")) }
      installing().apply { run(*paths.toTypedArray()) }.libraries().keys shouldBe pip
      val two = folder()
      StandIns.write(two, StandIns.wheels() - torch)
      val alone = folder().resolve(torch).also { it.writeBytes(StandIns.wheels().getValue(torch)) }
      installing().apply { run(two, alone) }.libraries().keys shouldBe pip
    }

    test("what pip has installed") {
      val installing = installing()
      installing.run(StandIns.sitePackages(folder()))
      installing.libraries().keys shouldBe pip
      val named = installing.installed().folder.resolve("cudart/libcudart.so")
      named.readSymbolicLink().toString() shouldBe "../nvidia/cuda_runtime/lib/libcudart.so.12"
      named.readBytes() shouldBe StandIns.library("nvidia/cuda_runtime/lib/libcudart.so.12")
    }

    test("libtorch for C++, unpacked and as a zip: CUDA's runtime gets the name by which it is looked for") {
      val unpacked = StandIns.write(folder(), StandIns.flat())
      val zipped = folder().resolve("libtorch-shared.zip").also { it.writeBytes(StandIns.zip(StandIns.flat())) }
      for (from in listOf(unpacked, unpacked.resolve("libtorch"), zipped, zipped.parent)) {
        withClue(from) {
          val installing = installing()
          installing.run(from)
          val folder = installing.installed().folder
          installing.installed().problem shouldBe null
          installing.installed().record?.cudart shouldBe "cudart"
          val named = folder.resolve("cudart/libcudart.so")
          named.readSymbolicLink().toString() shouldBe "../torch/lib/libcudart-c3a75b33.so.12"
          named.readBytes() shouldBe StandIns.library("libcudart-c3a75b33.so.12")
        }
      }
    }

    class Row(val words: String, val expected: String, val make: (Path) -> Unit)

    val rows =
      listOf(
        Row(
          "parts that are missing, all of them",
          "libtorch 2.7.1 for CUDA 12.8 cannot be put together: nvidia-cublas-cu12 12.8.3.14 is missing in FOLDER; " +
            "nvidia-cusparselt-cu12 0.6.3 is missing in FOLDER",
        ) {
          StandIns.write(it, StandIns.wheels() - cublas - StandIns.wheelName(StandIns.CUSPARSELT))
        },
        Row("no torch", "torch 2.7.1+cu128 is missing in FOLDER") { StandIns.write(it, StandIns.wheels() - torch) },
        Row("a part of another version", "nvidia-cublas-cu12 in FOLDER is 12.6.4.1, and 12.8.3.14 is needed") {
          val other = Requirement("nvidia-cublas-cu12", "12.6.4.1")
          val bytes = StandIns.wheel(other, StandIns.filesOf(StandIns.CUBLAS))
          StandIns.write(it, StandIns.wheels() - cublas + (StandIns.wheelName(other) to bytes))
        },
        Row("torch of another version", "torch in FOLDER is 2.6.0+cu124, and 2.7.1+cu128 is needed") {
          val other = Requirement("torch", "2.6.0+cu124")
          val bytes = StandIns.wheel(other, StandIns.torchFiles(), StandIns.NEEDS.keys)
          StandIns.write(it, mapOf(StandIns.wheelName(other) to bytes))
        },
        Row("torch for the CPU", "torch in FOLDER is a build for the CPU (2.7.1+cpu)") {
          val other = Requirement("torch", "2.7.1+cpu")
          StandIns.write(it, mapOf(StandIns.wheelName(other) to StandIns.wheel(other, StandIns.torchFiles())))
        },
        Row("torch that needs nothing of NVIDIA's", "torch in FOLDER is a build for the CPU") {
          StandIns.write(it, mapOf(torch to StandIns.wheel(StandIns.torch, StandIns.torchFiles())))
        },
        Row("libtorch for C++ for the CPU", "torch in FOLDER is a build for the CPU (2.7.1+cpu)") {
          StandIns.write(it, StandIns.flat("2.7.1+cpu"))
        },
        Row("libtorch for C++ of another version", "torch in FOLDER is 2.8.0+cu128, and 2.7.1+cu128 is needed") {
          StandIns.write(it, StandIns.flat("2.8.0+cu128"))
        },
        Row(
          "libtorch for C++ that is not whole",
          "lacks libtorch_cuda.so, libcudart.so.12: it is a build for the CPU",
        ) {
          StandIns.write(it, StandIns.flat().filterKeys { name -> "cudart" !in name && "torch_cuda" !in name })
        },
        Row("libtorch for C++ without its version", "has no file build-version") {
          StandIns.write(it, StandIns.flat() - "libtorch/build-version")
        },
        Row("libraries without the word of which version they are", "no torch-….dist-info that says which version") {
          StandIns.write(it, StandIns.torchFiles())
        },
        Row("an empty folder", "is nothing that libtorch can be taken from") {},
        Row("a wheel that is another one inside", "is torch 2.7.0+cu128 inside") {
          val bytes = StandIns.wheel(Requirement("torch", "2.7.0+cu128"), StandIns.torchFiles(), StandIns.NEEDS.keys)
          StandIns.write(it, StandIns.wheels() + (torch to bytes))
        },
        Row("a wheel that is no zip", "cannot be read as a zip") {
          StandIns.write(it, StandIns.wheels() + (torch to ByteArray(1000)))
        },
        Row("a wheel without RECORD", "is no whole wheel: it has no RECORD") {
          val metadata =
            "${StandIns.information(StandIns.torch)}/METADATA" to StandIns.metadata(StandIns.torch).toByteArray()
          StandIns.write(it, StandIns.wheels() + (torch to StandIns.zip(StandIns.torchFiles() + metadata)))
        },
        Row("a library that RECORD does not list", "its RECORD has no SHA-256 of torch/lib/libmore.so") {
          val more = mapOf("torch/lib/libmore.so" to StandIns.library("more"))
          val bytes = StandIns.wheel(StandIns.torch, StandIns.torchFiles(), StandIns.NEEDS.keys, damaged = more)
          StandIns.write(it, StandIns.wheels() + (torch to bytes))
        },
        Row("a name that leads out", "'../libevil.so' leads out of it") {
          val files = StandIns.torchFiles() + ("../libevil.so" to StandIns.library("evil"))
          StandIns.write(it, StandIns.wheels() + (torch to StandIns.wheel(StandIns.torch, files, StandIns.NEEDS.keys)))
        },
        Row("a name from the root", "'/etc/libevil.so' leads out of it") {
          val files = StandIns.torchFiles() + ("/etc/libevil.so" to StandIns.library("evil"))
          StandIns.write(it, StandIns.wheels() + (torch to StandIns.wheel(StandIns.torch, files, StandIns.NEEDS.keys)))
        },
        Row("a link in the place of a library", "torch/lib/libtorch.so in $torch is no shared library") {
          // Its content is the name of what it leads to.
          val files = StandIns.torchFiles() + ("torch/lib/libtorch.so" to "/etc/passwd".toByteArray())
          StandIns.write(it, StandIns.wheels() + (torch to StandIns.wheel(StandIns.torch, files, StandIns.NEEDS.keys)))
        },
        Row("a part without a library", "holds no shared library of nvidia-cublas-cu12 12.8.3.14") {
          val bytes = StandIns.wheel(StandIns.CUBLAS, mapOf("nvidia/cublas/include/cublas.h" to ByteArray(9)))
          StandIns.write(it, StandIns.wheels() + (cublas to bytes))
        },
        Row(
          "what pip has installed, and somebody has taken apart",
          "FOLDER lacks nvidia/cublas/lib/libcublas.so.12 of nvidia-cublas-cu12 12.8.3.14; install that anew with pip",
        ) {
          StandIns.sitePackages(it).resolve("nvidia/cublas/lib/libcublas.so.12").deleteExisting()
        },
        Row("what pip has installed, without RECORD", "FOLDER has no RECORD of nvidia-cublas-cu12 12.8.3.14") {
          StandIns.sitePackages(it).resolve("${StandIns.information(StandIns.CUBLAS)}/RECORD").deleteExisting()
        },
        Row("a foreign library among torch's own", "torch/lib/libmine.so in $cublas would lie among torch's own") {
          val files = StandIns.filesOf(StandIns.CUBLAS) + ("torch/lib/libmine.so" to StandIns.library("mine"))
          StandIns.write(it, StandIns.wheels() + (cublas to StandIns.wheel(StandIns.CUBLAS, files)))
        },
      )
    for (row in rows) {
      test("refused, with the reason: ${row.words}") {
        val from = folder().also(row.make)
        val installing = installing()
        installing.refusal(from).message shouldContain row.expected.replace("FOLDER", "$from")
        installing.left().filter { it != ".install.lock" } shouldContainExactly emptyList()
      }
    }

    test("the same library in two parts is refused") {
      val path = "nvidia/cuda_runtime/lib/libcudart.so.12"
      val files = StandIns.filesOf(StandIns.CUBLAS) + (path to StandIns.library(path))
      val from = StandIns.write(folder(), StandIns.wheels() + (cublas to StandIns.wheel(StandIns.CUBLAS, files)))
      installing().refusal(from).message shouldContain "$path in"
    }

    test("an entry that is there twice is refused") {
      val name = "nvidia/cublas/lib/libcublas.so.12"
      val other = "nvidia/cublas/lib/libcublas.so.13"
      val files = StandIns.filesOf(StandIns.CUBLAS) + (other to StandIns.library(other))
      val text = String(StandIns.wheel(StandIns.CUBLAS, files), Charsets.ISO_8859_1)
      // Both entries get one name, which Java's own writer refuses to write.
      val bytes = text.replace(other, name).toByteArray(Charsets.ISO_8859_1)
      val from = StandIns.write(folder(), StandIns.wheels() + (cublas to bytes))
      installing().refusal(from).message shouldContain "'$name' is in it twice"
    }

    test("what is no file, no wheel and no zip is wrong usage") {
      val other = folder().resolve("torch.tar.gz").createFile()
      val foreign = folder().resolve(torch.replace("x86_64", "aarch64")).createFile()
      for ((path, words) in
        mapOf(
          root.resolve("none") to "no such file or folder",
          other to "is nothing that libtorch can be taken from",
          foreign to "its name is that of no wheel for Linux x86-64",
        )) {
        val refused = installing().refusal(path)
        refused.message shouldStartWith "--from $path"
        refused.message shouldContain words
        refused.exitCode shouldBe ExitCode.USAGE
      }
    }

    test("a site-packages whose file is not that of its RECORD is refused") {
      val folder = StandIns.sitePackages(folder())
      folder.resolve("nvidia/cublas/lib/libcublas.so.12").writeBytes(StandIns.library("other"))
      installing().refusal(folder).message shouldContain "libcublas.so.12 in ${folder.fileName} has another SHA-256"
    }

    test("a dry run says what it takes") {
      val wheels = StandIns.write(folder(), StandIns.wheels())
      val installing = installing()
      installing.run(wheels, dryRun = true, free = 2L shl 30) shouldStartWith "1 MiB on disk from $wheels; 2.0 GiB free"
      installing.left() shouldContainExactly emptyList()
    }

    test("too little room is refused before anything is unpacked") {
      val wheels = StandIns.write(folder(), StandIns.wheels())
      val installing = installing()
      val refused =
        shouldThrow<UserError> {
          installing.run(wheels, free = 1000)
        }
      refused.message shouldContain "are needed, and 0 MiB are free"
      installing.left() shouldContainExactly listOf(".install.lock")
    }

    test("a file that is gone, one of another size, and a name that is gone are problems") {
      for ((path, words) in
        mapOf(
          "torch/lib/libc10.so" to "torch/lib/libc10.so is missing",
          "nvidia/cublas/lib/libcublas.so.12" to "nvidia/cublas/lib/libcublas.so.12 has another size than was written",
          "cudart/libcudart.so" to "cudart/libcudart.so is missing",
        )) {
        val installing = installing()
        installing.run(StandIns.write(folder(), StandIns.wheels()))
        val file = installing.installed().folder.resolve(path)
        if ("size" in words) file.writeText("short") else file.deleteExisting()
        installing.installed().problem shouldBe words
      }
    }

    test("a record that cannot be read is a problem, and is told") {
      val installing = installing()
      installing.run(StandIns.write(folder(), StandIns.wheels()))
      val record = installing.installed().folder.resolve("installation.json")
      record.writeText("{")
      installing.installed().problem.orEmpty() shouldStartWith "installation.json cannot be read"
      installing.run(StandIns.write(folder(), StandIns.wheels())) shouldContain "is installed in"
      installing.installed().problem shouldBe null
    }
  })
