package io.github.diffusionhost.app.config

import io.github.diffusionhost.app.config.source.InvalidConfig
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf

private const val DIT = "model: {use: dit}\nscheduler: {use: flowmatch}\ndataset: {use: mnist}\n"

/** Names that files have and YAML reads otherwise. */
private val NAMES =
  listOf(
    "set #2",
    "#2",
    "@home",
    "*.png",
    "&a",
    "!x",
    "%x",
    "`x`",
    "|x",
    ">x",
    "[a",
    "[a, b]",
    "{a}",
    "{a: b}",
    "a: b",
    "a:",
    "- a",
    "a, b]",
    "  blanks  ",
    "'half",
    "|",
    ">",
    "|-",
    ">-",
    "no # comment",
    "5e5",
    "0x10",
    "yes",
    "2026-01-01",
    "C:\\images\\new",
  )

class TypedSettingsSpec :
  FunSpec({
    val reader = RunConfigReader(FakeRegistry())
    fun read(vararg set: String) = reader.read(DIT, "c.yaml", ConfigRequest(settings = set.toList()))
    fun errors(vararg set: String) = shouldThrow<InvalidConfig> { read(*set) }.errors.map { "$it" }

    for (name in NAMES) {
      test("a path on the command line is taken as typed: $name") {
        val options = read("model.weights=$name").model.options.shouldBeInstanceOf<DitOptions>()
        "${options.weights}" shouldBe name
      }
    }

    test("a text is taken as typed, and refused where it does not fit") {
      errors("name=a # b") shouldContainExactly
        listOf("--set name=a # b: name: 'a # b' cannot name a folder; use letters, digits, dots, dashes")
      errors("name=a: b") shouldContainExactly
        listOf("--set name=a: b: name: 'a: b' cannot name a folder; use letters, digits, dots, dashes")
      errors("device=[gpu]") shouldContainExactly
        listOf("--set device=[gpu]: device: '[gpu]' is not auto, cpu, gpu or gpu:N")
      errors("sample.sampler={a: b}").single() shouldBe
        "--set sample.sampler={a: b}: sample.sampler: flowmatch has no sampler '{a: b}' (samplers: euler, heun)"
    }

    test("a text in quotes of its own ends where they do") {
      val options = read("model.weights='a # b'", "name=\"x\"")
      "${(options.model.options as DitOptions).weights}" shouldBe "a # b"
      options.name shouldBe "x"
    }

    test("a comment that would be dropped is an error") {
      val comment = "the comment would be dropped; leave it out, or put the whole value in quotes of its own"
      errors("train.steps=40 # forty") shouldContainExactly
        listOf("--set train.steps=40 # forty: train.steps: $comment")
      errors("train.compile=true # yes").single() shouldBe "--set train.compile=true # yes: train.compile: $comment"
      errors("train.steps=#40").single() shouldBe "--set train.steps=#40: train.steps: $comment"
      errors("model.levels=[1, 2] # two").single() shouldBe "--set model.levels=[1, 2] # two: model.levels: $comment"
      errors("train={steps: 3} # three").first() shouldBe "--set train={steps: 3} # three: $comment"
    }

    test("what is no YAML and no text is an error that says so") {
      errors("train.steps=@4").single() shouldBe
        "--set train.steps=@4: train.steps: not YAML: while scanning for the next token: found character '@' that " +
          "cannot start any token. (Do not use @ for indentation)"
      errors("train.steps=*x").single() shouldBe "--set train.steps=*x: train.steps: no anchor &x before this"
    }

    test("numbers, lists and groups are YAML as before") {
      val config = read("train.optimizer={lr: 1e-3}", "model.levels=[3, 4]", "train.steps= 7 ", "model.weights=")
      config.train.optimizer.lr shouldBe 1e-3
      config.train.steps shouldBe 7
      val options = config.model.options.shouldBeInstanceOf<DitOptions>()
      options.levels shouldBe listOf(3, 4)
      options.weights shouldBe null
    }

    test("merge keys are an error, for YAML 1.2 has none") {
      val yaml = "base: &b {use: dit}\n".replace("base", "model") + "scheduler: {use: ddpm}\ndataset: {<<: *b}\n"
      val problems = shouldThrow<InvalidConfig> { reader.read(yaml, "c.yaml") }.errors.map { "$it" }
      problems shouldContain
        "c.yaml:3:11: dataset: `<<` merges nothing: YAML 1.2 has no merge keys; write the options out"
    }
  })
