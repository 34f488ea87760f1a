package io.github.diffusionhost.engine.sample;

import io.github.diffusionhost.engine.network.Network;
import io.github.diffusionhost.engine.network.Weights;

/**
 * A weaker network that another one is led away from, autoguidance: a smaller one or one trained
 * for less long, of the same noise process, images and labels. Karras et al. 2024, arXiv
 * 2406.02507.
 *
 * @param network the network; it stays the caller's
 * @param weights which of its weights
 */
public record Guide(Network network, Weights weights) {}
