package io.github.diffusionhost.docs

import io.github.diffusionhost.app.run.REPOSITORY
import java.nio.file.Path
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.walk

private val FENCED = Regex("(?ms)^ *```.*?^ *```$")
private val CODE = Regex("`[^`\n]+`")
private val LINK = Regex("\\[[^\\]]*]\\(([^)\\s]+)\\)")
private val HEADING = Regex("(?m)^#{1,6} +(.+?) *$")

/** A page of the documentation. */
class MarkdownPage(val file: Path) {
  val text: String = file.readText()
  private val prose = text.replace(FENCED, "")

  /** What links and images of the page point to inside the repository. */
  val targets: List<String> =
    LINK.findAll(prose.replace(CODE, "`code`")).map { it.groupValues[1] }.filterNot { "://" in it }.toList()

  /** The names that GitHub gives to the headings. */
  val anchors: Set<String> =
    HEADING.findAll(prose)
      .map { it.groupValues[1].replace(LINK) { link -> link.value.substringBefore("](").drop(1) } }
      .map { heading -> heading.lowercase().replace(Regex("[^\\p{L}\\p{N}\\- _]"), "").replace(' ', '-') }
      .toSet()

  override fun toString() = REPOSITORY.relativize(file).toString()

  companion object {
    /** Those at the top of the repository and all of `docs`. */
    fun all(): List<MarkdownPage> =
      (listOf("README.md", "CONTRIBUTING.md", "CHANGELOG.md").map(REPOSITORY::resolve).filter { it.toFile().exists() } +
          REPOSITORY.resolve("docs").walk().filter { it.name.endsWith(".md") }.sorted())
        .map(::MarkdownPage)
  }
}
