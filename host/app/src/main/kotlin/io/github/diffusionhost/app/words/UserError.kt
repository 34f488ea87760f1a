package io.github.diffusionhost.app.words

/** What the process tells its caller when it ends. */
enum class ExitCode(val number: Int) {
  DONE(0),
  FAILED(1),
  USAGE(2),
  INTERRUPTED(130),
}

/**
 * A failure that a person can do something about: the message says what is wrong, where, and what to do. It is printed
 * as it stands, without a stack trace.
 */
open class UserError(message: String, val exitCode: ExitCode = ExitCode.FAILED, cause: Throwable? = null) :
  RuntimeException(message, cause)
