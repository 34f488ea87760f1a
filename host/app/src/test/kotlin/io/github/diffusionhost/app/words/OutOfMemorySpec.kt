package io.github.diffusionhost.app.words

import ai.djl.engine.EngineException
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class OutOfMemorySpec :
  FunSpec({
    val remedy = "a smaller train.batchSize, train.microBatchSize or --batch needs less"

    test("a GPU's message says what was asked for and what is there") {
      val message =
        "CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 79.11 GiB of which 3.52 GiB is " +
          "free. Process 7 has 75.58 GiB memory in use. Of the allocated memory 74.00 GiB is allocated by PyTorch."
      outOfMemory(EngineException(message)) shouldBe
        "out of memory: 20.00 GiB for an array, and of the 79.11 GiB of GPU 0 3.52 GiB is free; $remedy"
    }

    test("a CPU's says what was asked for") {
      val message =
        "DefaultCPUAllocator: can't allocate memory: you tried to allocate 4398046511104 bytes. Error code 12"
      outOfMemory(EngineException(message)) shouldBe "out of memory: 4096.0 GiB for an array; $remedy"
    }

    test("anything else is none") { outOfMemory(EngineException("shapes do not match")) shouldBe null }
  })
