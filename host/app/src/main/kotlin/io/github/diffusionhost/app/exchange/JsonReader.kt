package io.github.diffusionhost.app.exchange

import io.github.diffusionhost.api.text.Utf8
import io.github.diffusionhost.app.config.source.printable
import io.github.diffusionhost.app.words.UserError
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path

private const val LARGEST_FILE = 16L shl 20
private const val DEEPEST = 32
private const val LONGEST_NUMBER = 64
private val NUMBER = Regex("""-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?""")

/**
 * Reads a JSON object of somebody else: numbers as Long or Double, the words `Infinity` and `-Infinity` as Python
 * writes them, nothing twice, nothing deep, nothing huge.
 *
 * @throws UserError that names the file, the line and the fault
 */
internal fun readJsonObject(file: Path): Map<String, Any?> {
  if (!Files.isRegularFile(file)) throw UserError("$file: there is no such file")
  val bytes = Files.newInputStream(file).use { it.readNBytes((LARGEST_FILE + 1).toInt()) }
  if (bytes.size > LARGEST_FILE) throw UserError("$file is larger than ${LARGEST_FILE shr 20} MiB, which no config is")
  val text =
    try {
      Utf8.decode(file, bytes)
    } catch (e: IOException) {
      throw UserError(e.message.orEmpty(), cause = e)
    }
  return try {
    JsonReader(text).document()
  } catch (e: JsonFault) {
    throw UserError("$file is not usable JSON: line ${e.line}: ${e.message}", cause = e)
  }
}

private class JsonFault(val line: Int, message: String) : Exception(message)

/** One pass over the text of RFC 8259, and Python's infinities. */
private class JsonReader(private val text: String) {
  private var at = 0

  fun document(): Map<String, Any?> {
    space()
    if (peek() != '{') fail("it does not begin with {")
    val value = mapping(1)
    space()
    if (at < text.length) fail("something follows the closing }")
    return value
  }

  private fun value(depth: Int): Any? {
    if (depth > DEEPEST) fail("it is nested more than $DEEPEST deep")
    return when (val c = peek()) {
      '{' -> mapping(depth)
      '[' -> sequence(depth)
      '"' -> string()
      else -> if (c == '-' || c in '0'..'9') number() else word()
    }
  }

  private fun mapping(depth: Int): Map<String, Any?> {
    val entries = LinkedHashMap<String, Any?>()
    members('{', '}') {
      if (peek() != '"') fail("a name in quotes is expected")
      val name = string()
      if (name in entries) fail("\"${printable(name)}\" is there twice")
      space()
      expect(':')
      space()
      entries[name] = value(depth + 1)
    }
    return entries
  }

  private fun sequence(depth: Int): List<Any?> = buildList { members('[', ']') { add(value(depth + 1)) } }

  private fun members(open: Char, close: Char, member: () -> Unit) {
    expect(open)
    space()
    if (peek() == close) {
      at++
      return
    }
    while (true) {
      member()
      space()
      if (peek() == close) {
        at++
        return
      }
      expect(',')
      space()
    }
  }

  private fun string(): String = buildString {
    expect('"')
    while (true) {
      val c = next()
      when {
        c == '"' -> return@buildString
        c == '\\' -> append(escaped())
        c < ' ' -> fail("a control character in a text")
        else -> append(c)
      }
    }
  }

  private fun escaped(): Char =
    when (val c = next()) {
      '"',
      '\\',
      '/' -> c
      'b' -> '\b'
      'f' -> '\u000c'
      'n' -> '\n'
      'r' -> '\r'
      't' -> '\t'
      'u' -> {
        val digits = text.substring(at, minOf(at + 4, text.length))
        at += digits.length
        val code = if (digits.length == 4 && digits.all { it.isAsciiHex() }) digits.toInt(16) else null
        code?.toChar() ?: fail("\\u needs four hexadecimal digits")
      }
      else -> fail("\\${printable(c.toString())} means nothing in a text")
    }

  private fun number(): Any {
    if (text.startsWith("-Infinity", at)) {
      at += "-Infinity".length
      return Double.NEGATIVE_INFINITY
    }
    val match = NUMBER.matchAt(text, at) ?: fail("a number is malformed")
    if (match.value.length > LONGEST_NUMBER) fail("a number has ${match.value.length} characters")
    at += match.value.length
    val whole = match.value.all { it == '-' || it in '0'..'9' }
    val number: Any? = if (whole) match.value.toLongOrNull() else match.value.toDouble().takeIf { it.isFinite() }
    return number ?: fail("the number ${match.value} is too large")
  }

  private fun word(): Any? {
    for ((word, value) in WORDS) {
      if (text.startsWith(word, at)) {
        at += word.length
        return value
      }
    }
    fail("a value is expected")
  }

  private fun space() {
    while (at < text.length && text[at] in " \t\r\n") at++
  }

  private fun peek(): Char = if (at < text.length) text[at] else fail("it ends too early")

  private fun next(): Char = peek().also { at++ }

  private fun expect(c: Char) {
    if (peek() != c) fail("$c is expected")
    at++
  }

  private fun fail(problem: String): Nothing =
    throw JsonFault(text.take(minOf(at, text.length)).count { it == '\n' } + 1, problem)

  private companion object {
    val WORDS = mapOf("null" to null, "true" to true, "false" to false, "Infinity" to Double.POSITIVE_INFINITY)
  }
}

private fun Char.isAsciiHex() = this in '0'..'9' || this in 'a'..'f' || this in 'A'..'F'
