package io.github.diffusionhost.app.gpu.install

import io.github.diffusionhost.api.files.Aside
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.download.DownloadException
import io.github.diffusionhost.engine.download.LocalServer
import io.github.diffusionhost.engine.download.send
import io.github.diffusionhost.engine.download.sendCut
import io.github.diffusionhost.engine.download.status
import io.github.diffusionhost.engine.files.Sha256
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.maps.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.CountDownLatch
import java.util.concurrent.FutureTask
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.concurrent.thread
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.fileSize
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readSymbolicLink
import kotlin.io.path.writeText

/** libtorch from an index of wheels. */
@Tags("Slow")
class DownloadedInstallSpec :
  FunSpec({
    val root = tempdir().toPath()
    val server = LocalServer()
    var number = 0
    afterSpec { server.close() }

    fun index(withMetadata: Boolean = true) = StandInIndex(server, "/index${number++}", withMetadata)

    fun StandInIndex.offerAll() = apply { StandIns.wheels().forEach { (name, bytes) -> offer(name, bytes) } }

    fun installing(index: StandInIndex, vararg others: StandInIndex) =
      Installing(root.resolve("cache${number++}"), index.address, others.map { it.address })

    val torch = StandIns.wheelName(StandIns.torch)
    val expected =
      StandIns.TORCH.associate { "torch/lib/$it" to StandIns.library(it) } +
        StandIns.NEEDS.values.associateWith { StandIns.library(it) }

    fun Installing.isWhole() {
      installed().problem shouldBe null
      libraries().mapValues { it.value.size } shouldContainExactly expected.mapValues { it.value.size }
      libraries().all { (path, bytes) -> bytes.contentEquals(expected.getValue(path)) } shouldBe true
    }

    for (withMetadata in listOf(true, false)) {
      val how = if (withMetadata) "from the index" else "from the wheel itself, where the index does not say"
      test(
        "everything is downloaded, checked, unpacked as pip lays it out, and cleared away; what is needed is known $how"
      ) {
        val installing = installing(index(withMetadata).offerAll())
        installing.run() shouldStartWith "libtorch 2.7.1 for CUDA 12.8 is installed in "
        installing.isWhole()
        installing.left() shouldContainExactly listOf(".install.lock", "2.7.1-cu128")
        val record = checkNotNull(installing.installed().record)
        record.cudart shouldBe "cudart"
        record.source shouldContain "/index"
        record.files.map { it.path }.toSet() shouldBe expected.keys
        // torch 2.7 looks for it where older wheels had it
        val old = installing.installed().folder.resolve("cusparselt")
        old.readSymbolicLink().toString() shouldBe "nvidia/cusparselt"
        installing.told.first() shouldContain Regex("MiB to download, about \\d+ MiB on disk; 1024.0 GiB free")
        installing.told.last() shouldStartWith "unpacking: "
      }
    }

    test("a second install says that it is there, and asks nobody") {
      val installing = installing(index().offerAll())
      installing.run()
      val before = server.requests.size
      installing.run() shouldStartWith "libtorch 2.7.1 for CUDA 12.8 is installed already, in "
      installing.run(dryRun = true) shouldContain "installed already"
      server.requests.size shouldBe before
    }

    test("an installation that is not whole is made anew") {
      val installing = installing(index().offerAll())
      installing.run()
      Files.delete(installing.installed().folder.resolve("torch/lib/libtorch.so"))
      installing.installed().problem shouldBe "torch/lib/libtorch.so is missing"
      installing.run()
      installing.isWhole()
    }

    test("a dry run says how much, and makes nothing") {
      val installing = installing(index().offerAll())
      installing.run(dryRun = true, free = 20L shl 30) shouldContain
        Regex("^1 MiB to download, about 1 MiB on disk; 20.0 GiB free in ")
      installing.installations.root.exists() shouldBe false
      installing(index(withMetadata = false).offerAll()).run(dryRun = true) shouldContain
        "torch alone, which says what else it needs once it is there"
    }

    test("downloads stay if that is asked for, and are installed from") {
      val installing = installing(index().offerAll())
      installing.run(keep = true)
      val downloads = installing.installations.downloads
      downloads.listDirectoryEntries("*.whl").map { it.name }.toSet() shouldBe StandIns.wheels().keys
      val again = Installing(root.resolve("again"))
      again.run(downloads)
      again.isWhole()
    }

    test("a download that is cut off fails, keeps what is there, and goes on from it the next time") {
      val index = index()
      val wheels = StandIns.wheels()
      var whole = false
      for ((name, bytes) in wheels) {
        index.offer(name, bytes) { _ -> if (whole || name != torch) send(bytes) else sendCut(bytes, 100_000) }
      }
      val installing = installing(index)
      shouldThrow<DownloadException> { installing.run() }.message shouldContain torch
      val part = installing.installations.downloads.resolve("$torch.part")
      val there = part.fileSize()
      (there > 0) shouldBe true
      installing.installations.all().shouldBeEmpty()
      whole = true
      installing.run(dryRun = true) shouldContain "of it is here already"
      val before = server.requests.size
      installing.run()
      server.requests.drop(before).filter { " bytes=" in it }.map { it.substringAfter(" bytes=") } shouldContainExactly
        listOf("$there-")
      installing.isWhole()
    }

    test("a wheel of another content than the index promises is not taken") {
      val index = index()
      for ((name, bytes) in StandIns.wheels()) index.offer(
        name,
        bytes,
        if (name == torch) "0".repeat(64) else Sha256.of(bytes),
      )
      val installing = installing(index)
      shouldThrow<DownloadException> { installing.run() }.message shouldContain "wrong content"
      installing.installations.all().shouldBeEmpty()
    }

    test("a library of another content than RECORD promises is not taken, and nothing half is left") {
      val other = StandIns.library("other")
      val bytes =
        StandIns.wheel(
          StandIns.CUBLAS,
          StandIns.filesOf(StandIns.CUBLAS),
          damaged = mapOf("nvidia/cublas/lib/libcublas.so.12" to other),
        )
      val broken = index()
      for ((name, wheel) in StandIns.wheels()) {
        broken.offer(name, if (name == StandIns.wheelName(StandIns.CUBLAS)) bytes else wheel)
      }
      val installing = installing(broken)
      installing.refusal().message shouldContain
        "libcublas.so.12 in nvidia_cublas_cu12-12.8.3.14-py3-none-manylinux_2_28_x86_64.whl has another SHA-256 " +
          "than in its RECORD; host gpu remove --all removes what was downloaded"
      installing.left() shouldContainExactly listOf(".install.lock", "downloads")
    }

    test("too little room is said before anything is downloaded") {
      val installing = installing(index().offerAll())
      val before = server.requests.size
      val refused = shouldThrow<UserError> { installing.run(free = 700_000) }
      refused.message shouldContain Regex("2 MiB are needed, and 1 MiB are free; make room there, or set \\w+")
      server.requests.drop(before).none { it.endsWith(".whl") && " " in it } shouldBe true
      installing.installations.downloads.exists() shouldBe false
    }

    test("what an index lacks comes from the next; what all lack is named, all at once") {
      val first = index()
      val second = index()
      for ((name, bytes) in StandIns.wheels()) (if (name == torch) first else second).offer(name, bytes)
      val installing = installing(first, second)
      installing.run()
      installing.isWhole()
      val alone = installing(first)
      alone.refusal().message shouldContain
        "no wheel of nvidia-cublas-cu12 12.8.3.14, nvidia-cuda-runtime-cu12 12.8.57, nvidia-cusparselt-cu12 0.6.3 for"
    }

    test("a mirror of the same wheel helps where the first fails") {
      val first = index()
      for ((name, bytes) in StandIns.wheels()) first.offer(name, bytes) {
        if (name == torch) send(bytes) else status(404)
      }
      val installing = installing(first, index().offerAll())
      installing.run()
      installing.isWhole()
    }

    test("an index that cannot be reached, and one without torch, lead to --from") {
      Installing(root.resolve("none")).refusal().message shouldContain Regex("no connection.*--from FOLDER")
      installing(index()).refusal().message shouldContain "torch/: answers HTTP 404"
      val other = index().apply { offer(torch.replace("x86_64", "aarch64"), ByteArray(9)) }
      installing(other).refusal().message shouldContain "has no wheel of torch 2.7.1+cu128 for Linux x86-64"
    }

    test("of two installs at once the second waits, and finds it done") {
      val index = index()
      val asked = CountDownLatch(1)
      val goOn = CountDownLatch(1)
      for ((name, bytes) in StandIns.wheels()) {
        index.offer(name, bytes) {
          asked.countDown()
          goOn.await(5, SECONDS)
          send(bytes)
        }
      }
      val cache = root.resolve("shared")
      val one = Installing(cache, index.address)
      val other = Installing(cache, index.address)
      val first = FutureTask { one.run() }.also { thread { it.run() } }
      asked.await(5, SECONDS) shouldBe true
      val second = FutureTask { other.run() }.also { thread { it.run() } }
      while (other.told.first().isEmpty()) Thread.sleep(5)
      other.told.first() shouldStartWith "waiting for another install in "
      goOn.countDown()
      first.get(5, SECONDS) shouldContain "is installed in"
      second.get(5, SECONDS) shouldContain "is installed already"
      one.isWhole()
    }

    test("what an install has left that was killed half way is removed by the next") {
      val installing = installing(index().offerAll())
      // A process of this number there is none: Linux counts to 4,194,304 at most.
      val left = installing.installations.root.resolve(".2.7.1-cu128.tmp-999999999-${home()}.01234567")
      left.resolve("torch/lib").createDirectories().resolve("libtorch.so").writeText("half")
      installing.installations.all().shouldBeEmpty()
      installing.run()
      installing.left() shouldNotContain left.name
      installing.isWhole()
    }

    test("elsewhere than on Linux x86-64 it is one error") {
      val installing = Installing(root.resolve("elsewhere"))
      for (platform in
        listOf(Platform("Mac OS X", "aarch64"), Platform("Windows 11", "amd64"), Platform("Linux", "aarch64"))) {
        shouldThrow<UserError> { installing.run(platform = platform) }.message shouldBe
          "libtorch 2.7.1 for CUDA 12.8 is for Linux on x86-64, and this is ${platform.system} on ${platform.processor}"
      }
    }
  })

/** What the names of hidden files of this machine hold. */
private fun home(): String =
  Aside.of(Path.of(System.getProperty("java.io.tmpdir"), "x")).use {
    it.path().name.substringAfter(".tmp-").substringAfter('-').substringBefore('.')
  }
