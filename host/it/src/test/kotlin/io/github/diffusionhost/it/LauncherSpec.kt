package io.github.diffusionhost.it

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainInOrder
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldBeEmpty
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.FileTime
import java.time.Instant
import kotlin.io.path.createDirectories
import kotlin.io.path.createSymbolicLinkPointingTo
import kotlin.io.path.readText
import kotlin.io.path.setLastModifiedTime
import kotlin.io.path.writeText

class LauncherSpec :
  FunSpec({
    fun installation() = PlayedInstallation(tempdir().toPath())
    fun later() = FileTime.from(Instant.now().plusSeconds(2))

    test("builds on first use, says so in one line, and not again") {
      val host = installation()
      val first = host.run("--help")
      first.code shouldBe 0
      first.err.lines().count { it.startsWith("host: building for the first time") } shouldBe 1
      first.out.lines() shouldNotContain "noise"
      host.run("--help").err.shouldBeEmpty()
      host.builds shouldBe 1
    }

    test("two at once build once") {
      val host = installation()
      val both = listOf(host.start("--help"), host.start("--help")).map(host::end)
      both.map { it.code } shouldBe listOf(0, 0)
      host.builds shouldBe 1
    }

    test("builds again when a source is newer, and makes the class archive anew") {
      val host = installation()
      host.run()
      host.archive.writeText("old")
      host.source.setLastModifiedTime(later())
      host.run().err shouldContain "host: the sources have changed; building ..."
      host.builds shouldBe 2
      host.archive.readText() shouldBe "x\n"
    }

    test("tests and build output are no sources") {
      val host = installation()
      host.run()
      for (file in listOf("plugin-api/src/test/kotlin/ASpec.kt", "host/app/target/classes/src/main/x")) {
        val path = host.root.resolve(file)
        path.parent.createDirectories()
        path.writeText("")
        path.setLastModifiedTime(later())
      }
      host.run().err.shouldBeEmpty()
    }

    test("a build that fails is one line after its own messages, and is tried again") {
      val host = installation()
      host.mvn("echo 'A.java: no' >&2; exit 1")
      val ended = host.run()
      ended.code shouldBe 1
      ended.err.lines().filter { it.isNotBlank() } shouldContainInOrder
        listOf("A.java: no", "host: the build failed; its messages are above. Try: cd '${host.root}' && mvn -B package")
      host.run().code shouldBe 1
    }

    test("arguments, flags and settings reach java") {
      val host = installation()
      val flags = mapOf("DIFFUSIONHOST_JAVA_OPTS" to "-Xmx8g -ea")
      val lines = host.run("run", "--set", "name=a b", "", environment = flags).out.lines()
      lines shouldContainInOrder listOf("-Xmx8g", "-ea", "-cp", "${host.jar}:${host.target}/lib/*")
      lines shouldContainInOrder listOf("io.github.diffusionhost.app.cli.MainKt", "run", "--set", "name=a b", "")
      lines shouldContain "-Ddiffusionhost.home=${host.root}"
      lines shouldContain "-XX:SharedArchiveFile=${host.archive}"
      lines shouldContain "-XX:+UseSerialGC"
    }

    test("a collector of one's own replaces ours") {
      val lines = installation().run(environment = mapOf("DIFFUSIONHOST_JAVA_OPTS" to "-XX:+UseG1GC")).out.lines()
      lines shouldContain "-XX:+UseG1GC"
      lines shouldNotContain "-XX:+UseSerialGC"
    }

    test("glibc keeps memory, unless somebody has said otherwise") {
      val host = installation()
      host.run().out.lines().filter { it.startsWith("MALLOC_") }.toSet() shouldBe
        setOf(
          "MALLOC_ARENA_MAX=1",
          "MALLOC_TOP_PAD_=268435456",
          "MALLOC_MMAP_THRESHOLD_=8589934592",
          "MALLOC_TRIM_THRESHOLD_=17179869184",
        )
      host.run(environment = mapOf("MALLOC_TOP_PAD_" to "1")).out.lines() shouldContain "MALLOC_TOP_PAD_=1"
    }

    context("names outside ASCII are read") {
      val utf8 = "LC_ALL=C.UTF-8"
      for (none in listOf(mapOf(), mapOf("LANG" to "C"), mapOf("LC_ALL" to "POSIX"), mapOf("LC_CTYPE" to "C"))) {
        test("the JVM gets a UTF-8 locale with ${none.ifEmpty { "no LANG" }}") {
          installation().run(environment = none).out.lines() shouldContain utf8
        }
      }
      test("a locale that is named and not installed is replaced, and one that has UTF-8 stays") {
        val host = installation()
        host.run(environment = mapOf("LC_ALL" to "tlh_KL.UTF-8")).out.lines() shouldContain utf8
        host.run(environment = mapOf("LANG" to "C.UTF-8")).out shouldNotContain "LC_"
      }
      test("where nobody can be asked for the character set, what the variables name counts") {
        val host = installation().apply { without("locale") }
        host.run(environment = mapOf("LANG" to "C")).out.lines() shouldContain utf8
        host.run(environment = mapOf("LANG" to "de_DE.UTF-8")).out shouldNotContain "LC_"
      }
    }

    test("the exit code is java's") { installation().run(environment = mapOf("JAVA_EXIT" to "130")).code shouldBe 130 }

    test("another Java has a class archive of its own") {
      val host = installation()
      host.run()
      host.archive.writeText("of 17")
      host.java("25.0.1")
      val lines = host.run().out.lines()
      val other = host.target.resolve("host-25.0.1.jsa")
      lines shouldContain "-XX:SharedArchiveFile=$other"
      lines shouldContain "--enable-native-access=ALL-UNNAMED"
      other.readText() shouldBe "x\n"
      host.archive.readText() shouldBe "of 17"
      host.builds shouldBe 1
    }

    test("a linked folder leads to the installation, and so does a name from CDPATH's folder") {
      val host = installation()
      val folder = host.root.resolve("elsewhere").createDirectories().resolve("bin")
      folder.createSymbolicLinkPointingTo(host.program.parent)
      val linked = host.run(program = folder.resolve("host"))
      linked.code shouldBe 0
      linked.out shouldContain "-Ddiffusionhost.home=${host.root}"
      val other = host.run(environment = mapOf("CDPATH" to "${host.root.parent}"))
      other.out shouldContain "-Ddiffusionhost.home=${host.root}"
      host.builds shouldBe 1
    }

    test("links lead to the installation") {
      val host = installation()
      // Beside the program that they lead to: the temporary folder holds no link to anything outside it.
      val link = host.root.resolve("link").createSymbolicLinkPointingTo(host.program)
      val second = host.root.resolve("second").createSymbolicLinkPointingTo(Path.of("link"))
      host.run(program = link).code shouldBe 0
      host.run(program = second).out.lines() shouldContain "-Ddiffusionhost.home=${host.root}"
    }

    test("a Java that is too old is named") {
      val host = installation()
      host.java("11.0.2")
      val ended = host.run()
      ended.code shouldBe 1
      ended.err shouldContain "is Java 11.0.2, and 17 or newer is needed"
    }

    test("a newer Java is told that native code is wanted") {
      val host = installation()
      host.java("24")
      host.run().out.lines() shouldContain "--enable-native-access=ALL-UNNAMED"
    }

    test("no Java where JAVA_HOME points") {
      installation().run(environment = mapOf("JAVA_HOME" to "/nowhere")).err shouldContain "JAVA_HOME is /nowhere"
    }

    test("no mvn and nothing built") {
      val host = installation()
      host.mvn(null)
      val ended = host.run()
      ended.code shouldBe 1
      ended.err shouldContain "no mvn was found"
    }

    test("an installation without sources is run as it is") {
      val host = installation()
      host.run()
      Files.delete(host.root.resolve("pom.xml"))
      host.source.setLastModifiedTime(later())
      host.run().err.shouldBeEmpty()
      Files.delete(host.jar)
      host.run().err shouldContain "host.jar is missing"
    }
  })
