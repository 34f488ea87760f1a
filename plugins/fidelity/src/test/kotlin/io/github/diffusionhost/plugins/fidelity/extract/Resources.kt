package io.github.diffusionhost.plugins.fidelity.extract

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import java.nio.file.Path

/**
 * A file among the test's resources.
 *
 * The networks were written by PyTorch 2.13, `torch.jit.script(module).save(file)`:
 * - `inception.pt` has the signature of the published Inception, `forward(img, return_features=False, use_fp16=False,
 *   no_output_bias=False)`: tanh of a linear map of images averaged to 4x4, 6 features, then 5 classes;
 * - `plain.pt` returns each image's mean, largest and smallest pixel, `rgb.pt` needs three channels, `scalar.pt`
 *   returns one number, `two.pt` a tuple, `nan.pt` 0/0;
 * - `weights.pt` is `torch.save` of a dictionary: no code.
 *
 * `golden.safetensors` holds `images` [3,3,8,8], what `inception.pt` says of them in PyTorch, and the images resized by
 * loops in NumPy over the definition of TensorFlow 1's bilinear resize; `grid_sample` over the affine grid of the
 * published network gives the same within 4e-13.
 */
fun resource(name: String): Path = Path.of(object {}.javaClass.getResource("/$name")!!.toURI())

fun golden(manager: NDManager): Map<String, NDArray> =
  SafetensorsFile.open(resource("golden.safetensors")).use { it.readAll(manager) }
