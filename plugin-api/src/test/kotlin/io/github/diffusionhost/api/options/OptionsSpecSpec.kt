package io.github.diffusionhost.api.options

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import org.jspecify.annotations.Nullable

enum class Pace {
  SLOW,
  VERY_FAST,
}

@JvmRecord data class Inner(@Option(value = "how deep", min = 0.0) val depth: Int)

@JvmRecord
data class Every(
  @Option("a flag") val flag: Boolean,
  @Option(value = "a whole number", min = 1.0, max = 9.0) val whole: Int,
  @Option("a long number") val long: Long,
  @Option(value = "a real number", min = 0.0) val real: Double,
  @Option("a small real number") val small: Float,
  @Option("a text") val text: String,
  @Option(value = "a text of two", allowed = ["red", "blue"]) val colour: String,
  @Option("a file") val file: Path,
  @Option("a choice") val pace: Pace,
  @Option("a group") val inner: Inner,
  @Option(value = "numbers", min = -1.0) val numbers: List<Double>,
  @Option("choices") val paces: List<Pace>,
  @Option(value = "may be absent", min = 0.0) val absent: @Nullable Int?,
)

private val every =
  Every(
    true,
    3,
    1L shl 40,
    0.5,
    0.25f,
    "word",
    "red",
    Path.of("a/b"),
    Pace.VERY_FAST,
    Inner(2),
    listOf(1.0, 2.5),
    listOf(),
    null,
  )

@JvmRecord data class Worded(@Option(value = "how many", absent = "auto") val count: @Nullable Int?)

@JvmRecord data class Contrary(@Option(value = "how many", absent = "auto") val count: Int)

@JvmRecord data class Silent(val quiet: Int)

@JvmRecord data class Odd(@Option("cannot be written in a config") val thing: java.util.Random)

@JvmRecord
data class Even(@Option("an even number") val number: Int) {
  init {
    require(number % 2 == 0) { "$number is odd" }
  }
}

class OptionsSpecSpec :
  FunSpec({
    val spec = OptionsSpec.of(every)
    fun option(name: String) = spec.options().single { it.name == name }

    test("options come in the order of the record, with docs and defaults") {
      spec.options().map { it.name } shouldBe
        listOf(
          "flag",
          "whole",
          "long",
          "real",
          "small",
          "text",
          "colour",
          "file",
          "pace",
          "inner",
          "numbers",
          "paces",
          "absent",
        )
      option("whole").doc shouldBe "a whole number"
      option("whole").defaultValue shouldBe 3
      spec.type() shouldBe Every::class.java
    }

    test("types and ranges are read from the record") {
      option("flag").type shouldBe OptionType.Flag()
      option("whole").type shouldBe OptionType.Whole(1, 9)
      option("long").type shouldBe OptionType.Whole(Long.MIN_VALUE, Long.MAX_VALUE)
      option("real").type shouldBe OptionType.Real(0.0, Double.POSITIVE_INFINITY)
      option("text").type shouldBe OptionType.Text(listOf())
      option("colour").type shouldBe OptionType.Text(listOf("red", "blue"))
      option("file").type shouldBe OptionType.File()
      option("pace").type shouldBe OptionType.Choice(listOf("slow", "very-fast"))
      option("numbers").type shouldBe OptionType.Many(OptionType.Real(-1.0, Double.POSITIVE_INFINITY))
      option("paces").type shouldBe OptionType.Many(OptionType.Choice(listOf("slow", "very-fast")))
      option("absent").type shouldBe OptionType.Whole(0, Int.MAX_VALUE.toLong())
      option("absent").optional shouldBe true
      option("whole").optional shouldBe false
      val group = option("inner").type as OptionType.Group
      group.spec.options().single().name shouldBe "depth"
    }

    test("what a person may write is said in words") {
      option("whole").type.describe() shouldBe "a whole number from 1 to 9"
      option("real").type.describe() shouldBe "a number of at least 0.0"
      option("pace").type.describe() shouldBe "one of slow, very-fast"
      option("numbers").type.describe() shouldBe "a list, each element a number of at least -1.0"
    }

    test("values that are not given keep their defaults") { spec.create(mapOf<String, Any>()) shouldBe every }

    test("every kind of value binds from what a config holds") {
      val made =
        spec.create(
          mapOf(
            "flag" to false,
            "whole" to 4L,
            "long" to 5,
            "real" to 2,
            "small" to 0.125,
            "text" to "other",
            "colour" to "blue",
            "file" to "c/d",
            "pace" to "slow",
            "inner" to Inner(7),
            "numbers" to listOf(1, 2.5),
            "paces" to listOf("slow", "very-fast"),
            "absent" to 8,
          )
        )
      made shouldBe
        Every(
          false,
          4,
          5,
          2.0,
          0.125f,
          "other",
          "blue",
          Path.of("c/d"),
          Pace.SLOW,
          Inner(7),
          listOf(1.0, 2.5),
          listOf(Pace.SLOW, Pace.VERY_FAST),
          8,
        )
    }

    test("an option that may be absent can be taken away") {
      OptionsSpec.of(every.copy(absent = 3)).create(mapOf("absent" to null)).absent shouldBe null
    }

    test("an option that may be absent can have a word for that, and no other option") {
      OptionsSpec.of(Worded(null)).options().single().absent() shouldBe "auto"
      OptionsSpec.of(every).options().map { it.absent() }.distinct() shouldBe listOf("")
      shouldThrow<IllegalArgumentException> { OptionsSpec.of(Contrary(1)) }.message shouldContain
        "Contrary.count has a word for no value, auto, and always has one"
    }

    test("a component without documentation is refused by name") {
      shouldThrow<IllegalArgumentException> { OptionsSpec.of(Silent(1)) }.message shouldContain
        "Silent.quiet has no @Option line"
    }

    test("a component that configs cannot hold is refused by name") {
      shouldThrow<IllegalArgumentException> { OptionsSpec.of(Odd(java.util.Random())) }.message shouldContain
        "Odd.thing has a type that configs cannot hold: java.util.Random"
    }

    test("the record's own refusal comes through") {
      shouldThrow<IllegalArgumentException> { OptionsSpec.of(Even(2)).create(mapOf("number" to 3)) }.message shouldBe
        "3 is odd"
    }

    test("a choice that does not exist is refused") {
      shouldThrow<IllegalArgumentException> { spec.create(mapOf("pace" to "faster")) }.message shouldContain
        "faster is not a"
    }
  })
