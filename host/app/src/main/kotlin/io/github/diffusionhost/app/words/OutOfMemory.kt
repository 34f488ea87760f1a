package io.github.diffusionhost.app.words

import io.github.diffusionhost.engine.step.OutOfDeviceMemoryException
import kotlin.jvm.optionals.getOrNull

/**
 * What a person is told when memory runs out: how much was asked for, where that is known, and how to have more of it
 * or need less; null if [e] is something else. The heap's error says nothing of how much.
 */
internal fun outOfMemory(e: Throwable): String? {
  if (e is OutOfMemoryError) {
    val heap = amount(Runtime.getRuntime().maxMemory().toDouble())
    return "out of memory: ${e.message}, of $heap of heap; more heap: DIFFUSIONHOST_JAVA_OPTS=-Xmx4g, or a smaller batch"
  }
  if (e is OutOfDeviceMemoryException) return "out of memory: ${e.message}"
  val asked = OutOfDeviceMemoryException.asked(e).getOrNull() ?: return null
  return "out of memory: $asked; a smaller train.batchSize, train.microBatchSize or --batch needs less"
}
