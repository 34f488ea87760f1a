package io.github.diffusionhost.engine.levels

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.engine.batch.BatchOrder
import io.github.diffusionhost.engine.data.ResidentDataset
import io.github.diffusionhost.engine.random.HostNoise
import io.github.diffusionhost.engine.random.StagingBuffer
import io.github.diffusionhost.engine.random.Streams
import io.github.diffusionhost.engine.support.CountingDataset
import io.github.diffusionhost.engine.support.tinyNetwork
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import kotlin.math.abs

class EvaluationLossSpec :
  FunSpec({
    val dataset = CountingDataset(40)

    fun evaluate(seed: Long, images: Int, batch: Int, zeroed: Boolean = false): List<LevelSum> =
      NDManager.newBaseManager().use { manager ->
        val network = tinyNetwork(manager)
        if (zeroed) network.weights().values().getValue("out").muli(0f)
        val data = ResidentDataset.load(dataset, manager)
        EvaluationLoss(network, data, seed).of(images, batch)
      }

    test("a network that predicts nothing has the loss of the target itself") {
      // The tiny scheduler's target is noise minus image, drawn here again from the streams of each image.
      val found = evaluate(seed = 3, images = 12, batch = 12, zeroed = true)
      NDManager.newBaseManager().use { manager ->
        val data = ResidentDataset.load(dataset, manager)
        val order = BatchOrder(3, 40).indices(0, 12)
        var sum = 0.0
        for (i in 0 until 12) {
          val noise = HostNoise.single(manager, StagingBuffer(), Streams.seed(3, Streams.Purpose.LOSS, 0, i.toLong()))
          noise.uniform(Shape(1))
          val drawn = noise.normal(Shape(1, 1, 4, 4))
          val image = dataset.normalization().normalize(data.choose(intArrayOf(order[i])))
          val target = drawn.sub(image)
          sum += target.mul(target).mean().getFloat()
        }
        found.sumOf { it.loss } shouldBe (sum plusOrMinus 1e-5 * abs(sum))
      }
      found.sumOf { it.images } shouldBe 12
    }

    test("the same images and draws whatever the batch; others for another seed") {
      val whole = evaluate(5, 50, 50)
      val parts = evaluate(5, 50, 7)
      whole.zip(parts) { a, b ->
        b.images shouldBe a.images
        b.loss shouldBe (a.loss plusOrMinus 1e-5 * abs(a.loss))
      }
      evaluate(6, 50, 50).sumOf { it.loss } shouldNotBe whole.sumOf { it.loss }
    }
  })
