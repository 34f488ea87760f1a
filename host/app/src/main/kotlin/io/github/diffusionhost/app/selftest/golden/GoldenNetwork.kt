package io.github.diffusionhost.app.selftest.golden

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.selftest.Subject
import io.github.diffusionhost.app.selftest.values
import io.github.diffusionhost.engine.batch.BatchSource
import io.github.diffusionhost.engine.golden.SampledTensors
import io.github.diffusionhost.engine.network.Network

/**
 * A network of a reference implementation: its weights, one batch, and what the reference found.
 *
 * @property name as in `golden/README.md`
 * @property inputs noisy images, noise condition and labels, if there are any, for a prediction
 * @property output that prediction
 * @property bound how far it may be away
 * @property batches the one batch
 * @property size its images
 * @property loss of the batch
 * @property gradients of the loss, by the reference's names
 * @property ownName what this program calls a weight that the reference has given that name
 */
internal class GoldenNetwork(
  val name: String,
  val network: Network,
  val inputs: Inputs,
  val output: DoubleArray,
  val bound: Double,
  val batches: BatchSource,
  val size: Int,
  val loss: Double,
  val gradients: SampledTensors,
  val ownName: (String) -> String,
) : AutoCloseable {
  class Inputs(val x: NDArray, val condition: NDArray, val labels: NDArray?)

  override fun close() = network.close()
}

/** Gives a network the weights of a file of golden numbers. */
internal fun Network.load(subject: Subject, file: String, manager: NDManager, theirName: (String) -> String): Network {
  val all = subject.golden.tensors(manager, file)
  weights().load(weights().values().keys.mapNotNull { own -> all[theirName(own)]?.let { own to it } }.toMap())
  return this
}
