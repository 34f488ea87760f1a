package io.github.diffusionhost.engine.scope

import ai.djl.engine.Engine
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.ops.GradientScope
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer

class GradientScopeSpec :
  FunSpec({
    test("a gradient through a product with a number survives a garbage collection before the backward pass") {
      NDManager.newBaseManager().use { manager ->
        val x = manager.ones(Shape(64))
        x.setRequiresGradient(true)
        repeat(5) { round ->
          GradientScope().use {
            Engine.getInstance().newGradientCollector().use { collector ->
              val y = (1..200).fold(x) { product, _ -> product.mul(1.0f) }.mul(3.0f)
              System.gc()
              overwriteFreedMemory()
              collector.backward(y.sum())
            }
            x.gradient.toFloatArray().toList() shouldBe List(64) { 3f * (round + 1) }
          }
        }
      }
    }

    test("arrays are closed with the scope") {
      NDManager.newBaseManager().use { manager ->
        val before = manager.managedArrays.size
        GradientScope().use { manager.ones(Shape(3)).mul(2) }
        manager.managedArrays.size shouldBe before
      }
    }
  })

/** Takes small blocks of native memory, also such as were just freed, and writes to them. */
private fun overwriteFreedMemory() {
  Thread.sleep(20)
  repeat(2000) {
    val block = ByteBuffer.allocateDirect(4)
    block.putInt(0, 0x7f7f7f7f)
  }
}
