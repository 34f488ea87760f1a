package io.github.diffusionhost.docs

import io.github.diffusionhost.app.run.REPOSITORY
import io.github.diffusionhost.architecture.Borders
import io.github.diffusionhost.architecture.FLOORS
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.collections.shouldHaveAtLeastSize
import java.nio.file.Path
import kotlin.io.path.extension
import kotlin.io.path.invariantSeparatorsPathString
import kotlin.io.path.readText
import kotlin.io.path.walk

private const val PACKAGES = "io/github/diffusionhost/"
private val CODE = Regex("`([^`\n]+)`")
private val DECLARED =
  Regex("\\b(?:class|interface|record|object|enum) ([A-Z]\\w*)|\\bfun (?:<[^>]+> )?(?:\\w+\\.)?(\\w+)")

/** A name in the page's prose: a class, a class and its member, or a Kotlin function. */
private val NAME = Regex("[A-Z][a-z]\\w*(?:\\.[a-z]\\w*)?|[a-z]+[A-Z]\\w*")

/** `docs/ARCHITECTURE.md` says what the code is like. */
class ArchitecturePageSpec :
  FunSpec({
    val page = MarkdownPage(REPOSITORY.resolve("docs/ARCHITECTURE.md"))
    val sources = listOf("plugin-api", "host", "plugins").flatMap(::sourcesOf)
    fun rows(section: String) =
      page.text.substringAfter("\n## $section\n").substringBefore("\n## ").lines().filter { it.startsWith("| ") }

    test("every package is listed in the rooms, and no other") {
      val listed =
        rows("The rooms").filterNot { it.startsWith("| package ") }.flatMap { row -> codeIn(row.split("|")[1]) }
      val real =
        sources
          .filter { "src/main" in it.invariantSeparatorsPathString && PACKAGES in it.invariantSeparatorsPathString }
          .map { it.parent.invariantSeparatorsPathString.substringAfter(PACKAGES).replace('/', '.') }
          .distinct()
      real shouldHaveAtLeastSize 90
      listed shouldContainExactlyInAnyOrder real
    }

    test("who may enter is what ArchitectureSpec checks") {
      rows("Who may enter").drop(1) shouldContainExactly Borders.rows
    }

    test("the floors are those that RoomsSpec checks") {
      val floors =
        (0 until FLOORS.values.maxOf { it.size }).map { floor ->
          val cells = FLOORS.values.map { rooms -> codes(rooms.getOrNull(floor)?.split(" ").orEmpty()) }
          "| ${floor + 1} | ${cells.joinToString(" | ")} |"
        }
      rows("Floors").drop(1) shouldContainExactly floors
    }

    test("every class and function that the page names is there") {
      val texts = sources.map { it.readText() }
      val declaring = HashMap<String, MutableList<String>>()
      for (text in texts) {
        for (match in DECLARED.findAll(text)) {
          declaring.getOrPut(match.groupValues[1].ifEmpty { match.groupValues[2] }) { mutableListOf() } += text
        }
      }
      val named = page.text.lines().filterNot { it.startsWith("| ") }.flatMap(::codeIn).filter(NAME::matches).distinct()
      named shouldHaveAtLeastSize 60
      named
        .filterNot { name ->
          val member = name.substringAfter('.', "")
          declaring[name.substringBefore('.')].orEmpty().any { Regex("\\b$member\\b").containsMatchIn(it) }
        }
        .shouldBeEmpty()
    }
  })

private fun codes(names: List<String>) = names.joinToString(", ") { "`$it`" }

private fun codeIn(text: String) = CODE.findAll(text).map { it.groupValues[1] }.toList()

private fun sourcesOf(module: String): List<Path> =
  REPOSITORY.resolve(module)
    .walk()
    .filter { (it.extension == "java" || it.extension == "kt") && it.none { part -> "$part" == "target" } }
    .toList()
