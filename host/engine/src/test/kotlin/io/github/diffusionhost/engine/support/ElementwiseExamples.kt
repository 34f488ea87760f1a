package io.github.diffusionhost.engine.support

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDArrays
import ai.djl.ndarray.types.DataType
import ai.djl.nn.Activation

/** Arithmetic, comparisons and activations, element by element. */
val elementwiseExamples = functions() + arithmetic() + numbers() + comparisons() + inPlace() + activations()

private fun functions() = operatorExamples {
  val anywhere =
    mapOf<String, (NDArray) -> NDArray>(
      "neg" to NDArray::neg,
      "abs" to NDArray::abs,
      "square" to NDArray::square,
      "exp" to NDArray::exp,
      "sin" to NDArray::sin,
      "cos" to NDArray::cos,
      "atan" to NDArray::atan,
      "sinh" to NDArray::sinh,
      "cosh" to NDArray::cosh,
      "tanh" to NDArray::tanh,
      "erf" to NDArray::erf,
    )
  for ((name, function) in anywhere) smooth(name, floats(N, 3)) { (x) -> function(x) }
  for ((name, function) in mapOf<String, (NDArray) -> NDArray>("asin" to NDArray::asin, "acos" to NDArray::acos)) {
    smooth(name, floats(N, 3, from = -0.9, to = 0.9)) { (x) -> function(x) }
  }
  smooth("tan", floats(N, 3, from = -1.0, to = 1.0)) { (x) -> x.tan() }
  val positive =
    mapOf<String, (NDArray) -> NDArray>(
      "sqrt" to NDArray::sqrt,
      "log" to NDArray::log,
      "log2" to NDArray::log2,
      "log10" to NDArray::log10,
    )
  for ((name, function) in positive) smooth(name, floats(N, 3, from = 0.1)) { (x) -> function(x) }
  val steps =
    mapOf<String, (NDArray) -> NDArray>(
      "floor" to NDArray::floor,
      "ceil" to NDArray::ceil,
      "round" to NDArray::round,
      "trunc" to NDArray::trunc,
      "sign" to NDArray::sign,
      "is NaN" to NDArray::isNaN,
      "is infinite" to NDArray::isInfinite,
      "logical not" to NDArray::logicalNot,
    )
  for ((name, function) in steps) plain(name, floats(N, 3)) { (x) -> function(x) }
  plain("negative int", ints(N, 3)) { (x) -> x.neg() }
  plain("absolute int64", ints(N, 3, type = DataType.INT64)) { (x) -> x.abs() }
  smooth("steps have no gradient", floats(N, 3)) { (x) -> x.floor().add(x.mul(x.sign())) }
  smooth("stop gradient", floats(N, 3)) { (x) -> x.mul(x.exp().stopGradient()) }
}

