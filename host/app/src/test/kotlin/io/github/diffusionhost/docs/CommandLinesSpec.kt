package io.github.diffusionhost.docs

import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.run.REPOSITORY
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.collections.shouldHaveAtLeastSize
import kotlin.io.path.exists

private val COMMAND = Regex("host/bin/host ((?:config |gpu |plugins )?[a-z]+)([^\n`]*)")
private val OPTION = Regex("(?<= )--[a-z-]+")
private val CONFIG = Regex("(?<![\\w/])configs/[\\w/-]+\\.yaml")
private val PARENTS = setOf("config", "gpu", "plugins")

/** A command that the documentation shows is one that the program takes. */
class CommandLinesSpec :
  FunSpec({
    val pages = MarkdownPage.all()
    val shown = pages.flatMap { page ->
      COMMAND.findAll(page.text).map { Triple("$page", it.groupValues[1], it.groupValues[2].substringBefore(" #")) }
    }

    test("every command and option in the documentation is one of the program") {
      val commands = shown.map { (_, command) -> command }.filterNot { it in PARENTS }.distinct()
      commands shouldContainAll listOf("run", "sample", "evaluate", "config lint", "gpu install", "plugins describe")
      val helps = commands.associateWith { inProcess(*it.split(" ").toTypedArray(), "--help") }
      helps.filterValues { it.exit != 0 }.keys.shouldBeEmpty()
      val options = shown.flatMap { (page, command, rest) ->
        OPTION.findAll(rest).map { Triple(page, command, it.value) }
      }
      options shouldHaveAtLeastSize 80
      options
        .filterNot { (_, command, option) -> Regex("$option\\b(?!-)").containsMatchIn(helps.getValue(command).out) }
        .shouldBeEmpty()
    }

    test("every config that the documentation names is there") {
      val named = pages.flatMap { page -> CONFIG.findAll(page.text).map { "$page" to it.value } }
      named shouldHaveAtLeastSize 30
      named.filterNot { (_, path) -> REPOSITORY.resolve(path).exists() }.shouldBeEmpty()
    }
  })
