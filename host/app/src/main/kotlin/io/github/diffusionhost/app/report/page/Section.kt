package io.github.diffusionhost.app.report.page

/**
 * A section of a page.
 *
 * @property anchor its place in the page's address
 * @property title its heading, and its name in the navigation
 * @property body what is below the heading
 */
internal class Section(val anchor: String, val title: String, val body: Html.() -> Unit)

/** The section with its heading. */
internal fun Html.section(section: Section) =
  element("section", "id" to section.anchor, "aria-labelledby" to "${section.anchor}-title") {
    element("h2", section.title, "id" to "${section.anchor}-title")
    section.body(this)
  }
