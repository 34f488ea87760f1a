package io.github.diffusionhost.app.report.page

private val VOID = setOf("meta", "link", "img", "input", "br")

/** An HTML document as it is written; every text and every attribute is escaped. */
internal class Html {
  private val out = StringBuilder()

  /** An element; attributes whose value is null are left out, and an empty value stands alone. */
  fun element(name: String, vararg attributes: Pair<String, String?>, content: Html.() -> Unit = {}) {
    out.append('<').append(name)
    for ((key, value) in attributes) {
      if (value == null) continue
      out.append(' ').append(key)
      if (value.isNotEmpty()) out.append("=\"").append(escaped(value)).append('"')
    }
    out.append('>')
    if (name in VOID) return
    content()
    out.append("</").append(name).append('>')
  }

  /** An element with a text. */
  fun element(name: String, text: String, vararg attributes: Pair<String, String?>) =
    element(name, *attributes) { +text }

  /** A text. */
  operator fun String.unaryPlus() {
    out.append(escaped(this))
  }

  /** A style sheet of this program. */
  fun style(css: String) {
    out.append("<style>\n").append(css).append("</style>\n")
  }

  /** A script of this program or of a library. */
  fun script(javaScript: String) {
    require("</script" !in javaScript.lowercase()) { "a script holds the end of scripts" }
    out.append("<script>\n").append(javaScript).append("\n</script>\n")
  }

  /** Data for scripts. `<` is written as JSON writes any character, so that no text can end the element. */
  fun data(id: String, json: String) {
    out.append("<script type=\"application/json\" id=\"").append(escaped(id)).append("\">")
    out.append(json.replace("<", "\\u003c")).append("</script>\n")
  }

  override fun toString() = "<!doctype html>\n$out\n"

  private fun escaped(text: String) =
    buildString(text.length) {
      for (c in text) {
        when (c) {
          '&' -> append("&amp;")
          '<' -> append("&lt;")
          '>' -> append("&gt;")
          '"' -> append("&quot;")
          '\'' -> append("&#39;")
          else -> append(c)
        }
      }
    }
}
