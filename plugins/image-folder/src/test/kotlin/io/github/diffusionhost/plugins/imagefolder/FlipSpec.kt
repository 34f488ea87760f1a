package io.github.diffusionhost.plugins.imagefolder

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.noise.Noise
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs

class FlipSpec :
  FunSpec({
    test("flip turns the images whose draw is below one half left to right, and no others") {
      NDManager.newBaseManager().use { manager ->
        val draws = Recorded(manager, floatArrayOf(0.2f, 0.5f, 0.49f))
        val images =
          manager.arange(3 * 2 * 2 * 3).reshape(3, 2, 2, 3).toType(ai.djl.ndarray.types.DataType.FLOAT32, true)
        val before = images.toFloatArray()
        val after = open(tempdir().toPath().tree("0.png"), "flip" to true).use { it.augment(images, draws) }
        after.shape shouldBe Shape(3, 2, 2, 3)
        val rows = before.asList().chunked(3)
        val expected = rows.withIndex().flatMap { (i, row) -> if (i / 4 == 1) row else row.reversed() }
        after.toFloatArray().asList() shouldBe expected
        images.toFloatArray().asList() shouldBe before.asList()
        draws.asked shouldBe listOf(Shape(3, 1, 1, 1))
      }
    }

    test("without flip a batch is itself and nothing is drawn") {
      NDManager.newBaseManager().use { manager ->
        val draws = Recorded(manager, floatArrayOf())
        val images = manager.ones(Shape(2, 3, 4, 4))
        open(tempdir().toPath().tree("0.png")).use { it.augment(images, draws) } shouldBeSameInstanceAs images
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
