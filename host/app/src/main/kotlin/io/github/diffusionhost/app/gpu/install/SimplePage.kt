package io.github.diffusionhost.app.gpu.install

import java.net.URI
import java.net.URISyntaxException

/**
 * A wheel that an index offers.
 *
 * @property address where it is
 * @property sha256 of the file, in lower-case hexadecimal
 * @property metadata where its `METADATA` is to be had without it (PEP 658); null if it is not
 * @property metadataSha256 of that; null if the index does not say
 */
internal data class WheelLink(
  val wheel: WheelName,
  val address: URI,
  val sha256: String,
  val metadata: URI?,
  val metadataSha256: String?,
)

private val ANCHOR = Regex("<a\\b([^>]*)>", RegexOption.IGNORE_CASE)
private val ATTRIBUTE = Regex("""([A-Za-z][A-Za-z0-9-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
private val ENTITY = Regex("&(amp|quot|lt|gt|#\\d{1,5}|#[xX][0-9a-fA-F]{1,4});")
private val SHA_256 = Regex("sha256=([0-9a-fA-F]{64})")
private val METADATA = listOf("data-core-metadata", "data-dist-info-metadata")

/**
 * The wheels on a page of a simple index (PEP 503) that have a SHA-256; the others, and what is no wheel, are left out.
 *
 * @param address that of the page
 */
internal fun wheelLinks(page: String, address: URI): List<WheelLink> =
  ANCHOR.findAll(page).mapNotNull { link(attributes(it.groupValues[1]), address) }.toList()

private fun attributes(text: String): Map<String, String> =
  ATTRIBUTE.findAll(text).associate { found ->
    val (name, double, single, bare) = found.destructured
    name.lowercase() to unescaped(double + single + bare)
  }

private fun link(attributes: Map<String, String>, page: URI): WheelLink? {
  val whole =
    try {
      page.resolve(URI(attributes["href"].orEmpty().trim()))
    } catch (_: URISyntaxException) {
      return null // what is no address leads nowhere
    }
  val sha256 = SHA_256.matchEntire(whole.rawFragment.orEmpty())?.groupValues?.get(1)?.lowercase() ?: return null
  val address = URI("$whole".substringBefore('#'))
  val wheel = WheelName.parse(address.rawPath.orEmpty().substringAfterLast('/')) ?: return null
  val offered = METADATA.firstNotNullOfOrNull { attributes[it] }?.takeIf { it != "false" }
  val metadata = if (offered == null) null else URI("$address.metadata")
  return WheelLink(
    wheel,
    address,
    sha256,
    metadata,
    offered?.let(SHA_256::matchEntire)?.groupValues?.get(1)?.lowercase(),
  )
}

private fun unescaped(text: String): String =
  ENTITY.replace(text) { found ->
    when (val name = found.groupValues[1]) {
      "amp" -> "&"
      "quot" -> "\""
      "lt" -> "<"
      "gt" -> ">"
      else -> {
        val hexadecimal = name[1] == 'x' || name[1] == 'X'
        "${(if (hexadecimal) name.drop(2).toInt(16) else name.drop(1).toInt()).toChar()}"
      }
    }
  }
