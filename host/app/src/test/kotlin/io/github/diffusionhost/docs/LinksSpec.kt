package io.github.diffusionhost.docs

import io.github.diffusionhost.app.run.REPOSITORY
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.collections.shouldHaveAtLeastSize
import io.kotest.matchers.ints.shouldBeLessThanOrEqual
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.extension
import kotlin.io.path.readText
import kotlin.io.path.walk

private val MENTION = Regex("(?<![\\w/])docs/[A-Za-z0-9/_-]+\\.(?:md|py|png|svg)")
private val SPOKEN = setOf("java", "kt", "yaml", "xml", "js")

/** Nobody who follows a link, or a message's advice to read something, finds nothing. */
class LinksSpec :
  FunSpec({
    val pages = MarkdownPage.all()

    test("every link and picture of the documentation leads somewhere") {
      pages shouldHaveAtLeastSize 10
      val broken = pages.flatMap { page ->
        page.targets
          .filterNot { target ->
            val file = page.file.resolveSibling(target.substringBefore('#')).normalize()
            val there = if (target.startsWith("#")) page.file else file
            val anchor = target.substringAfter('#', "")
            there.exists() && (anchor.isEmpty() || anchor in MarkdownPage(there).anchors)
          }
          .map { "$page: $it" }
      }
      broken.shouldBeEmpty()
    }

    test("every page can be reached from the index") {
      val index = pages.single { "$it" == "docs/README.md" }
      val reached = mutableSetOf(index.file)
      var next = listOf(index)
      while (next.isNotEmpty()) {
        val linked = next.flatMap { page ->
          page.targets.map { page.file.resolveSibling(it.substringBefore('#')).normalize() }
        }
        next = pages.filter { it.file in linked && reached.add(it.file) }
      }
      reached shouldContainAll pages.map { it.file }.filter { it.startsWith(REPOSITORY.resolve("docs")) }
    }

    test("what messages, help texts, comments and configs say to read is there") {
      val roots = listOf("plugin-api", "host", "plugins", "configs").map(REPOSITORY::resolve)
      val mentions =
        roots
          .flatMap { it.walk() }
          .filter { it.extension in SPOKEN && it.none { part -> "$part" == "target" } }
          .flatMap { file -> MENTION.findAll(file.readText()).map { file to it.value } }
      mentions.map { (_, path) -> path } shouldContain "docs/guides/RUNS.md"
      mentions
        .filterNot { (_, path) -> REPOSITORY.resolve(path).exists() }
        .map { (file, path) -> "${REPOSITORY.relativize(file)}: $path" }
        .shouldBeEmpty()
    }

    test("the README is short enough to be read") {
      val words: Path = REPOSITORY.resolve("README.md")
      words.readText().split(Regex("\\s+")).count { it.isNotEmpty() } shouldBeLessThanOrEqual 700
    }
  })
