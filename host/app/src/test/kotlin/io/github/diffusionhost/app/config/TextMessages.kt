package io.github.diffusionhost.app.config

/** What is said of the text itself, and `--set` and `--plugins`. */
internal val TEXT_MESSAGES =
  listOf(
    line(
      "a name that is no folder's",
      "name: ../up",
      "c.yaml:4:7: name: '../up' cannot name a folder; use letters, digits, dots, dashes",
    ),
    line(
      "a word near the one for no value",
      "train: {microBatchSize: autto}",
      "c.yaml:4:25: train.microBatchSize: 'autto' is not a whole number from 1 to 1048576, or auto; did you mean auto?",
    ),
    line("an unknown device", "device: tpu", "c.yaml:4:9: device: 'tpu' is not auto, cpu, gpu or gpu:N"),
    line("a device twice", "device: gpu:1,1", "c.yaml:4:9: device: 'gpu:1,1' is not auto, cpu, gpu or gpu:N"),
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
    MessageRow(
      "a setting without a value",
      GOOD_CONFIG,
      listOf("--set train: not a setting; write --set key=value, for example --set train.steps=40"),
      set = listOf("train"),
    ),
    MessageRow(
      "a setting of an unknown section",
      GOOD_CONFIG,
      listOf("--set trian.steps=3: trian: unknown key; did you mean train? (allowed: $TOP_KEYS)"),
      set = listOf("trian.steps=3"),
    ),
    MessageRow(
      "a setting of an unknown key",
      GOOD_CONFIG,
      listOf("--set train.step=3: train.step: unknown key; did you mean steps? (allowed: $TRAIN_KEYS)"),
      set = listOf("train.step=3"),
    ),
    MessageRow(
      "a setting below a number",
      GOOD_CONFIG,
      listOf("--set train.batchSize.x=3: train.batchSize: '256' has no key x"),
      set = listOf("train.batchSize.x=3"),
    ),
    MessageRow(
      "a setting of an element that is not there",
      GOOD_CONFIG,
      listOf("--set train.ema.1.decay=0.5: train.ema: a list, which has no element 1 (elements: 0)"),
      set = listOf("train.ema.1.decay=0.5"),
    ),
    MessageRow(
      "a setting that is no YAML",
      GOOD_CONFIG,
      listOf(
        "--set train.steps=[: train.steps: not YAML: while parsing a flow node: expected the node content, but found " +
          "'<stream end>'"
      ),
      set = listOf("train.steps=["),
    ),
    MessageRow(
      "a section set to a number",
      GOOD_CONFIG,
      listOf("--set train=3: train: '3' is not a section; set one of its keys"),
      set = listOf("train=3"),
    ),
    MessageRow(
      "two models in --plugins",
      "",
      listOf(
        "--plugins dit,unet,ddpm,glyphs: dit and unet are each a model, and a run takes one (installed: dit, unet)"
      ),
      listOf("dit", "unet", "ddpm", "glyphs"),
    ),
    MessageRow(
      "an unknown name in --plugins",
      GOOD_CONFIG,
      listOf(
        "--plugins fidd: no provider named 'fidd' is installed; did you mean fid? (installed: ddpm, dit, fid, flowmatch, glyphs, mnist, unet)"
      ),
      listOf("fidd"),
    ),
    MessageRow(
      "a role that --plugins leaves out",
      "",
      listOf(
        "--plugins dit,ddpm: dataset: missing; add `dataset: {use: …}` to the config or name one in --plugins (installed: glyphs, mnist)"
      ),
      listOf("dit", "ddpm"),
    ),
    MessageRow(
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
