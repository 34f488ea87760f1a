package io.github.diffusionhost.app.gpu.install

import java.util.Base64
import java.util.HexFormat

private val LINE = Regex("""(?:"((?:[^"]|"")*)"|([^,"]*)),(?:sha256=([A-Za-z0-9_-]{43})=?)?,?\d*\s*""")

/**
 * The SHA-256 of files by their paths, in lower-case hexadecimal, from a `RECORD`: CSV of path, hash and size, the hash
 * in URL-safe base64 without padding (PyPA's "Recording installed projects"). Lines without one, such as that of
 * `RECORD` itself, are left out.
 */
internal fun recordedSha256(record: String): Map<String, String> {
  val found = HashMap<String, String>()
  for (line in record.lineSequence()) {
    val (quoted, plain, hash) = LINE.matchEntire(line)?.destructured ?: continue
    if (hash.isEmpty()) continue
    val bytes = Base64.getUrlDecoder().decode(hash)
    found[plain.ifEmpty { quoted.replace("\"\"", "\"") }] = HexFormat.of().formatHex(bytes)
  }
  return found
}
