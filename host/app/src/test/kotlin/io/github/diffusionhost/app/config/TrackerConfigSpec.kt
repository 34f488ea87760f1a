package io.github.diffusionhost.app.config

import com.networknt.schema.InputFormat
import com.networknt.schema.JsonSchemaFactory
import com.networknt.schema.SpecVersion
import io.github.diffusionhost.app.config.bind.describe
import io.github.diffusionhost.app.config.bind.flat
import io.github.diffusionhost.app.config.describe.ConfigSchema
import io.github.diffusionhost.app.config.source.ConfigErrors
import io.github.diffusionhost.app.config.source.InvalidConfig
import io.github.diffusionhost.app.config.source.json
import io.github.diffusionhost.app.config.source.readConfigText
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.maps.shouldNotContainKey
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldNotContain

private const val RUN = "model: {use: unet}\nscheduler: {use: flowmatch}\ndataset: {use: glyphs}\n"

/** The section of trackers, which may be a name, a mapping or a list. */
class TrackerConfigSpec :
  FunSpec({
    val registry = FakeRegistry(FakeRegistry.EVERY + Ledger() + Diary())
    val reader = RunConfigReader(registry)
    fun read(yaml: String, vararg set: String, plugins: List<String> = emptyList()) =
      reader.read(RUN + yaml, "c.yaml", ConfigRequest(plugins = plugins, settings = set.toList()))
    fun RunConfig.ledger() = trackers.single().options as LedgerOptions
    val schema = ConfigSchema(registry.all().map { describe(it) }).schema()
    val validator = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema("$schema")
    fun marks(yaml: String) =
      validator.validate("${json(readConfigText(yaml, "c.yaml", ConfigErrors()))}", InputFormat.JSON).map { it.message }

    class Good(val what: String, val yaml: String, vararg val trackers: Pair<String, Record>)
    val plain = LedgerOptions(null, 40)
    for (good in
      listOf(
        Good("a name", "tracker: ledger", "ledger" to plain),
        Good("a mapping", "tracker: {use: ledger, uri: desk}", "ledger" to LedgerOptions("desk", 40)),
        Good("a preset", "tracker: {use: ledger, preset: thin}", "ledger" to LedgerOptions(null, 10)),
        Good("a list of one name", "tracker: [ledger]", "ledger" to plain),
        Good("nothing", "tracker: []"),
        Good(
          "names and mappings",
          "tracker:\n  - diary\n  - use: ledger\n    lines: 3\n",
          "diary" to NoOptions(false),
          "ledger" to LedgerOptions(null, 3),
        ),
      )) {
      test("takes ${good.what}, and so does the schema, and reads it back from the resolved config") {
        val config = read(good.yaml)
        config.trackers.map { it.provider.name() to it.options } shouldContainExactly good.trackers.toList()
        marks(RUN + good.yaml).shouldBeEmpty()
        marks(config.toYaml()).shouldBeEmpty()
        reader.read(config.toYaml(), "again").trackers shouldBe config.trackers
      }
    }

    test("a run without trackers says nothing of them") {
      read("").toYaml() shouldNotContain "tracker"
      flat(read("").resolved()) shouldNotContainKey "tracker"
    }

    test("--set replaces, adds and changes") {
      read("", "tracker=ledger").ledger() shouldBe plain
      read("", "tracker={use: ledger, lines: 7}").ledger().lines shouldBe 7
      read("", "tracker.use=ledger", "tracker.uri=desk").ledger().uri shouldBe "desk"
      read("tracker: ledger", "tracker.lines=9").ledger().lines shouldBe 9
      read("tracker: ledger", "tracker.ledger.lines=9").ledger().lines shouldBe 9
      read("tracker: [ledger]", "tracker.0.lines=9").ledger().lines shouldBe 9
      val both = read("tracker: [diary, ledger]", "tracker.ledger.uri=desk").trackers
      both.map { it.provider.name() } shouldContainExactly listOf("diary", "ledger")
      (both[1].options as LedgerOptions).uri shouldBe "desk"
      read("tracker: ledger", "tracker=diary").trackers.single().provider.name() shouldBe "diary"
      read("tracker: ledger", "tracker=[]").trackers.shouldBeEmpty()
      read("tracker: ledger", "tracker=null").trackers.shouldBeEmpty()
      read("tracker:").trackers.shouldBeEmpty()
    }

    test("--plugins adds trackers by their kind, as many as there are") {
      val plugins = listOf("unet", "flowmatch", "glyphs", "ledger", "diary")
      reader.read(ConfigRequest(plugins = plugins)).trackers.map { it.provider.name() } shouldContainExactly
        listOf("ledger", "diary")
      read("tracker: {use: ledger, lines: 3}", plugins = listOf("ledger")).ledger().lines shouldBe 3
      read("", "tracker.lines=4", plugins = listOf("ledger")).ledger().lines shouldBe 4
    }

    class Bad(val yaml: String, val message: String, vararg val set: String)
    for (bad in
      listOf(
        Bad(
          "tracker: lodger",
          "c.yaml:4:10: tracker.use: no tracker named 'lodger' is installed; did you mean ledger? (installed: diary, ledger)",
        ),
        Bad("tracker: unet", "c.yaml:4:10: tracker.use: unet is a model, not a tracker (installed: diary, ledger)"),
        Bad("tracker: {uri: x}", "c.yaml:4:10: tracker: does not say which: add `use: …` (installed: diary, ledger)"),
        Bad(
          "tracker: {use: ledger, line: 3}",
          "c.yaml:4:24: tracker.line: unknown key; did you mean lines? (allowed: use, preset, uri, lines)",
        ),
        Bad(
          "tracker: {use: ledger, lines: 0}",
          "c.yaml:4:31: tracker.lines: '0' is not a whole number from 1 to 2147483647",
        ),
        Bad("tracker: {use: ledger, uri: sea}", "c.yaml:4:24: tracker: uri: the sea takes no ledgers"),
        Bad(
          "tracker: [diary, [ledger]]",
          "c.yaml:4:18: tracker.1: a list is not a tracker; write its name, or `use: …` and its options",
        ),
        Bad("tracker: [ledger, ledger]", "c.yaml:4:1: tracker: ledger is there twice, and a run takes each once"),
        Bad(
          "tracker: [diary, ledger]",
          "--set tracker.uri=x: tracker: a list, which has no element uri (elements: 0, 1)",
          "tracker.uri=x",
        ),
      )) {
      test("${bad.yaml} ${bad.set.joinToString(" ")}: one message that says where") {
        val yaml = bad.yaml
        shouldThrow<InvalidConfig> { read(yaml, *bad.set) }.errors.map { "$it" } shouldContainExactly
          listOf(bad.message)
        if (bad.set.isEmpty() && "sea" !in yaml && "[ledger, ledger]" !in yaml) marks(RUN + yaml).shouldNotBeEmpty()
      }
    }
  })
