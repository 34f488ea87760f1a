package io.github.diffusionhost.engine.compile

import ai.djl.ndarray.NDArray
import ai.djl.nn.Parameter
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.scheduler.DenoisingNetwork
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.api.scheduler.TrainingLoss
import io.github.diffusionhost.engine.support.TinyDenoiser
import io.github.diffusionhost.engine.support.TinyScheduler
import java.lang.reflect.Proxy
import java.nio.FloatBuffer
import java.util.BitSet
import java.util.Random
import java.util.concurrent.atomic.AtomicInteger

/** What no field of a plugin holds: a clock, a file, a setting of the process. */
internal object World {
  var factor = 1.0
  var calls = 0
}

/** The tiny scheduler with something done to its losses. */
internal open class Weighted(private val change: (NDArray, Forward) -> NDArray) : Scheduler by TinyScheduler {
  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss {
    val loss = TinyScheduler.loss(network, images, pass)
    return TrainingLoss(change(loss.perImage(), pass), loss.squaredError(), loss.level())
  }
}

internal class Counting : Weighted({ loss, _ -> loss }) {
  private var calls = 0

  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss {
    val factor = if (calls++ < 20) 1 else 10
    val loss = TinyScheduler.loss(network, images, pass)
    return TrainingLoss(loss.perImage().mul(factor), loss.squaredError(), loss.level())
  }
}

/** Holds what counts behind other objects. */
internal class Deep : Weighted({ loss, _ -> loss }) {
  private val held = listOf(mapOf("calls" to AtomicInteger()))

  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss {
    held[0].getValue("calls").incrementAndGet()
    return super.loss(network, images, pass)
  }
}

/** Counts in bits. */
internal class Bits : Weighted({ loss, _ -> loss }) {
  private val held = BitSet()

  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss {
    held.set(held.cardinality())
    return super.loss(network, images, pass)
  }
}

/** Counts by where it reads. */
internal class Reading : Weighted({ loss, _ -> loss }) {
  private val held = FloatBuffer.allocate(100)

  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss {
    held.get()
    return super.loss(network, images, pass)
  }
}

/** Remembers what it has worked out for a number of images. */
internal class Caching : Weighted({ loss, _ -> loss }) {
  private val factors = HashMap<Long, FloatArray>()
  private var first: String? = null

  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss {
    factors.computeIfAbsent(images.shape[0]) { FloatArray(3) }
    first = first ?: "${images.shape.dimension()}"
    return super.loss(network, images, pass)
  }
}

internal class Keeping : Weighted({ loss, _ -> loss }) {
  private var before: NDArray? = null

  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss {
    val loss = super.loss(network, images, pass)
    val mixed = before?.let { loss.perImage().add(it.mean()) } ?: loss.perImage()
    before = loss.perImage()
    return TrainingLoss(mixed, loss.squaredError(), loss.level())
  }
}

internal class Renormalizing(noise: Noise) : TinyDenoiser(noise) {
  private var calls = 0

  override fun renormalized(pass: Forward): Map<Parameter, NDArray> {
    calls++
    return mapOf(hidden to pass.value(hidden, hidden.array).mul(if (calls < 30) 1.0 else 0.5))
  }
}

/** Its prediction depends on a number that is not given to it. */
internal class Worldly(noise: Noise) : TinyDenoiser(noise) {
  override fun predict(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?): NDArray =
    super.predict(pass, x, noiseCondition, labels).mul(World.factor)
}

/** Reads a weight as an ordinary array, so that its value of that moment becomes a constant. */
internal class Bypassing(noise: Noise) : TinyDenoiser(noise) {
  override fun predict(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?): NDArray =
    super.predict(pass, x, noiseCondition, labels).mul(hidden.array.norm())
}

/** Does something else when it is recorded. */
internal class TwoFaced(noise: Noise) : TinyDenoiser(noise) {
  override fun predict(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?): NDArray =
    super.predict(pass, x, noiseCondition, labels).mul(if (Proxy.isProxyClass(x.javaClass)) 1 else 3)
}

internal class Flipping(private val images: ImageDataset, private val random: Random = Random(3)) :
  ImageDataset by images {
  override fun augment(images: NDArray, noise: Noise): NDArray = if (random.nextInt(1000) == 0) images.neg() else images
}
