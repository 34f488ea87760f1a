package io.github.diffusionhost.app.config

import io.github.diffusionhost.api.TrackerProvider
import io.github.diffusionhost.api.options.Option
import io.github.diffusionhost.api.tracker.TrackedRun
import io.github.diffusionhost.api.tracker.Tracker

@JvmRecord
data class LedgerOptions(
  @all:Option("where the ledger lies") val uri: String?,
  @all:Option("lines on a page", min = 1.0) val lines: Int,
) {
  init {
    require(uri != "sea") { "uri: the sea takes no ledgers" }
  }
}

class Ledger : TrackerProvider<LedgerOptions> {
  override fun name() = "ledger"

  override fun summary() = "a book of runs"

  override fun defaults() = LedgerOptions(null, 40)

  override fun presets() = mapOf("thin" to LedgerOptions(null, 10))

  override fun start(options: LedgerOptions, run: TrackedRun): Tracker = throw UnsupportedOperationException()
}

class Diary : TrackerProvider<NoOptions> {
  override fun name() = "diary"

  override fun summary() = "what happened today"

  override fun defaults() = NoOptions(false)

  override fun start(options: NoOptions, run: TrackedRun): Tracker = throw UnsupportedOperationException()
}
