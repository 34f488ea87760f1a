package io.github.diffusionhost.engine.program

import ai.djl.ndarray.types.DataType.FLOAT32
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

private val N = Dim.BATCH

private fun dims(vararg sizes: Any) =
  TensorType(FLOAT32, sizes.map { if (it is Dim) it else Dim.of((it as Int).toLong()) })

/** A program of one operation on inputs of these types. */
private fun program(op: String, inputs: List<TensorType>, outputs: List<TensorType>, vararg more: Argument): Program {
  val builder = ProgramBuilder()
  val values = inputs.map(builder::input)
  return builder.build(builder.add(op, outputs, mapOf(), *(values + more).toTypedArray()))
}

private fun convolution(transposed: Boolean, groups: Long = 1) =
  arrayOf<Argument>(
    Argument.Marker.NONE,
    Argument.of(1, 1),
    Argument.of(1, 1),
    Argument.of(1, 1),
    Argument.of(transposed),
    Argument.of(0, 0),
    Argument.of(groups),
  )

class FlopsSpec :
  FunSpec({
    for ((words, program, expected) in
      listOf(
        Triple(
          "a linear layer [N,5,7] to [N,5,11]",
          program("aten::linear", listOf(dims(N, 5, 7), dims(11, 7), dims(11)), listOf(dims(N, 5, 11))),
          { n: Long -> 2 * n * 5 * 7 * 11 },
        ),
        Triple(
          "a product of [13,N] and [N,17], whose depth is the batch",
          program("aten::mm", listOf(dims(13, N), dims(N, 17)), listOf(dims(13, 17))),
          { n: Long -> 2 * 13 * n * 17 },
        ),
        Triple(
          "a product of each image's matrices",
          program("aten::matmul", listOf(dims(N, 3, 5, 7), dims(N, 3, 7, 2)), listOf(dims(N, 3, 5, 2))),
          { n: Long -> 2 * n * 3 * 5 * 7 * 2 },
        ),
        Triple(
          "products of all images with all",
          program("aten::bmm", listOf(dims(4, N, 7), dims(4, 7, N)), listOf(dims(4, N, N))),
          { n: Long -> 2 * 4 * n * 7 * n },
        ),
        Triple(
          "a convolution of 6 channels to 10 by 3×3 kernels",
          program(
            "aten::convolution",
            listOf(dims(N, 6, 8, 9), dims(10, 6, 3, 3)),
            listOf(dims(N, 10, 8, 9)),
            *convolution(false),
          ),
          { n: Long -> 2 * n * 10 * 8 * 9 * 6 * 9 },
        ),
        Triple(
          "a convolution in two groups, of half the work",
          program(
            "aten::convolution",
            listOf(dims(N, 6, 8, 9), dims(10, 3, 3, 3)),
            listOf(dims(N, 10, 8, 9)),
            *convolution(false, 2),
          ),
          { n: Long -> 2 * n * 10 * 8 * 9 * 3 * 9 },
        ),
        Triple(
          "a transposed convolution, whose every pixel is spread",
          program(
            "aten::convolution",
            listOf(dims(N, 6, 4, 4), dims(6, 10, 2, 2)),
            listOf(dims(N, 10, 8, 8)),
            *convolution(true),
          ),
          { n: Long -> 2 * n * 6 * 4 * 4 * 10 * 4 },
        ),
        Triple("an addition", program("aten::add", listOf(dims(N, 6), dims(N, 6)), listOf(dims(N, 6))), { _ -> 0L }),
      )) {
      test(words) { for (n in listOf(1L, 64L)) Flops.of(program, n) shouldBe expected(n) }
    }

    test("a product by a 1×1 convolution counts as the linear layer it stands for") {
      val rows = N.times(Dim.of(5))
      val product =
        program(
          "aten::convolution",
          listOf(dims(1, 7, rows, 1), dims(11, 7, 1, 1)),
          listOf(dims(1, 11, rows, 1)),
          *convolution(false),
        )
      Flops.of(product, 3) shouldBe 2 * 3 * 5 * 7 * 11
    }

    test("gradients of a convolution by what is asked for: each is as much work as the convolution") {
      val one = 2L * 2 * 10 * 8 * 9 * 6 * 9
      val image = dims(N, 6, 8, 9)
      val kernel = dims(10, 6, 3, 3)
      for ((mask, times) in
        listOf(
          listOf(true, true, true) to 2,
          listOf(false, true, true) to 1,
          listOf(true, false, false) to 1,
          listOf(false, false, true) to 0,
        )) {
        val backward =
          program(
            "aten::convolution_backward",
            listOf(dims(N, 10, 8, 9), image, kernel),
            listOf(image, kernel, dims(10)),
            *convolution(false),
            Argument.Flags(mask),
          )
        Flops.of(backward, 2) shouldBe times * one
      }
    }

    test("fused attention counts as the two products it stands for, and its gradient as four") {
      val fused = "aten::_scaled_dot_product_flash_attention_for_cpu"
      val q = dims(N, 2, 3, 8)
      val k = dims(N, 2, 192, 8)
      val one = 2L * 5 * 2 * 3 * 192 * 8
      Flops.of(program(fused, listOf(q, k, k), listOf(q, dims(N, 2, 3))), 5) shouldBe 2 * one
      Flops.of(program("${fused}_backward", listOf(q, q, k, k), listOf(q, k, k)), 5) shouldBe 4 * one
    }

    test("a program's operations add up") {
      val builder = ProgramBuilder()
      val x = builder.input(dims(N, 4))
      val w = builder.input(dims(4, 4))
      val y = builder.add("aten::mm", dims(N, 4), x, w)
      val z = builder.add("aten::mm", dims(N, 4), y, w)
      Flops.of(builder.build(listOf(z)), 10) shouldBe 2 * (2 * 10 * 4 * 4)
    }
  })
