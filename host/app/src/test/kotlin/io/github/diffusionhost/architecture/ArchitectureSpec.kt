package io.github.diffusionhost.architecture

import com.tngtech.archunit.base.DescribedPredicate.describe
import com.tngtech.archunit.core.domain.JavaClass
import com.tngtech.archunit.core.domain.JavaClasses
import com.tngtech.archunit.core.importer.ClassFileImporter
import com.tngtech.archunit.lang.ArchRule
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses
import com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.ints.shouldBeGreaterThan
import java.io.PrintStream
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

private val REPOSITORY: Path = Path.of(System.getProperty("repository.root"))

private fun classesOf(vararg modules: String): JavaClasses =
  ClassFileImporter().importPaths(modules.map { REPOSITORY.resolve(it).resolve("target/classes") })

/** Who may import whom. */
class ArchitectureSpec :
  FunSpec({
    val api = classesOf("plugin-api")
    val engine = classesOf("host/engine")
    val app = classesOf("host/app")
    val plugins =
      REPOSITORY.resolve("plugins")
        .listDirectoryEntries()
        .filter { Files.exists(it.resolve("pom.xml")) && it.isDirectory() }
        .map { it.name }

    fun rule(words: String, classes: JavaClasses, rule: ArchRule) =
      test(words) {
        classes.size shouldBeGreaterThan 5
        rule.check(classes)
      }

    rule(
      "plugin-api knows DJL's api, PF4J and SLF4J, and nothing else",
      api,
      classes().should().onlyDependOnClassesThat().resideInAnyPackage(*Borders.api),
    )

    rule(
      "the engine is a library for any program: no command line, no Kotlin, no PF4J, no plugin",
      engine,
      classes().should().onlyDependOnClassesThat().resideInAnyPackage(*Borders.engine),
    )

    rule("nobody imports a plugin", app, noClasses().should().dependOnClassesThat().resideInAPackage("$ROOT.plugins.."))

    rule(
      "the app writes to the host's streams, and not to those that a plugin may have put in their place",
      app,
      noClasses()
        .that()
        .resideOutsideOfPackage("$ROOT.app.process")
        .should()
        .accessField(System::class.java, "err")
        .orShould()
        .accessField(System::class.java, "out"),
    )

    test("every plugin is looked at") {
      plugins shouldContainAll
        listOf(
          "cifar",
          "ddpm",
          "dit",
          "fidelity",
          "flowmatch",
          "glyphs",
          "image-folder",
          "linear-probe",
          "mlflow",
          "mnist",
          "unet",
        )
    }

    for (plugin in plugins) {
      rule(
        "$plugin knows the contract and itself",
        classesOf("plugins/$plugin"),
        classes().should().onlyDependOnClassesThat().resideInAnyPackage(*Borders.of(plugin)),
      )
    }

    // Everybody else is given a stream, or logs: standard output belongs to what the host answers.
    val owners = listOf("HostStreams", "ProcessEnd").map { "$ROOT.app.process.$it" }
    for ((name, classes) in
      mapOf("api" to api, "engine" to engine, "app" to app) + plugins.associateWith { classesOf("plugins/$it") }) {
      rule(
        "$name writes to no stream of the process, except for those who own them",
        classes,
        noClasses()
          .that(describe<JavaClass>("are others than $owners") { it.name.substringBefore('$') !in owners })
          .should(ACCESS_STANDARD_STREAMS)
          .orShould()
          .callMethod(System::class.java, "setOut", PrintStream::class.java)
          .orShould()
          .callMethod(System::class.java, "setErr", PrintStream::class.java),
      )
    }

    // Error Prone's DefaultLocale sees to the same in Java.
    for ((name, classes) in mapOf("app" to app, "glyphs" to classesOf("plugins/glyphs"))) {
      rule(
        "Kotlin of $name formats nothing as the user's locale would",
        classes,
        noClasses()
          .should()
          .callMethod(String::class.java, "format", String::class.java, Array<Any>::class.java)
          .orShould()
          .callMethod(String::class.java, "formatted", Array<Any>::class.java)
          .orShould()
          .callMethod(String::class.java, "toLowerCase")
          .orShould()
          .callMethod(String::class.java, "toUpperCase"),
      )
    }

    for ((name, classes) in mapOf("api" to api, "engine" to engine, "app" to app)) {
      rule(
        "the packages of $name make no cycle",
        classes,
        slices().matching("$ROOT.$name.(*)..").should().beFreeOfCycles(),
      )
    }

    for ((name, classes) in mapOf("api" to api, "engine" to engine)) {
      rule(
        "no static of $name holds an array or a plugin's type",
        classes,
        fields()
          .that()
          .areStatic()
          .should()
          .notHaveRawType(
            describe("an array or a provider") {
              it.isAssignableTo("ai.djl.ndarray.NDArray") || it.isAssignableTo("$ROOT.api.Provider")
            }
          ),
      )
    }
  })
