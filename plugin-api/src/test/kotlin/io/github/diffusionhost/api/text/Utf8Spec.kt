package io.github.diffusionhost.api.text

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import java.io.IOException
import kotlin.io.path.writeBytes

class Utf8Spec :
  FunSpec({
    fun bytes(vararg values: Int) = ByteArray(values.size) { values[it].toByte() }

    test("a byte-order mark is no text") {
      Utf8.decode("a", bytes(0xef, 0xbb, 0xbf, 'x'.code)) shouldBe "x"
      Utf8.decode("a", bytes(0xef, 0xbb, 0xbf)) shouldBe ""
      Utf8.decode("a", "a\ufeffb".toByteArray()) shouldBe "a\ufeffb"
      Utf8.decode("a", bytes()) shouldBe ""
    }

    test("what is no UTF-8 is an error with file and line, also at the very end") {
      val file = tempdir().toPath().resolve("words.txt")
      file.writeBytes("one\ntwo ".toByteArray() + bytes(0xc3, 0x28) + "\n".toByteArray())
      shouldThrow<IOException> { Utf8.read(file) }.message shouldBe "$file, line 2: not UTF-8 text"
      shouldThrow<IOException> { Utf8.decode("a", bytes('x'.code, 0xc3)) }.message shouldBe "a, line 1: not UTF-8 text"
      shouldThrow<IOException> { Utf8.decode("a\nb", bytes(0xff)) }.message shouldBe "a\\u000ab, line 1: not UTF-8 text"
    }
  })
