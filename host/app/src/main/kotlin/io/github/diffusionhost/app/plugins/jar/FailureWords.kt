package io.github.diffusionhost.app.plugins.jar

import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.words.outOfMemory
import io.github.diffusionhost.engine.contract.WrongResultException
import java.io.IOException
import java.lang.reflect.InvocationTargetException
import java.nio.file.AccessDeniedException
import java.nio.file.FileSystemException
import java.nio.file.NoSuchFileException

private const val LONGEST = 300
private const val PACK =
  "Pack the library that holds it into the jar as classes; of the host's libraries a plugin sees only the contract's"
private const val REBUILD = "Build the plugin against this version of plugin-api"
private const val FIX = "Mend the plugin or remove the jar; --debug shows the stack trace"

/** What went wrong with a file, without its name. */
internal fun inWords(e: IOException): String =
  when (e) {
    is AccessDeniedException -> "permission denied"
    is NoSuchFileException -> "it is gone"
    is FileSystemException -> e.reason ?: oneLine(e.message) ?: "it cannot be accessed"
    else -> oneLine(e.message) ?: e.javaClass.simpleName
  }

/** Turns what a plugin's code has thrown into a reason and a remedy; [doing] names the call, as in `name()`. */
internal fun refusal(doing: String, thrown: Throwable): RefusedException {
  val e = innermost(thrown)
  return when (e) {
    is RefusedException -> e
    is UnsupportedClassVersionError -> RefusedException(tooNew(e), "Compile it for Java ${javaVersion()} or older", e)
    is ClassNotFoundException -> missing(doing, e.message, e)
    is NoClassDefFoundError -> missing(doing, e.message, e)
    is IncompatibleClassChangeError ->
      RefusedException("$doing does not fit this version of the contract: ${oneLine(e.message)}", REBUILD, e)
    is LinkageError -> RefusedException("$doing fails to link: ${oneLine(e.toString())}", REBUILD, e)
    else -> RefusedException("$doing has thrown ${describe(e)}", FIX, e)
  }
}

/** What a plugin's code has thrown after it was loaded, and what to do where that is known. */
internal fun faultWords(call: PluginCall, thrown: Throwable): String {
  val e = innermost(thrown)
  outOfMemory(e)?.let {
    return "$call: $it"
  }
  if (e is LinkageError || e is ClassNotFoundException) {
    return refusal("$call", e).let { "${it.reason}. ${it.remedy}" }
  }
  if (e is WrongResultException) return "$call: ${e.message}"
  val said = describe(e)
  // An exception made of another one alone repeats what that says.
  val cause = e.cause?.let(::describe)?.takeIf { it !in said }
  return "$call: $said" + if (cause == null) "" else ", caused by $cause"
}

private fun missing(doing: String, name: String?, e: Throwable): RefusedException {
  val initializerFailed = name?.startsWith("Could not initialize class") == true
  if (initializerFailed) {
    return RefusedException("$doing failed: ${oneLine(name)}", FIX, e)
  }
  val type = name.orEmpty().replace('/', '.')
  return RefusedException("$doing needs the class $type, which is not in the jar", PACK, e)
}

private fun innermost(thrown: Throwable): Throwable =
  when (thrown) {
    is InvocationTargetException -> thrown.cause?.let(::innermost) ?: thrown
    is ExceptionInInitializerError -> thrown.cause?.let(::innermost) ?: thrown
    else -> thrown
  }

private fun tooNew(e: UnsupportedClassVersionError): String {
  val fileVersion = Regex("class file version (\\d+)").find(e.message.orEmpty())?.groupValues?.get(1)?.toInt()
  val compiledFor = fileVersion?.let { "Java ${it - 44}" } ?: "a newer Java"
  return "it is compiled for $compiledFor, and this is Java ${javaVersion()}"
}

private fun javaVersion() = Runtime.version().feature()

/** The exception's simple name and message. The message is the plugin's code, which may fail, too. */
private fun describe(e: Throwable): String {
  val message =
    try {
      oneLine(e.message)
    } catch (_: Throwable) {
      null // what failed first is what is told
    }
  return listOfNotNull(e.javaClass.simpleName.ifEmpty { e.javaClass.name }, message).joinToString(": ")
}

private fun oneLine(text: String?): String? =
  text?.lineSequence()?.firstOrNull { it.isNotBlank() }?.trim()?.trimEnd('.')?.let { Printable.line(it, LONGEST) }
