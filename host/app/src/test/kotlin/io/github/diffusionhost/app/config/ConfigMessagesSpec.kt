package io.github.diffusionhost.app.config

import io.github.diffusionhost.app.config.source.InvalidConfig
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

/** A config, what `--plugins` and `--set` say, and every line that comes back. */
private data class Row(
  val what: String,
  val yaml: String,
  val messages: List<String>,
  val plugins: List<String> = emptyList(),
  val set: List<String> = emptyList(),
)

private const val GOOD = "model: {use: unet}\nscheduler: {use: flowmatch}\ndataset: {use: glyphs}\n"

private val TRAIN_KEYS =
  "from, epochs, images, steps, batchSize, microBatchSize, precision, compile, optimizer, lrSchedule, clipNorm, " +
    "labelDropout, ema, logEvery, " +
    "sampleEvery, checkpointEvery, keepLast, keepBest, emaSnapshotEvery"
private const val TOP_KEYS = "name, seed, device, model, scheduler, dataset, train, sample, metrics, tracker"

private fun row(what: String, yaml: String, vararg messages: String) = Row(what, yaml, messages.toList())

/** A row for one line, the fourth, of an otherwise good config. */
private fun line(what: String, yaml: String, vararg messages: String) = Row(what, GOOD + yaml, messages.toList())

