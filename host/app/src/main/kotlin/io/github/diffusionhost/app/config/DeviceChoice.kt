package io.github.diffusionhost.app.config

/** The devices of a run, as a config or `--device` names them. */
sealed interface DeviceChoice {
  /** A GPU if there is one, else the CPU. */
  data object Auto : DeviceChoice {
    override fun toString() = "auto"
  }

  data object Cpu : DeviceChoice {
    override fun toString() = "cpu"
  }

  /** GPUs by number; none: the first. */
  data class Gpu(val numbers: List<Int>) : DeviceChoice {
    override fun toString() = if (numbers.isEmpty()) "gpu" else "gpu:${numbers.joinToString(",")}"
  }

  companion object {
    /** What [parse] reads, as a regular expression. */
    const val PATTERN = "auto|cpu|gpu(:[0-9]{1,3}(,[0-9]{1,3})*)?"

    /** Null if the text names no device. */
    fun parse(text: String): DeviceChoice? =
      when {
        text == "auto" -> Auto
        text == "cpu" -> Cpu
        !Regex(PATTERN).matches(text) -> null
        else -> {
          val numbers = text.substringAfter(':', "").split(',').filter(String::isNotEmpty).map(String::toInt)
          Gpu(numbers).takeIf { numbers.distinct().size == numbers.size }
        }
      }
  }
}
