package io.github.diffusionhost.app.selftest

import ai.djl.ndarray.NDScope
import org.slf4j.Logger
import org.slf4j.LoggerFactory

/** Looks whether a device computes one kind of thing rightly. */
internal interface SelfCheck {
  val area: String

  /** Measures, and hands each figure on as soon as it is there. */
  fun run(subject: Subject, found: (Measured) -> Unit)
}

/** Makes a part of a check; where that needs what is not installed, it is left out, and the others are not. */
internal fun SelfCheck.part(what: String, found: (Measured) -> Unit, block: () -> Unit) {
  try {
    block()
  } catch (e: NotInstalled) {
    found(Measured(area, what, null, null, Outcome.SKIPPED, e.message))
  }
}

/** A check cannot be made without something that is not installed. */
internal class NotInstalled(message: String) : Exception(message)

/**
 * Makes all checks, one after the other. One that fails with an exception is a failure itself, and stops no other.
 *
 * @param words an exception as a person reads it
 * @param found told of each figure
 */
internal fun selfTest(
  checks: List<SelfCheck>,
  subject: Subject,
  words: (Throwable) -> String,
  found: (Measured) -> Unit,
) {
  for (check in checks) {
    val start = System.nanoTime()
    try {
      NDScope().use { scope ->
        scope.suppressNotUsedWarning()
        check.run(subject, found)
      }
    } catch (e: NotInstalled) {
      found(Measured(check.area, "everything", null, null, Outcome.SKIPPED, e.message))
    } catch (e: Exception) {
      LOG.debug("The check of {} has failed", check.area, e)
      found(Measured(check.area, "to the end", null, null, Outcome.FAILED, words(e)))
    }
    LOG.debug("The check of {} took {} ms", check.area, (System.nanoTime() - start) / 1_000_000)
  }
}

private val LOG: Logger = LoggerFactory.getLogger("io.github.diffusionhost.app.selftest.SelfCheck")