private fun arithmetic() = operatorExamples {
  val operators =
    mapOf<String, (NDArray, NDArray) -> NDArray>(
      "add" to NDArray::add,
      "sub" to NDArray::sub,
      "mul" to NDArray::mul,
      "div" to NDArray::div,
      "maximum" to NDArray::maximum,
      "minimum" to NDArray::minimum,
      "mod" to NDArray::mod,
      "pow" to NDArray::pow,
      "atan2" to NDArray::atan2,
    )
  val shapes =
    mapOf(
      "of equal shapes" to (longArrayOf(N, 2, 3) to longArrayOf(N, 2, 3)),
      "of one token and many" to (longArrayOf(N, 1, 3) to longArrayOf(N, 2, 3)),
      "of many tokens and one" to (longArrayOf(N, 2, 3) to longArrayOf(N, 1, 3)),
      "of a vector and rows" to (longArrayOf(3) to longArrayOf(N, 3)),
      "of rows and a vector" to (longArrayOf(N, 3) to longArrayOf(3)),
      "of one image and many" to (longArrayOf(1, 3) to longArrayOf(N, 3)),
      "of columns and rows" to (longArrayOf(N, 2, 1) to longArrayOf(1, 3)),
      "of a number and rows" to (longArrayOf() to longArrayOf(N, 3)),
      "of two numbers" to (longArrayOf() to longArrayOf()),
    )
  for ((name, operator) in operators) {
    for ((of, shape) in shapes) {
      smooth("$name $of", floats(*shape.first, from = 0.3), floats(*shape.second, from = 0.3)) { (x, y) ->
        operator(x, y)
      }
    }
  }
  smooth("float32 and float64", floats(N, 3), doubles(3)) { (x, y) -> x.mul(y).add(y) }
  smooth("a float and an int", floats(N, 3), ints(3, from = 1)) { (x, k) -> x.mul(k).div(k).add(k).sub(k) }
  smooth("one input twice", floats(N, 3)) { (x) -> x.mul(x).add(x).mul(x.sin()) }
  smooth("an input that is not used", floats(N, 3), floats(3)) { (x, _) -> x.mul(3) }
  for ((name, operator) in operators - listOf("pow", "atan2")) {
    plain("int $name int", ints(N, 3), ints(3, from = 1)) { (x, y) -> operator(x, y) }
  }
  plain("int32 and int64", ints(N, 3), ints(3, type = DataType.INT64)) { (x, y) -> x.mul(y).add(x) }
  plain("uint8 arithmetic wraps", ints(N, 3, from = 0, until = 256, type = DataType.UINT8)) { (x) -> x.add(x).mul(x) }
}

private fun numbers() = operatorExamples {
  val operators =
    mapOf<String, (NDArray, Number) -> NDArray>(
      "add" to NDArray::add,
      "sub" to NDArray::sub,
      "mul" to NDArray::mul,
      "div" to NDArray::div,
      "pow" to NDArray::pow,
      "mod" to NDArray::mod,
      "maximum" to NDArray::maximum,
      "minimum" to NDArray::minimum,
      "number minus" to { x, number -> NDArrays.sub(number, x) },
      "number divided by" to { x, number -> NDArrays.div(number, x) },
    )
  for ((name, operator) in operators) {
    for (number in listOf<Number>(2, 3L, 1.3f, 1.7)) {
      val type = number.javaClass.simpleName
      smooth("float32 $name $type", floats(N, 3, from = 0.3)) { (x) -> operator(x, number) }
      smooth("float64 $name $type", doubles(N, 3, from = 0.3)) { (x) -> operator(x, number) }
      smooth("a single float32 $name $type", floats(from = 0.3)) { (x) -> operator(x, number) }
      plain("int32 $name $type", ints(N, 3, from = 1)) { (x) -> operator(x, number) }
      plain("int64 $name $type", ints(N, 3, from = 1, type = DataType.INT64)) { (x) -> operator(x, number) }
    }
  }
  for ((low, high) in listOf<Pair<Number, Number>>(-1 to 1, -0.5f to 0.25f, -0.7 to 0.9)) {
    val type = low.javaClass.simpleName
    smooth("float32 clip $type", floats(N, 3)) { (x) -> x.clip(low, high) }
    plain("int32 clip $type", ints(N, 3)) { (x) -> x.clip(low, high) }
  }
  for ((low, high) in listOf(0.0 to 1.0, -1.0 to 0.0)) {
    smooth("float32 clip of zeros to $low and $high", floats(N, 3)) { (x) ->
      x.sub(x.stopGradient()).clip(low, high)
    }
  }
  smooth("the number of images", floats(N, 3)) { (x) -> x.mul(x.shape[0]).div(x.shape[0] * 2 - 1) }
  smooth("numbers small and large", floats(N, 3)) { (x) -> x.mul(1e-5).add(1e-20).mul(1e10).sub(123456789L) }
  // DJL's own gradient ends at these two.
  differenced("to float64", floats(N, 3)) { (x) -> x.mul(x).toType(DataType.FLOAT64, false).mul(3) }
  differenced("duplicate", floats(N, 3)) { (x) -> x.duplicate().mul(x) }
  smooth("by way of whole numbers there is no gradient", floats(N, 3)) { (x) ->
    x.add(x.mul(3).toType(DataType.INT64, false).toType(DataType.FLOAT32, false))
  }
  plain("float to int", floats(N, 3)) { (x) -> x.toType(DataType.INT32, false) }
  plain("int to bool", ints(N, 3)) { (x) -> x.toType(DataType.BOOLEAN, false) }
  plain("float to uint8", floats(N, 3, from = 0.0, to = 255.0)) { (x) -> x.toType(DataType.UINT8, false) }
}

