package io.github.diffusionhost.app.report.page

private const val POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
private val STYLES = listOf("page.css", "charts.css")
private val SCRIPTS = listOf("page.js", "charts.js", "samples.js")

/**
 * A page that needs nothing but itself.
 *
 * @param data JSON for the scripts
 * @param sections what the navigation leads to
 */
internal fun page(title: String, data: String, sections: List<Section>, body: Html.() -> Unit): String =
  Html()
    .apply {
      element("html", "lang" to "en") {
        element("head") {
          element("meta", "charset" to "utf-8")
          element("meta", "http-equiv" to "Content-Security-Policy", "content" to POLICY)
          element("meta", "name" to "viewport", "content" to "width=device-width, initial-scale=1")
          element("meta", "name" to "color-scheme", "content" to "light dark")
          element("meta", "name" to "generator", "content" to "Diffusion Host")
          element("link", "rel" to "icon", "href" to "data:,")
          element("title", title)
          STYLES.forEach { style(resource(it)) }
        }
        element("body") {
          element("a", "Skip to the report", "class" to "skip", "href" to "#report")
          navigation(sections)
          element("main", "id" to "report") { body() }
          footer()
          data("data", data)
          script(ChartLibrary.script)
          SCRIPTS.forEach { script(resource(it)) }
        }
      }
    }
    .toString()

private fun Html.navigation(sections: List<Section>) =
  element("nav", "aria-label" to "Sections") {
    for (section in sections) element("a", section.title, "href" to "#${section.anchor}")
    element("button", "Dark", "type" to "button", "id" to "theme", "aria-pressed" to "false")
  }

private fun Html.footer() =
  element("footer") {
    element("p", "Made by Diffusion Host. This page needs no network and sends nothing.")
    element("details") {
      element("summary", "Licence of the chart library")
      element("pre", ChartLibrary.licence, "tabindex" to "0", "role" to "region", "aria-label" to "Licence of Chart.js")
    }
  }

private object Resources

private fun resource(name: String): String = read("/report/$name")

private fun read(path: String): String =
  checkNotNull(Resources::class.java.getResourceAsStream(path)) { "$path is not on the class path" }
    .use {
      it.readBytes().toString(Charsets.UTF_8)
    }

/** Chart.js, from its jar. */
private object ChartLibrary {
  private val version =
    Regex("version=(.+)").find(read("/META-INF/maven/org.webjars.npm/chart.js/pom.properties"))!!.groupValues[1].trim()
  private val folder = "/META-INF/resources/webjars/chart.js/$version"

  /** Without the address of its source map, which only a debugger would ask for. */
  val script: String by lazy {
    read("$folder/dist/chart.umd.min.js").replace(Regex("(?m)^//# sourceMappingURL=.*$"), "")
  }

  val licence: String by lazy { "Chart.js $version\n\n" + read("$folder/LICENSE.md") }
}
