package io.github.diffusionhost.it

import io.github.diffusionhost.app.run.HostProcess
import io.github.diffusionhost.app.run.REPOSITORY
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.io.path.createDirectory
import kotlin.io.path.createFile
import kotlin.io.path.exists
import kotlin.io.path.isDirectory

/** Users whom the system does not know, as `docker run --user` makes them. */
class HomelessUserSpec :
  FunSpec({
    val show = arrayOf("config", "show", "--plugins", "dit,flowmatch,glyphs")

    test("where Java knows no home, that of the environment counts, and no folder is named ?") {
      val home = tempdir().toPath().resolve("home").createDirectory()
      val environment = mapOf("HOME" to "$home", "XDG_CACHE_HOME" to "")
      val shown = HostProcess(*show, flags = listOf("-Duser.home=?"), environment = environment).finish()
      shown.exit shouldBe 0
      home.resolve(".cache/diffusionhost/plugins").isDirectory() shouldBe true
      REPOSITORY.resolve("?").exists() shouldBe false
    }

    test("where no cache can be written, plugins load all the same, and one warning says what to set") {
      val file = tempdir().toPath().resolve("file").createFile()
      val shown = HostProcess(*show, environment = mapOf("XDG_CACHE_HOME" to "$file")).finish()
      shown.exit shouldBe 0
      shown.out shouldContain "use: dit"
      shown.err.trim().lines().size shouldBe 1
      shown.err shouldContain "no copies of plugins can be kept in $file/diffusionhost/plugins"
      shown.err shouldContain "Set XDG_CACHE_HOME to a folder that can be written"
    }
  })
