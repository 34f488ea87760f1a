package io.github.diffusionhost.architecture

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeGreaterThan
import java.nio.file.Path
import kotlin.io.path.extension
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.relativeTo
import kotlin.io.path.walk

private val REPOSITORY: Path = Path.of(System.getProperty("repository.root"))

/** Who catches an exception does something with it, throws one, or says why it tells nobody anything. */
class SwallowedExceptionsSpec :
  FunSpec({
    val plugins = REPOSITORY.resolve("plugins").listDirectoryEntries().map { "plugins/${it.name}" }
    val modules = (listOf("plugin-api", "host/engine", "host/app") + plugins).filter { sources(it).isNotEmpty() }

    test("every module is looked at") { modules.size shouldBeGreaterThan 12 }

    for (module in modules) {
      test("$module swallows no exception without a word") {
        sources(module)
          .flatMap { file -> swallowed(file.readText()).map { "${file.relativeTo(REPOSITORY)}:$it" } }
          .shouldBeEmpty()
      }
    }

    val examples =
      mapOf(
        "try { a() } catch (IOException e) { }" to true,
        "try { a() } catch (IOException e) { return false; }" to true,
        "try { a() } catch (A | B e) { b(\"e\"); } // e" to false,
        "try { a() } catch (IOException e) { b(\"e {\"); }" to true,
        "try { a() } catch (IOException e) { /* e } */ }" to false,
        "try { a() } catch (IOException e) { return b(e); }" to false,
        "try { a() } catch (IOException e) { throw new B(); }" to false,
        "try { a() } catch (e: IOException) { say(\"\$e\") }" to false,
        "try { a() } catch (e: IOException) { refuse(\"gone\") }" to false,
        "try { a() } catch (_: IOException) { null }" to true,
        "try { a() } catch (_: IOException) { null } // no such thing" to false,
        "try { a() } catch (_: IOException) { throw B() }" to false,
        "// catch (e: IOException) { }" to false,
      )
    test("what is looked for is found") {
      examples.filter { (code, _) -> swallowed(code).isNotEmpty() }.keys shouldContainExactly
        examples.filterValues { it }.keys
    }
  })

private fun sources(module: String): List<Path> =
  REPOSITORY.resolve(module).resolve("src/main").let { folder ->
    if (folder.isDirectory()) folder.walk().filter { it.extension in setOf("java", "kt") }.sorted().toList()
    else listOf()
  }

private val CATCH = Regex("""\bcatch \(([^)]*)\) \{""")
private val THROWS = Regex("""\bthrow\b|\brefuse\(""")

/** Comments and what stands in quotation marks. */
private val UNREAD =
  Regex(
    listOf("//[^\n]*", "/\\*.*?\\*/", "\"\"\".*?\"\"\"", "\"(?:\\\\.|[^\"\\\\\n])*\"", "'(?:\\\\.|[^'\\\\\n])'")
      .joinToString("|"),
    RegexOption.DOT_MATCHES_ALL,
  )

/** The lines of the `catch` blocks that neither use the exception nor throw one, and have no comment. */
private fun swallowed(source: String): List<Int> {
  val code = UNREAD.replace(source) { " ".repeat(it.value.length) }
  return CATCH.findAll(code)
    .filter { found ->
      val start = found.range.last + 1
      val end = endOfBlock(code, start)
      val line = source.indexOf('\n', end).let { if (it < 0) source.length else it }
      val comment = UNREAD.findAll(source.substring(0, line), start).any { it.value.startsWith("/") }
      val name = found.groupValues[1].let { if (':' in it) it.substringBefore(':') else it.substringAfterLast(' ') }
      val used = Regex("\\b${name.trim()}\\b")
      val inside = code.substring(start, end)
      val texts = UNREAD.findAll(source.substring(0, end), start).map { it.value }.filter { '$' in it }
      !comment && !THROWS.containsMatchIn(inside) && (name == "_" || (texts + inside).none(used::containsMatchIn))
    }
    .map { found -> source.substring(0, found.range.first).count { it == '\n' } + 1 }
    .toList()
}

private fun endOfBlock(code: String, start: Int): Int {
  var depth = 1
  var at = start
  while (at < code.length && depth > 0) {
    if (code[at] == '{') depth++ else if (code[at] == '}') depth--
    at++
  }
  return at
}
