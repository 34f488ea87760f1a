package io.github.diffusionhost.plugins.edm2.network;

/**
 * The sizes of a block.
 *
 * @param in channels that it sees
 * @param out channels that it makes
 * @param embedding values of the embedding
 * @param encoder whether it is on the way down
 * @param resampling what it does to the resolution
 * @param headSize channels of an attention head; 0 for no attention
 */
record BlockShape(
    int in, int out, int embedding, boolean encoder, Resampling resampling, int headSize) {}