private fun comparisons() = operatorExamples {
  val operators =
    mapOf<String, (NDArray, NDArray) -> NDArray>(
      "eq" to NDArray::eq,
      "neq" to NDArray::neq,
      "gt" to NDArray::gt,
      "gte" to NDArray::gte,
      "lt" to NDArray::lt,
      "lte" to NDArray::lte,
    )
  for ((name, operator) in operators) plain("$name of arrays", ints(N, 3), ints(3)) { (x, y) -> operator(x, y) }
  val withNumbers =
    mapOf<String, (NDArray, Number) -> NDArray>(
      "eq" to NDArray::eq,
      "neq" to NDArray::neq,
      "gt" to NDArray::gt,
      "gte" to NDArray::gte,
      "lt" to NDArray::lt,
      "lte" to NDArray::lte,
    )
  for ((name, operator) in withNumbers) {
    for (number in listOf<Number>(1, 1L, 1f, 1.5)) {
      val type = number.javaClass.simpleName
      plain("int32 $name $type", ints(N, 3)) { (x) -> operator(x, number) }
      plain("float32 $name $type", floats(N, 3)) { (x) -> operator(x, number) }
    }
  }
  val logic =
    mapOf<String, (NDArray, NDArray) -> NDArray>(
      "and" to NDArray::logicalAnd,
      "or" to NDArray::logicalOr,
      "xor" to NDArray::logicalXor,
    )
  for ((name, operator) in logic) plain("logical $name", coins(N, 3), coins(3)) { (x, y) -> operator(x, y) }
  smooth("where", coins(N, 3), floats(N, 3), floats(N, 3)) { (c, x, y) -> NDArrays.where(c, x, y) }
  smooth("a mask as a factor", floats(N, 3), floats(3)) { (x, y) -> x.mul(x.gt(y).toType(DataType.FLOAT32, false)) }
}

private fun inPlace() = operatorExamples {
  smooth("addi of an array", floats(N, 3), floats(3)) { (x, y) -> x.mul(2).addi(y) }
  smooth("a chain in place", floats(N, 3), floats(N, 3, from = 0.5)) { (x, y) ->
    val z = x.mul(y)
    z.addi(y).subi(x).muli(y).divi(y).negi()
    z.add(z.muli(0.5))
  }
  smooth("numbers in place", floats(N, 3)) { (x) -> x.abs().addi(1).subi(0.25).muli(3L).divi(1.5f).powi(2) }
  smooth("float64 on float32 in place", floats(N, 3), doubles(3)) { (x, y) -> x.mul(2).addi(y) }
  smooth("a single number in place", floats()) { (x) -> x.mul(x).muli(0.5) }
  plain("modi and signi", ints(N, 3), ints(3, from = 1)) { (x, y) -> x.add(x).modi(y).signi() }
  plain("int in place", ints(N, 3)) { (x) -> x.add(x).addi(1).muli(3) }
}

private fun activations() = operatorExamples {
  val functions =
    mapOf<String, (NDArray) -> NDArray>(
      "relu" to Activation::relu,
      "sigmoid" to Activation::sigmoid,
      "tanh of Activation" to Activation::tanh,
      "gelu" to Activation::gelu,
      "softplus" to Activation::softPlus,
      "softsign" to Activation::softSign,
      "leaky relu" to { x -> Activation.leakyRelu(x, 0.1f) },
      "elu" to { x -> Activation.elu(x, 1.5f) },
      "selu" to Activation::selu,
      "swish" to { x -> Activation.swish(x, 1.25f) },
      "mish" to Activation::mish,
    )
  for ((name, function) in functions) smooth(name, floats(N, 3, from = -4.0, to = 4.0)) { (x) -> function(x) }
}
