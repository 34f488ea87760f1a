package io.github.diffusionhost.engine.posthoc

import com.google.gson.JsonArray
import com.google.gson.JsonObject
import io.github.diffusionhost.engine.support.golden.Golden
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.doubles.plusOrMinus
import kotlin.math.abs

/** What NVlabs' implementation of the averages gives. */
val phema: JsonObject by lazy { Golden.packed.json("edm2/phema") }

fun JsonObject.rows(name: String): List<JsonObject> {
  val rows = getAsJsonArray(name).map { it.asJsonObject }
  rows.shouldNotBeEmpty()
  return rows
}

fun JsonObject.number(name: String): Double = get(name).asDouble

fun JsonObject.numbers(name: String): List<Double> = getAsJsonArray(name).numbers()

fun JsonObject.matrix(name: String): List<List<Double>> = getAsJsonArray(name).map { it.asJsonArray.numbers() }

private fun JsonArray.numbers() = map { it.asDouble }

fun near(expected: Double, relative: Double = 1e-9) = expected plusOrMinus relative * abs(expected)
