package io.github.diffusionhost.api.image;

/**
 * What the header of an image says.
 *
 * @param channels 1: stored in grey; 3: in colours, with or without a palette
 * @param height rows
 * @param width columns
 * @param bits of a stored sample: 1, 2, 4, 8 or 16
 */
public record ImageHeader(int channels, int height, int width, int bits) {}
