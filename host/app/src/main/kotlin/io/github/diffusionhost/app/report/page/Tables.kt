package io.github.diffusionhost.app.report.page

/**
 * A table that scrolls sideways by itself where it is too wide.
 *
 * @param caption what it is, for those who do not see what is around it
 * @param numbers whether all columns but the first are numbers
 */
internal fun Html.table(
  caption: String,
  headings: List<String>,
  rows: List<List<String>>,
  numbers: Boolean = false,
) =
  element("div", "class" to "scroll", "tabindex" to "0", "role" to "region", "aria-label" to caption) {
    element("table", "class" to "numbers".takeIf { numbers }) {
      element("caption", caption)
      element("thead") { element("tr") { headings.forEach { element("th", it, "scope" to "col") } } }
      element("tbody") {
        for (row in rows) {
          element("tr") {
            row.forEachIndexed { i, cell ->
              if (i == 0) element("th", cell, "scope" to "row") else element("td", cell)
            }
          }
        }
      }
    }
  }

/** A table that opens on demand, with a button that copies it for a spreadsheet. */
internal fun Html.numbers(
  title: String,
  caption: String,
  headings: List<String>,
  rows: List<List<String>>,
) =
  element("details", "class" to "copyable") {
    element("summary", title)
    table(caption, headings, rows, numbers = true)
    element(
      "button",
      "Copy the table",
      "type" to "button",
      "class" to "copy",
      "aria-label" to "Copy the table: $caption",
    )
  }

/** Names and values, as a list of facts. */
internal fun Html.facts(kind: String, facts: List<Pair<String, String?>>) =
  element("dl", "class" to kind) {
    for ((name, value) in facts) {
      if (value == null) continue
      element("div") {
        element("dt", name)
        element("dd", value)
      }
    }
  }
