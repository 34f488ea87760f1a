package io.github.diffusionhost.engine.support.golden

import io.github.diffusionhost.engine.safetensors.SafetensorsFile

typealias GoldenSet = io.github.diffusionhost.engine.golden.GoldenSet

/** Whether the tensors of a name, if it has any, are there with all their values. */
fun GoldenSet.whole(name: String): Boolean {
  if (!hasFile("$name.safetensors")) return true
  return SafetensorsFile.open(file("$name.safetensors")).use { PackedValues.of(it.metadata()).whole }
}
