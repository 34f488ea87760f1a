package io.github.diffusionhost.plugins.cifar

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.noise.Noise
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs

class FlipSpec :
  FunSpec({
    extension(KeepWarnings)

    test("flip turns the images whose draw is below one half left to right, and no others") {
      NDManager.newBaseManager().use { manager ->
        val draws = Recorded(manager, floatArrayOf(0.2f, 0.5f, 0.49f))
        val images = manager.arange(3 * 3 * 2 * 4).reshape(3, 3, 2, 4).toType(DataType.FLOAT32, true)
        val before = images.toFloatArray().asList()
        val after = open(tempdir().toPath().tree(sample10), "flip" to true).use { it.augment(images, draws) }
        after.shape shouldBe Shape(3, 3, 2, 4)
        val rows = before.chunked(4)
        after.toFloatArray().asList() shouldBe
          rows.withIndex().flatMap { (i, row) -> if (i / 6 == 1) row else row.reversed() }
        images.toFloatArray().asList() shouldBe before
        draws.asked shouldBe listOf(Shape(3, 1, 1, 1))
      }
    }

    test("without flip a batch is itself and nothing is drawn") {
      NDManager.newBaseManager().use { manager ->
        val draws = Recorded(manager, floatArrayOf())
        val images = manager.ones(Shape(2, 3, 32, 32))
        open(tempdir().toPath().tree(sample10)).use { it.augment(images, draws) } shouldBeSameInstanceAs images
        draws.asked shouldBe emptyList()
      }
    }
  })

private class Recorded(private val manager: NDManager, private val draws: FloatArray) : Noise {
  val asked = mutableListOf<Shape>()

  override fun normal(shape: Shape): NDArray = error("flips need uniform draws")

  override fun uniform(shape: Shape): NDArray {
    asked += shape
    return manager.create(draws, shape)
  }
}
