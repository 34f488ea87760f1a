package io.github.diffusionhost.app.report

/** The scalars that every run has, as people call them, in the order of a report. */
internal enum class Scalar(val key: String, val title: String, val about: String) {
  LOSS("train/loss", "Loss", "what training minimises, with the scheduler's weights; the mean since the line before"),
  RMSE("train/rmse", "Root-mean-square error", "per pixel and channel, without weights"),
  VS_LINEAR(
    "train/vs_linear",
    "Error against the best linear prediction",
    "squared error over that of a Wiener filter; below 1 the network knows more than brightness and smoothness",
  ),
  GRADIENT("train/grad_norm", "Gradient norm", "before clipping"),
  RATE("train/lr", "Learning rate", "at the last step of each line"),
  SPEED("train/images_per_second", "Throughput", "images per second of training, without samples and checkpoints");

  companion object {
    private val BY_KEY = entries.associateBy { it.key }

    fun of(key: String): Scalar? = BY_KEY[key]

    fun rank(key: String): Int = BY_KEY[key]?.ordinal ?: entries.size

    fun title(key: String): String = of(key)?.title ?: key
  }
}

/** What is measured by noise level, as people call it. */
internal enum class LevelScalar(val key: String, val title: String, val about: String) {
  LOSS("loss", "Loss by noise level", "with the scheduler's weights"),
  ERROR(
    "rmse",
    "Squared error by noise level",
    "mean per pixel and channel, without weights; beside it what a linear prediction would have",
  ),
  VS_LINEAR(
    "vs_linear",
    "Error against the best linear prediction, by noise level",
    "where it is not below 1, the network has learnt no shapes",
  ),
  U("u", "Learnt uncertainty u by noise level", "the logarithm of the loss that the process expects at a level");

  companion object {
    fun of(key: String): LevelScalar? = entries.find { it.key == key }

    fun title(key: String): String = of(key)?.title ?: "$key by noise level"

    fun rank(key: String): Int = of(key)?.ordinal ?: entries.size
  }
}
