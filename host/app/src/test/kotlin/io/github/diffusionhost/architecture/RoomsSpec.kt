package io.github.diffusionhost.architecture

import com.tngtech.archunit.core.domain.JavaClasses
import com.tngtech.archunit.core.importer.ClassFileImporter
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.ints.shouldBeGreaterThan
import java.nio.file.Path
import kotlin.io.path.extension
import kotlin.io.path.invariantSeparatorsPathString
import kotlin.io.path.name
import kotlin.io.path.nameWithoutExtension
import kotlin.io.path.readLines
import kotlin.io.path.walk

private val HOME: Path = Path.of(System.getProperty("repository.root")).toAbsolutePath().normalize()
private const val PREFIX = "io.github.diffusionhost"

/**
 * The packages of each module, floor by floor: a package may use those on floors before its own, and nothing else of
 * the module. A new package goes where what it uses lies before it, and into `docs/ARCHITECTURE.md`.
 */
internal val FLOORS =
  mapOf(
    "plugin-api" to
      listOf(
        "api.arrays api.files api.noise api.options api.text api.tracker",
        "api.dataset api.image api.ops",
        "api.exchange api.model",
        "api.scheduler",
        "api.metric",
        "api",
      ),
    "host/engine" to
      listOf(
        "engine.arithmetic engine.contract engine.device engine.files engine.program engine.scope",
        "engine.download engine.image engine.safetensors engine.script engine.trace",
        "engine.bench engine.checkpoint engine.golden engine.gradient engine.log engine.optimize engine.random engine.trace.steady",
        "engine.options",
        "engine.data engine.pass engine.posthoc",
        "engine.batch engine.reference",
        "engine.network",
        "engine.compile engine.levels engine.schedule",
        "engine.export engine.sample engine.step",
        "engine.train",
      ),
    "host/app" to
      listOf(
        "app.words",
        "app.config.source app.plugins.jar app.process app.terminal",
        "app.evaluate.record app.plugins app.script",
        "app.config.bind app.plugins.call",
        "app.config",
        "app.config.describe app.exchange app.gpu",
        "app.gpu.install app.run",
        "app.bench app.cli.command app.doctor app.lint app.sample app.selftest app.track",
        "app.cli.config app.cli.gpu app.cli.plugins app.evaluate app.report app.selftest.golden",
        "app.average app.report.page app.selftest.check app.train",
        "app.cli",
      ),
  )

/** Which rooms there are, who may enter which, and how full they may be. */
class RoomsSpec :
  FunSpec({
    for ((module, floors) in FLOORS) {
      val classes: JavaClasses = ClassFileImporter().importPath(HOME.resolve(module).resolve("target/classes"))
      val rooms = floors.map { floor -> floor.split(" ").map { "$PREFIX.$it" } }

      test("every package of $module has its floor") {
        classes.map { it.packageName }.distinct() shouldContainExactlyInAnyOrder rooms.flatten()
      }

      test("packages of $module use those below them only") {
        for ((i, floor) in rooms.withIndex()) {
          for (room in floor) {
            val closed = floor - room + rooms.drop(i + 1).flatten()
            if (closed.isEmpty()) continue
            noClasses()
              .that()
              .resideInAPackage(room)
              .should()
              .dependOnClassesThat()
              .resideInAnyPackage(*closed.toTypedArray())
              .allowEmptyShould(true)
              .check(classes)
          }
        }
      }
    }

    val sources =
      listOf("plugin-api", "host", "plugins").flatMap { folder ->
        HOME.resolve(folder)
          .walk()
          .filter { it.extension in setOf("java", "kt") && "src" in it.map(Path::name) }
          .toList()
      }

    test("no file has more than 300 lines") {
      sources.size shouldBeGreaterThan 900
      sources.filter { HOME.resolve(it).readLines().size > 300 }.map { "$it" }.shouldBeEmpty()
    }

    test("no package has more than 20 files") {
      sources
        .filter { "/src/main/" in it.invariantSeparatorsPathString && it.nameWithoutExtension != "package-info" }
        .groupBy { it.parent }
        .filterValues { it.size > 20 }
        .map { (folder, files) -> "$folder: ${files.size}" }
        .shouldBeEmpty()
    }
  })
