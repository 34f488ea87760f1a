package io.github.diffusionhost.engine.bench

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.longs.shouldBeGreaterThan
import io.kotest.matchers.shouldBe

class DevicePeakSpec :
  FunSpec({
    test("products and convolutions are measured, and leave no array behind") {
      NDManager.newBaseManager("PyTorch").use { manager ->
        for (type in listOf(DataType.FLOAT32, DataType.BFLOAT16)) {
          val peak = DevicePeak(manager, type, 0.01)
          for (found in listOf(peak.products(), peak.convolutions())) {
            found.flopsPerSecond() shouldBeGreaterThan 0.0
            found.size() shouldBeGreaterThan 0
          }
        }
        manager.managedArrays.size shouldBe 0
      }
    }
  })
