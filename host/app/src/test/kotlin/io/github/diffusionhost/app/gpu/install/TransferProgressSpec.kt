package io.github.diffusionhost.app.gpu.install

import io.github.diffusionhost.api.dataset.RemoteFile
import io.github.diffusionhost.app.terminal.StatusLine
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import java.io.ByteArrayOutputStream
import java.io.PrintStream

class TransferProgressSpec :
  FunSpec({
    test("without a terminal there is a line for each tenth of all files, with the speed since it began") {
      val out = ByteArrayOutputStream()
      var now = 0L
      val mebibyte = 1L shl 20
      val progress = TransferProgress(StatusLine(PrintStream(out, true), null), "downloading", 100 * mebibyte) { now }
      val (one, other) = listOf("a", "b").map { RemoteFile(it, listOf(), 50 * mebibyte, "") }
      progress.update(one, 20 * mebibyte) // was there already
      now = 2_000_000_000
      progress.update(one, 50 * mebibyte)
      progress.update(other, 5 * mebibyte)
      now = 4_000_000_000
      progress.update(other, 30 * mebibyte)
      progress.update(other, 50 * mebibyte)
      progress.end()
      "$out".trim().lines() shouldContainExactly
        listOf(
          "downloading: 20 MiB of 100 MiB",
          "downloading: 50 MiB of 100 MiB  15 MiB/s  3 s left",
          "downloading: 80 MiB of 100 MiB  15 MiB/s  1 s left",
        )
    }
  })