private val ROWS =
  listOf(
    line(
      "an unknown key near a known one",
      "train: {optimzer: {lr: 1}}",
      "c.yaml:4:9: train.optimzer: unknown key; did you mean optimizer? (allowed: $TRAIN_KEYS)",
    ),
    line(
      "another spelling of a key",
      "train: {batch_size: 3}",
      "c.yaml:4:9: train.batch_size: unknown key; did you mean batchSize? (allowed: $TRAIN_KEYS)",
    ),
    line(
      "a key that belongs deeper",
      "train: {lr: 3}",
      "c.yaml:4:9: train.lr: unknown key; did you mean optimizer.lr? (allowed: $TRAIN_KEYS)",
    ),
    line(
      "a key that is like no other",
      "train: {qqq: 3}",
      "c.yaml:4:9: train.qqq: unknown key (allowed: $TRAIN_KEYS)",
    ),
    line(
      "an unknown section",
      "modle: {use: dit}",
      "c.yaml:4:1: modle: unknown key; did you mean model? (allowed: $TOP_KEYS)",
    ),
    line(
      "an option of a section at the top",
      "batchSize: 4",
      "c.yaml:4:1: batchSize: unknown key; did you mean train.batchSize? (allowed: $TOP_KEYS)",
    ),
    row(
      "an unknown option of a provider",
      "model: {use: dit, patches: 2}\nscheduler: {use: ddpm}\ndataset: {use: glyphs}",
      "c.yaml:1:19: model.patches: unknown key; did you mean patch? (allowed: use, preset, patch, width, heads, " +
        "positions, initStd, bias, levels, mlp, weights)",
    ),
    line(
      "a word for a whole number",
      "train:\n  batchSize: many",
      "c.yaml:5:14: train.batchSize: 'many' is not a whole number from 1 to 1048576",
    ),
    line(
      "a fraction for a whole number",
      "train: {batchSize: 2.5}",
      "c.yaml:4:20: train.batchSize: '2.5' is not a whole number from 1 to 1048576",
    ),
    line(
      "a quoted number for a number",
      "train: {batchSize: \"2\"}",
      "c.yaml:4:20: train.batchSize: '2' is not a whole number from 1 to 1048576",
    ),
    line(
      "a number that fits no long",
      "seed: 9_223_372_036_854_775_808",
      "c.yaml:4:7: seed: '9_223_372_036_854_775_808' is not a whole number",
    ),
    line(
      "an exponent that would fill the memory",
      "seed: 1e999999999",
      "c.yaml:4:7: seed: '1e999999999' is not a whole number",
    ),
    line(
      "a number below its range",
      "train: {optimizer: {lr: -1e-3}}",
      "c.yaml:4:25: train.optimizer.lr: '-1e-3' is not a number of at least 0.0",
    ),
    line(
      "not a number",
      "train: {clipNorm: .nan}",
      "c.yaml:4:19: train.clipNorm: '.nan' is not a number of at least 0.0",
    ),
    line(
      "an unknown word of a choice",
      "train: {optimizer: {use: adamx}}",
      "c.yaml:4:26: train.optimizer.use: 'adamx' is not one of sgd, adam, adamw; did you mean adam?",
    ),
    row(
      "yes for true",
      "model: {use: dit, bias: yes}\nscheduler: {use: ddpm}\ndataset: {use: glyphs}",
      "c.yaml:1:25: model.bias: 'yes' is not true or false",
    ),
    row(
      "a text that is not allowed, in a group",
      "model: {use: dit, mlp: {activation: GELU}}\nscheduler: {use: ddpm}\ndataset: {use: glyphs}",
      "c.yaml:1:37: model.mlp.activation: 'GELU' is not one of gelu, silu; did you mean gelu?",
    ),
    line(
      "a list for a number",
      "train: {batchSize: [1, 2]}",
      "c.yaml:4:20: train.batchSize: a list is not a whole number from 1 to 1048576",
    ),
    line(
      "a number for a list",
      "train: {optimizer: {betas: 0.9}}",
      "c.yaml:4:28: train.optimizer.betas: '0.9' is not a list, each element a number from 0.0 to 0.9999999",
    ),
    line(
      "an element of a list out of range",
      "train: {optimizer: {betas: [0.9, 1]}}",
      "c.yaml:4:34: train.optimizer.betas.1: '1' is not a number from 0.0 to 0.9999999",
    ),
    line(
      "nothing in a list",
      "train: {optimizer: {betas: [0.9, null]}, ema: [{decay: 2}, null]}",
      "c.yaml:4:34: train.optimizer.betas.1: nothing is not a number from 0.0 to 0.9999999",
      "c.yaml:4:56: train.ema.0.decay: '2' is not a number from 0.0 to 1.0",
      "c.yaml:4:60: train.ema.1: nothing is not a mapping",
    ),
    line("a number for a group", "train: {optimizer: 3}", "c.yaml:4:20: train.optimizer: '3' is not a mapping"),
    line(
      "nothing where a value is needed",
      "train: {batchSize: null}",
      "c.yaml:4:9: train.batchSize: needs a value (allowed: a whole number from 1 to 1048576)",
    ),
    line(
      "a section that says nothing",
      "train:",
      "c.yaml:4:7: train: nothing is not a section; write its options below it, or leave the key out",
    ),
    line(
      "a section that is a word",
      "sample: fast",
      "c.yaml:4:9: sample: 'fast' is not a section; write its options below it, or leave the key out",
    ),
    row(
      "a role that is a word",
      "model: dit\nscheduler: {use: ddpm}\ndataset: {use: glyphs}",
      "c.yaml:1:8: model: 'dit' is not a section; write `model: {use: …}`",
    ),
    line(
      "options that do not fit together",
      "train:\n  batchSize: 64\n  microBatchSize: 48",
      "c.yaml:5:3: train: microBatchSize 48 does not divide batchSize 64",
    ),
    line(
      "snapshots of averages that are not there",
      "train:\n  batchSize: 64\n  emaSnapshotEvery: 100",
      "c.yaml:6:3: train: emaSnapshotEvery 100: ema has no power-function average to keep; add {use: power, width: " +
        "0.05} and {use: power, width: 0.1}, or set it to 0",
    ),
    line(
      "snapshots of one average twice",
      "train:\n  ema: [{use: power}, {use: power, width: 0.1}]\n  emaSnapshotEvery: 100",
      "c.yaml:5:3: train: emaSnapshotEvery 100: two power-function averages of ema have the same width; their widths " +
        "are [0.1, 0.1]",
    ),
    line(
      "a width that no power function has",
      "train: {ema: [{use: power, width: 0.3}]}",
      "c.yaml:4:35: train.ema.0.width: '0.3' is not a number from 1.0E-4 to 0.28867513459481287",
    ),
    line(
      "options of a group that do not fit together",
      "train: {optimizer: {betas: [0.9]}}",
      "c.yaml:4:21: train.optimizer: betas takes two numbers, not 1",
    ),
    row(
      "options of a provider that do not fit together",
      "model: {use: dit, heads: 3}\nscheduler: {use: ddpm}\ndataset: {use: glyphs}",
      "c.yaml:1:19: model: heads 3 does not divide width 256",
    ),
    row(
      "options that a scheduler refuses to be made of",
      "model: {use: unet}\nscheduler: {use: flowmatch, shift: 13}\ndataset: {use: glyphs}",
      "c.yaml:2:1: scheduler: shift 13 brings bad luck",
    ),
    line(
      "two lengths of a training",
      "train:\n  steps: 5\n  epochs: 3",
      "c.yaml:6:3: train.epochs: a training has one length, and steps gives it already",
    ),
    Row(
      "no length of a training",
      GOOD + "train: {steps: null}",
      listOf("--set train.epochs=null: train: exactly one of epochs, images and steps gives the length; 0 are given"),
      set = listOf("train.epochs=null"),
    ),
    row(
      "an unknown provider",
      "model: {use: ditt}\nscheduler: {use: ddpm}\ndataset: {use: glyphs}",
      "c.yaml:1:14: model.use: no model named 'ditt' is installed; did you mean dit? (installed: dit, unet)",
    ),
    row(
      "a provider of another kind",
      "model: {use: glyphs}\nscheduler: {use: ddpm}\ndataset: {use: glyphs}",
      "c.yaml:1:14: model.use: glyphs is a dataset, not a model (installed: dit, unet)",
    ),
    row(
      "a section that names no provider",
      "model: {width: 3}\nscheduler: {use: ddpm}\ndataset: {use: glyphs}",
      "c.yaml:1:1: model: does not say which: add `use: …` (installed: dit, unet)",
    ),
    row(
      "a list of providers",
      "model: {use: [dit, unet]}\nscheduler: {use: ddpm}\ndataset: {use: glyphs}",
      "c.yaml:1:14: model.use: a list is not a provider's name (installed: dit, unet)",
    ),
    row(
      "an unknown preset",
      "model: {use: dit, preset: smal}\nscheduler: {use: ddpm}\ndataset: {use: glyphs}",
      "c.yaml:1:27: model.preset: dit has no preset 'smal'; did you mean small? (presets: mnist, small)",
    ),
    row(
      "a preset where there is none",
      "model: {use: unet, preset: small}\nscheduler: {use: ddpm}\ndataset: {use: glyphs}",
      "c.yaml:1:28: model.preset: unet has no preset 'small' (presets: none)",
    ),
    line(
      "an unknown sampler",
      "sample: {sampler: heum}",
      "c.yaml:4:19: sample.sampler: flowmatch has no sampler 'heum'; did you mean heun? (samplers: euler, heun)",
    ),
    line(
      "an option of another sampler",
      "sample: {sampler: euler, churn: 0.1}",
      "c.yaml:4:26: sample.churn: unknown key (allowed: sampler, steps, count, guidance, labels, realImages, nothing)",
    ),
    line(
      "an option of the sampler out of range",
      "sample: {sampler: heun, churn: 2}",
      "c.yaml:4:32: sample.churn: '2' is not a number from 0.0 to 1.0",
    ),
    row(
      "a missing role",
      "model: {use: unet}\nscheduler: {use: ddpm}\n",
      "c.yaml:1:1: dataset: missing; add `dataset: {use: …}` to the config or name one in --plugins " +
        "(installed: glyphs, mnist)",
    ),
    row(
      "no shape where there is no dataset",
      "model: {use: unet}\nscheduler: {use: ddpm}\ndataset: {use: none, classes: 3}\n",
      "c.yaml:3:1: dataset.shape: `use: none` needs the size of an image: shape: [channels, rows, columns]",
    ),
    row(
      "a shape of two numbers, and a key too many",
      "model: {use: unet}\nscheduler: {use: ddpm}\ndataset: {use: none, shape: [28, 28]}\n",
      "c.yaml:3:29: dataset.shape: `use: none` needs the size of an image: shape: [channels, rows, columns]",
    ),
    line(
      "metrics that are no list",
      "metrics: {use: fid}",
      "c.yaml:4:10: metrics: a mapping is not a list, each element `use: …`",
    ),
    line(
      "a metric that is a word",
      "metrics: [fid]",
      "c.yaml:4:11: metrics.0: 'fid' is not a metric; write `- use: …`",
    ),
    line(
      "a unit that counts nothing",
      "train: {sampleEvery: 1 eon}",
      "c.yaml:4:22: train.sampleEvery: '1 eon' is not a number of steps, or one with its word: 500 steps, 50_000 " +
        "images, 1 epoch, 0.5 epochs",
    ),
    line(
      "a wrong option of a metric",
      "metrics: [{use: fid, everyImages: -1, extractor: eye}]",
      "c.yaml:4:35: metrics.0.everyImages: '-1' is not a number of images, or one with its word: 500 steps, 50_000 " +
        "images, 1 epoch, 0.5 epochs",
      "c.yaml:4:50: metrics.0.extractor: 'eye' is not one of classifier, inception",
    ),
    line(
      "a best that is no direction",
      "metrics: [{use: fid, best: low}]",
      "c.yaml:4:28: metrics.0.best: 'low' is not one of least, greatest",
    ),
    line(
      "two metrics that say which checkpoint is best",
      "metrics: [{use: fid, best: least}, {use: fid, best: greatest}]",
      "c.yaml:4:53: metrics.1.best: one metric says which checkpoint is best, and fid does already",
    ),
    line(
      "the number of no best",
      "metrics: [{use: fid, bestValue: fid}]",
      "c.yaml:4:33: metrics.0.bestValue: it is for `best`, which is not given: least or greatest",
    ),
    line(
      "a name that is no folder's",
      "name: ../up",
      "c.yaml:4:7: name: '../up' cannot name a folder; use letters, digits, dots, dashes",
    ),
    line("an unknown device", "device: tpu", "c.yaml:4:9: device: 'tpu' is not auto, cpu, gpu or gpu:0,1"),
    line("a device twice", "device: gpu:1,1", "c.yaml:4:9: device: 'gpu:1,1' is not auto, cpu, gpu or gpu:0,1"),
    line(
      "a key given twice",
      "train: {steps: 3, steps: 3}",
      "c.yaml:4:19: train.steps: given twice; first at c.yaml:4:9",
    ),
    line("a tag", "name: !!str 3", "c.yaml:4:7: name: the tag tag:yaml.org,2002:str means nothing here; leave it out"),
    row(
      "broken YAML",
      "model: {use: dit\nscheduler: 3\n",
      "c.yaml:2:10: not YAML: while parsing a flow mapping: expected ',' or '}', but got :",
    ),
    row(
      "an unfinished quote",
      "name: \"a\nb",
      "c.yaml:2:2: not YAML: while scanning a quoted scalar: found unexpected end of stream",
    ),
    row(
      "a tab",
      "train:\n\tsteps: 3",
      "c.yaml:2:1: not YAML: while scanning for the next token: found character '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB) for indentation)",
    ),
    row(
      "a character that may not occur",
      "name: a\nseed: \u0001",
      "c.yaml:2:7: not YAML: the character \\u0001 may not occur",
    ),
    row("an anchor that is not there", "name: *a", "c.yaml:1:7: no anchor &a before this"),
    row("an anchor inside itself", "model: &a {use: *a}", "c.yaml:1:17: no anchor &a before this"),
    row(
      "a second document",
      "name: a\n---\nname: b",
      "c.yaml:2:1: a second document begins here; a config is one document",
    ),
    row("a key that is a list", "[a]: 3", "c.yaml:1:1: a key must be a word, not a list"),
    row("nothing", "# later\n", "c.yaml:1:1: the config is empty; it needs model, scheduler and dataset"),
    row("a list for a config", "- model: dit", "c.yaml:1:1: a list is not a config; write `key: value` lines"),
    row("a text for a config", "hello", "c.yaml:1:1: 'hello' is not a config; write `key: value` lines"),
    Row(
      "a setting without a value",
      GOOD,
      listOf("--set train: not a setting; write --set key=value, for example --set train.steps=40"),
      set = listOf("train"),
    ),
    Row(
      "a setting of an unknown section",
      GOOD,
      listOf("--set trian.steps=3: trian: unknown key; did you mean train? (allowed: $TOP_KEYS)"),
      set = listOf("trian.steps=3"),
    ),
    Row(
      "a setting of an unknown key",
      GOOD,
      listOf("--set train.step=3: train.step: unknown key; did you mean steps? (allowed: $TRAIN_KEYS)"),
      set = listOf("train.step=3"),
    ),
    Row(
      "a setting below a number",
      GOOD,
      listOf("--set train.batchSize.x=3: train.batchSize: '256' has no key x"),
      set = listOf("train.batchSize.x=3"),
    ),
    Row(
      "a setting of an element that is not there",
      GOOD,
      listOf("--set train.ema.1.decay=0.5: train.ema: a list, which has no element 1 (elements: 0)"),
      set = listOf("train.ema.1.decay=0.5"),
    ),
    Row(
      "a setting that is no YAML",
      GOOD,
      listOf(
        "--set train.steps=[: train.steps: not YAML: while parsing a flow node: expected the node content, but found " +
          "'<stream end>'"
      ),
      set = listOf("train.steps=["),
    ),
    Row(
      "a section set to a number",
      GOOD,
      listOf("--set train=3: train: '3' is not a section; set one of its keys"),
      set = listOf("train=3"),
    ),
    Row(
      "two models in --plugins",
      "",
      listOf(
        "--plugins dit,unet,ddpm,glyphs: dit and unet are each a model, and a run takes one (installed: dit, unet)"
      ),
      listOf("dit", "unet", "ddpm", "glyphs"),
    ),
    Row(
      "an unknown name in --plugins",
      GOOD,
      listOf(
        "--plugins fidd: no provider named 'fidd' is installed; did you mean fid? (installed: ddpm, dit, fid, flowmatch, glyphs, mnist, unet)"
      ),
      listOf("fidd"),
    ),
    Row(
      "a role that --plugins leaves out",
      "",
      listOf(
        "--plugins dit,ddpm: dataset: missing; add `dataset: {use: …}` to the config or name one in --plugins (installed: glyphs, mnist)"
      ),
      listOf("dit", "ddpm"),
    ),
    Row(
      "many things at once, in the order of the lines",
      "train: {steps: x}\nmodel: {use: nope}\nname: a/b\nscheduler: {use: ddpm, timesteps: 0}\n",
      listOf(
        "c.yaml:1:1: dataset: missing; add `dataset: {use: …}` to the config or name one in --plugins (installed: glyphs, mnist)",
        "c.yaml:1:16: train.steps: 'x' is not a whole number of at least 0",
        "c.yaml:2:14: model.use: no model named 'nope' is installed (installed: dit, unet)",
        "c.yaml:3:7: name: 'a/b' cannot name a folder; use letters, digits, dots, dashes",
        "c.yaml:4:35: scheduler.timesteps: '0' is not a whole number from 1 to 2147483647",
        "--set seed=x: seed: 'x' is not a whole number",
      ),
      set = listOf("seed=x"),
    ),
  )

class ConfigMessagesSpec :
  FunSpec({
    val reader = RunConfigReader(FakeRegistry())

    for (row in ROWS) {
      test(row.what) {
        val request = ConfigRequest(plugins = row.plugins, settings = row.set)
        val error =
          shouldThrow<InvalidConfig> {
            if (row.yaml.isEmpty()) reader.read(request) else reader.read(row.yaml, "c.yaml", request)
          }
        error.errors.map { it.toString() } shouldContainExactly row.messages
      }
    }

    test("a message is the line that is printed") {
      val error = shouldThrow<InvalidConfig> { reader.read("name: *a", "c.yaml") }
      error.message shouldBe "c.yaml:1:7: no anchor &a before this"
    }
  })
