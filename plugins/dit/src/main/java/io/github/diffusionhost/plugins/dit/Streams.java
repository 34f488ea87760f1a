package io.github.diffusionhost.plugins.dit;

import ai.djl.ndarray.NDArray;

/**
 * The two streams of tokens that a joint block keeps apart outside its attention.
 *
 * @param image [N,T,D]
 * @param label the class token [N,1,D]
 */
record Streams(NDArray image, NDArray label) {}
