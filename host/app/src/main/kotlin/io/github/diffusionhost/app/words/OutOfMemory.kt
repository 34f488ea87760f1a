package io.github.diffusionhost.app.words

private val ASKED = listOf(Regex("tried to allocate (\\d+) bytes"), Regex("Tried to allocate ([\\d.]+ [KMGT]iB)"))

/** As PyTorch's allocator says it. */
private val ON_GPU =
  Regex("GPU (\\d+) has a total capacity of ([\\d.]+ [KMGT]iB) of which ([\\d.]+ (?:bytes|[KMGT]iB)) is free")

/**
 * What a person is told when memory runs out: how much was asked for, where that is known, and how to have more of it
 * or need less; null if [e] is something else. The heap's error says nothing of how much.
 */
internal fun outOfMemory(e: Throwable): String? {
  if (e is OutOfMemoryError) {
    val heap = amount(Runtime.getRuntime().maxMemory().toDouble())
    return "out of memory: ${e.message}, of $heap of heap; more heap: DIFFUSIONHOST_JAVA_OPTS=-Xmx4g, or a smaller batch"
  }
  val asked = ASKED.firstNotNullOfOrNull { it.find(e.message.orEmpty()) }?.groupValues?.get(1) ?: return null
  val size = asked.toDoubleOrNull()?.let(::amount) ?: asked
  val there =
    ON_GPU.find(e.message.orEmpty())?.destructured?.let { (gpu, total, free) ->
      ", and of the $total of GPU $gpu $free is free"
    }
  return "out of memory: $size for an array${there.orEmpty()}; a smaller train.batchSize, train.microBatchSize or " +
    "--batch needs less"
}
