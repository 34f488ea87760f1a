package io.github.diffusionhost.app.config

/** What is said of options and parts that do not go together. */
internal val RUN_MESSAGES =
  listOf(
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
    MessageRow(
      "no length of a training",
      GOOD_CONFIG + "train: {steps: null}",
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
  )
