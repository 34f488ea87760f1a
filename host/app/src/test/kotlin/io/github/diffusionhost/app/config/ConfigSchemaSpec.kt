package io.github.diffusionhost.app.config

import com.networknt.schema.InputFormat
import com.networknt.schema.JsonSchemaFactory
import com.networknt.schema.SpecVersion
import io.github.diffusionhost.app.config.bind.describe
import io.github.diffusionhost.app.config.describe.ConfigSchema
import io.github.diffusionhost.app.config.source.ConfigErrors
import io.github.diffusionhost.app.config.source.json
import io.github.diffusionhost.app.config.source.readConfigText
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.shouldBe
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

private const val ROLES_OF = "model: {use: dit}\nscheduler: {use: flowmatch}\ndataset: {use: glyphs}\n"

/** Configs that the reader takes, and so must the schema. */
private val GOOD =
  mapOf(
    "the least" to ROLES_OF,
    "numbers with underscores" to ROLES_OF + "train: {images: 500_000, optimizer: {lr: 2e-4}}\n",
    "nothing where nothing may be" to ROLES_OF + "train: {microBatchSize: null}\n",
    "a preset and an option" to
      "model: {use: dit, preset: small, mlp: {ratio: 2}}\nscheduler: {use: ddpm}\ndataset: {use: mnist}\n",
    "a sampler with its option" to ROLES_OF + "sample: {sampler: heun, churn: 0.5, count: 3}\n",
    "the first sampler's option" to ROLES_OF + "sample: {nothing: true}\n",
    "a metric" to ROLES_OF + "metrics: [{use: fid, preset: paper, everyImages: 5}]\n",
    "no dataset" to
      "model: {use: unet}\nscheduler: {use: ddpm}\ndataset: {use: none, shape: [1, 28, 28], classes: 12}\n",
    "devices" to ROLES_OF + "device: gpu:0,1\nseed: -1\nname: x\n",
  )

/** Configs that an editor must mark, with the place. */
private val BAD =
  mapOf(
    ROLES_OF + "modle: {}" to "",
    ROLES_OF + "train: {step: 3}" to "/train",
    ROLES_OF + "train: {batchSize: 0}" to "/train/batchSize",
    ROLES_OF + "train: {batchSize: many}" to "/train/batchSize",
    ROLES_OF + "train: {batchSize: null}" to "/train/batchSize",
    ROLES_OF + "train: {optimizer: {use: lion}}" to "/train/optimizer/use",
    ROLES_OF + "train: {ema: [{decay: 2}]}" to "/train/ema/0/decay",
    ROLES_OF + "device: tpu" to "/device",
    "model: {use: nope}" to "/model/use",
    "model: {width: 3}" to "/model",
    "model: {use: unet, patch: 3}" to "/model",
    "model: {use: dit, preset: huge}" to "/model/preset",
    "model: {use: dit, mlp: {activation: tanh}}" to "/model/mlp/activation",
    "dataset: {use: none}" to "/dataset",
    "dataset: {use: none, shape: [1, 2]}" to "/dataset/shape",
    "metrics: [{use: fid, every: 3}]" to "/metrics/0",
    ROLES_OF + "sample: {sampler: dpm}" to "/sample/sampler",
    ROLES_OF + "sample: {sampler: euler, churn: 0.1}" to "/sample",
    ROLES_OF + "sample: {churn: 0.1}" to "/sample",
    ROLES_OF + "sample: {sampler: heun, churn: 3}" to "/sample/churn",
  )

class ConfigSchemaSpec :
  FunSpec({
    val schema = ConfigSchema(FakeRegistry().all().map { describe(it) }).schema()
    val validator = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schema.toString())
    val reader = RunConfigReader(FakeRegistry())
    fun marks(yaml: String) =
      validator.validate(json(readConfigText(yaml, "c.yaml", ConfigErrors())).toString(), InputFormat.JSON).map {
        it.instanceLocation.toString().removePrefix("$").replace('.', '/').replace(Regex("\\[(\\d+)]"), "/$1")
      }

    test("it is a schema by the draft's own schema") {
      val draft = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
      val meta = draft.getSchema(com.networknt.schema.SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"))
      meta.validate(schema.toString(), InputFormat.JSON).map { it.message }.shouldBeEmpty()
    }

    for ((what, yaml) in GOOD) {
      test("takes $what, as the reader does") {
        reader.read(yaml, "c.yaml")
        marks(yaml).shouldBeEmpty()
      }
      test("takes the resolved config of $what") { marks(reader.read(yaml, "c.yaml").toYaml()).shouldBeEmpty() }
    }

    for ((yaml, place) in BAD) {
      test("marks ${yaml.removePrefix(ROLES_OF)}") { marks(yaml) shouldContain place }
    }

    test("every option has its doc line and default") {
      val properties = schema.at("\$defs", "model.dit", "properties").jsonObject
      properties.keys shouldContainExactly
        setOf("patch", "width", "heads", "positions", "initStd", "bias", "levels", "mlp", "weights", "preset", "use")
      properties.at("patch", "description").jsonPrimitive.content shouldBe "patch edge"
      properties.at("patch", "default").jsonPrimitive.content shouldBe "2"
      properties.at("patch", "maximum").jsonPrimitive.content shouldBe "16"
      properties.at("mlp", "properties", "activation", "enum").toString() shouldBe "[\"gelu\",\"silu\"]"
    }

    test("every described property is explained") {
      undescribed(schema.at("properties"), "").shouldBeEmpty()
      (schema.at("\$defs") as JsonObject).keys.shouldNotBeEmpty()
    }
  })

private fun JsonElement.at(vararg path: String): JsonElement =
  path.fold(this) { node, key -> node.jsonObject.getValue(key) }

/** Keys of sections without a description. */
private fun undescribed(properties: JsonElement, path: String): List<String> =
  properties.jsonObject.flatMap { (key, value) ->
    val schema = value.jsonObject
    val own = if ("description" in schema) emptyList() else listOf("$path/$key")
    own + (schema["properties"]?.let { undescribed(it, "$path/$key") } ?: emptyList())
  }
