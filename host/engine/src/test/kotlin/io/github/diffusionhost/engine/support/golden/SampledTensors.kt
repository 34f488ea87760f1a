package io.github.diffusionhost.engine.support.golden

import ai.djl.ndarray.NDManager
import com.google.gson.JsonObject
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.abs
import kotlin.math.sqrt

/** The most values of a tensor that the full set keeps of those that it samples. */
internal const val MOST_SAMPLES = 601

/** The places at which a sampled tensor of so many elements is kept. */
internal fun sampledPlaces(elements: Int): List<Int> =
  if (elements <= MOST_SAMPLES) (0 until elements).toList()
  else List(MOST_SAMPLES) { (it.toLong() * elements / MOST_SAMPLES).toInt() }

/** Tensors of which some values are kept, with the norm of each whole one; or all values of all. */
class SampledTensors internal constructor(file: SafetensorsFile, val notes: JsonObject, manager: NDManager) {
  private val values = file.readAll(manager).mapValues { it.value.toFloatArray() }
  private val listing = notes.getAsJsonArray("tensors")?.map { it.asJsonObject }?.associateBy { it["name"].asString }
  private val every = file.metadata()[PackedValues.EVERY]?.toInt() ?: 1

  val names: Set<String>
    get() = values.keys

  fun elements(name: String): Int = listing?.let { it.getValue(name)["numel"].asInt } ?: kept(name).size

  fun l2(name: String): Double = listing?.let { it.getValue(name)["l2"].asDouble } ?: kept(name).norm()

  fun absMax(name: String): Double =
    listing?.let { it.getValue(name)["absmax"].asDouble } ?: kept(name).maxOf { abs(it.toDouble()) }

  /** The kept elements are within [tolerance], and the norm relatively within [normTolerance] or what they allow it. */
  fun check(name: String, whole: FloatArray, tolerance: Double, normTolerance: Double) {
    checkValues(name, whole, tolerance)
    checkNorm(name, whole, maxOf(normTolerance * l2(name), tolerance * sqrt(whole.size.toDouble())))
  }

  /** The kept elements of [whole] are within [tolerance]. */
  fun checkValues(name: String, whole: FloatArray, tolerance: Double) {
    whole.size shouldBe elements(name)
    val places =
      if (listing == null) whole.indices.toList()
      else sampledPlaces(whole.size).filterIndexed { i, _ -> i % every == 0 }
    FloatArray(places.size) { whole[places[it]] }.shouldBeWithin(tolerance, kept(name))
  }

  /** The norm of [whole] is within [tolerance] of the reference's. */
  fun checkNorm(name: String, whole: FloatArray, tolerance: Double) {
    whole.norm() shouldBe (l2(name) plusOrMinus tolerance)
  }

  private fun kept(name: String) = values.getValue(name)
}
