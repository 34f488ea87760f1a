package io.github.diffusionhost.app.config

/** What is said of single options and sections. */
internal val OPTION_MESSAGES =
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
  )
