package io.github.diffusionhost.app.lint

private const val BATCH_NORM =
  "A batch norm's statistics mix the noise levels of a batch, and are others in sampling, where all images are at one " +
    "level, than in training. $UNMEASURED"

private const val GROUP_NORMS =
  "Ho et al. 2020, section 4: group normalisation throughout; Wu and He 2018 (arXiv 1803.08494)"

/** Rules of R1 about the network. */
internal val NETWORK_RULES =
  listOf(
    Rule("input-batch-norm", "model.inputNorm", BATCH_NORM, GROUP_NORMS) {
      text("model.inputNorm")?.takeIf { it == "batch" }?.let { Difference("batch", "none") }
    },
    Rule("batch-norm", "model.firstNorm", BATCH_NORM, GROUP_NORMS) {
      text("model.firstNorm")?.takeIf { it == "batch" }?.let { Difference("batch", "group") }
    },
    Rule(
      "attention",
      "model.attention",
      "R1 has self-attention at 16x16, the second level, and the network loses that. $UNMEASURED",
      "Ho et al. 2020, section 4",
    ) {
      numbers("model.attention")
        ?.takeIf { 1.0 !in it && text("model.use") == "unet" }
        ?.let { Difference(written("model.attention"), "[1]") }
    },
    Rule(
      "max-pool",
      "model.downsample",
      "Halving by the largest of four values throws away where it was; R1 halves by a convolution that is learnt. " +
        UNMEASURED,
      "Ho et al. 2020, the published code; Springenberg et al. 2014 (arXiv 1412.6806)",
    ) {
      text("model.downsample")?.takeIf { it == "max-pool" }?.let { Difference("max-pool", "conv") }
    },
    Rule(
      "width",
      "model.channels",
      "FID falls as the network grows, at equal training (measured on ImageNet 64x64).",
      "Nichol and Dhariwal 2021 (arXiv 2102.09672), section 6",
    ) {
      numbers("model.channels")
        ?.takeIf { isCifar && it.isNotEmpty() && it[0] < 128 }
        ?.let { Difference(written("model.channels"), "[128, 256, 256, 256]") }
    },
    Rule(
      "dropout",
      "model.dropout",
      "Without dropout samples on CIFAR-10 were poorer, with signs of overfitting; 0.1 was the best of 0.1 to 0.4. No " +
        "figures.",
      "Ho et al. 2020, appendix B",
    ) {
      number("model.dropout")?.takeIf { it == 0.0 && isCifar }?.let { Difference("0", "0.1") }
    },
  )
