package io.github.diffusionhost.app.plugins

import io.github.diffusionhost.app.plugins.jar.JarStore
import io.github.diffusionhost.app.plugins.jar.RefusedException
import io.github.diffusionhost.app.plugins.jar.StoredJar
import io.github.diffusionhost.app.plugins.jar.usableDataFolder
import io.github.diffusionhost.app.plugins.jar.userCacheFolder
import io.github.diffusionhost.app.plugins.jar.userHome
import io.github.diffusionhost.app.warningsOf
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import java.nio.file.Path
import java.nio.file.attribute.FileTime
import java.nio.file.attribute.PosixFilePermissions
import java.time.Duration
import java.time.Instant
import java.util.concurrent.Callable
import java.util.concurrent.CyclicBarrier
import java.util.concurrent.Executors
import kotlin.io.path.createDirectory
import kotlin.io.path.createFile
import kotlin.io.path.exists
import kotlin.io.path.getLastModifiedTime
import kotlin.io.path.getPosixFilePermissions
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.setLastModifiedTime
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

class JarStoreSpec :
  FunSpec({
    fun folder(): Path = tempdir().toPath()
    val abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" // FIPS 180-2, B.1

    test("a copy is named by its content and made once") {
      val folder = folder()
      val jar = folder.resolve("a.jar").apply { writeText("abc") }
      val store = JarStore(folder.resolve("copies"))
      val copy = store.copyOf(jar)
      copy shouldBe StoredJar(folder.resolve("copies/$abc.jar"), abc)
      copy.path.readText() shouldBe "abc"
      copy.path.setLastModifiedTime(FileTime.from(Instant.now() - Duration.ofHours(1)))
      val written = copy.path.getLastModifiedTime()
      store.copyOf(jar) shouldBe copy
      copy.path.getLastModifiedTime() shouldBe written
      folder.resolve("copies").listDirectoryEntries().map { it.name } shouldContainExactly listOf("$abc.jar")
    }

    test("the folder is the user's own") {
      val copies = folder().resolve("deep/copies")
      JarStore(copies).copyOf(folder().resolve("a.jar").apply { writeText("abc") })
      PosixFilePermissions.toString(copies.getPosixFilePermissions()) shouldBe "rwx------"
    }

    test("a copy that a crash has cut short is made again") {
      val folder = folder()
      val jar = folder.resolve("a.jar").apply { writeText("abc") }
      val store = JarStore(folder.resolve("copies"))
      store.copyOf(jar).path.writeText("a")
      store.copyOf(jar).path.readText() shouldBe "abc"
    }

    test("many at once leave one complete copy and nothing else") {
      val folder = folder()
      val bytes = ByteArray(3 shl 20) { (it % 251).toByte() }
      val jar = folder.resolve("a.jar").apply { writeBytes(bytes) }
      val start = CyclicBarrier(8)
      val pool = Executors.newFixedThreadPool(8)
      val copies =
        pool.invokeAll(
          List(8) {
            Callable {
              start.await()
              JarStore(folder.resolve("copies")).copyOf(jar).also {
                it.path.readBytes().contentEquals(bytes) shouldBe true
              }
            }
          }
        )
      copies.map { it.get() }.distinct().size shouldBe 1
      pool.shutdown()
      folder.resolve("copies").listDirectoryEntries().size shouldBe 1
    }

    test("copies that nobody has used for long are deleted, with what killed processes have left, and nothing else") {
      val folder = folder()
      val store = JarStore(folder)
      val jars = folder.resolve("in").createDirectory()
      val old = store.copyOf(jars.resolve("old.jar").apply { writeText("old") }).path
      val used = store.copyOf(jars.resolve("used.jar").apply { writeText("used") }).path
      val left = folder.resolve("x.part").createFile()
      val other = folder.resolve("notes.txt").createFile()
      val long = FileTime.from(Instant.now() - Duration.ofDays(31))
      listOf(old, used, left, other).forEach { it.setLastModifiedTime(long) }
      store.copyOf(jars.resolve("used.jar"))
      store.prune(Duration.ofDays(30))
      listOf(old, used, left, other).map { it.exists() } shouldContainExactly listOf(false, true, false, true)
    }

    test("where no copies can be kept, they are in a temporary folder, and one warning says so") {
      val file = folder().resolve("file").createFile()
      val temporary = folder().resolve("for this time")
      val jars = listOf("a", "b").map { name -> folder().resolve("$name.jar").apply { writeText(name) } }
      val store = JarStore(file.resolve("copies")) { temporary }
      val warnings =
        warningsOf(JarStore::class.java) {
          for (jar in jars) store.copyOf(jar).path.parent shouldBe temporary
        }
      warnings.single() shouldBe
        "no copies of plugins can be kept in ${file.resolve("copies")} (Not a directory); for this time they are in " +
          "$temporary. Set XDG_CACHE_HOME to a folder that can be written"
    }

    test("where no temporary folder can be written either, the reason and what to do are said") {
      val file = folder().resolve("file").createFile()
      val jar = folder().resolve("a.jar").apply { writeText("abc") }
      val e = shouldThrow<RefusedException> { JarStore(file.resolve("copies")) { file.resolve("tmp") }.copyOf(jar) }
      e.reason shouldStartWith "no private copy of it could be made in $file"
    }

    test("a user whom the system does not know has no home, and no folder is named ?") {
      userHome("?") { null } shouldBe Path.of("/")
      userHome("?") { if (it == "HOME") "/data" else null } shouldBe Path.of("/data")
      userHome("?") { if (it == "HOME") "home" else null } shouldBe Path.of("/")
      userHome("/home/ada") { "/" } shouldBe Path.of("/home/ada")
      userHome(null) { null }.isAbsolute shouldBe true
    }

    test("a data folder that cannot be made is a temporary one, and a warning says what to set") {
      val file = folder().resolve("file").createFile()
      val temporary = folder()
      val wanted = file.resolve("data")
      warningsOf("io.github.diffusionhost.app.plugins.jar.UserCacheFolder") {
          usableDataFolder(wanted) { temporary } shouldBe temporary
        }
        .single() shouldBe
        "$wanted cannot be made (Not a directory), so datasets are kept in $temporary until this command ends. Set " +
          "DIFFUSIONHOST_DATA to a folder that can be written"
      usableDataFolder(folder().resolve("new")) { error("not needed") }.exists() shouldBe true
    }

    test("the cache folder is where the platform wants it") {
      val home = Path.of("/home/ada")
      userCacheFolder("Linux", home) { null } shouldBe Path.of("/home/ada/.cache/diffusionhost")
      userCacheFolder("Linux", home) { if (it == "XDG_CACHE_HOME") "/var/c" else null } shouldBe
        Path.of("/var/c/diffusionhost")
      userCacheFolder("Mac OS X", home) { null } shouldBe Path.of("/home/ada/Library/Caches/diffusionhost")
      userCacheFolder("Windows 11", home) { null } shouldBe Path.of("/home/ada/AppData/Local/diffusionhost")
    }
  })
