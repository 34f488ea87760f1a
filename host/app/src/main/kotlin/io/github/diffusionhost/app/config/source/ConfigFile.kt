package io.github.diffusionhost.app.config.source

import io.github.diffusionhost.app.config.source.ConfigNode.Mapping
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.charset.CharacterCodingException
import java.nio.file.AccessDeniedException
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path

private const val LARGEST = 1 shl 20

/**
 * Reads a config file; what is wrong and leaves something to read goes to [errors].
 *
 * @throws InvalidConfig if it cannot be read, is no YAML, or no mapping
 */
internal fun readConfigFile(path: Path, errors: ConfigErrors): Mapping =
  readConfigText(decode(path, bytes(path)), path.toString(), errors)

/** Reads the text of a config file called [name] in messages. */
internal fun readConfigText(text: String, name: String, errors: ConfigErrors): Mapping {
  val root = YamlReader(errors) { line, column -> Location.InFile(name, line, column) }.read(text)
  return when (root) {
    is Mapping -> root
    null -> refuse(Location.InFile(name, 1, 1), "the config is empty; it needs model, scheduler and dataset")
    else -> refuse(root.location, "${root.found()} is not a config; write `key: value` lines")
  }
}

private fun bytes(path: Path): ByteArray {
  val whole = Location.InFile(path.toString(), 0, 0)
  if (Files.isDirectory(path)) refuse(whole, "a folder, not a config file")
  try {
    Files.newInputStream(path).use { stream ->
      val bytes = stream.readNBytes(LARGEST + 1)
      if (bytes.size > LARGEST) refuse(whole, "larger than 1 MB; this is not a config")
      return bytes
    }
  } catch (e: NoSuchFileException) {
    refuse(whole, "no such file")
  } catch (e: AccessDeniedException) {
    refuse(whole, "no permission to read it")
  } catch (e: IOException) {
    refuse(whole, "cannot be read: ${e.message}")
  }
}

private fun decode(path: Path, bytes: ByteArray): String {
  val buffer = ByteBuffer.wrap(bytes)
  try {
    return Charsets.UTF_8.newDecoder().decode(buffer).toString().removePrefix("\uFEFF")
  } catch (e: CharacterCodingException) {
    val line = bytes.take(buffer.position()).count { it == '\n'.code.toByte() } + 1
    refuse(Location.InFile(path.toString(), line, 1), "not UTF-8 text")
  }
}

private fun refuse(location: Location, problem: String): Nothing =
  throw InvalidConfig(listOf(ConfigError(location, "", problem)))
