package io.github.diffusionhost.api.exchange;

import io.github.diffusionhost.api.dataset.ImageShape;

/**
 * A network as another library sees it, which knows its images and labels.
 *
 * @param options the model's options
 * @param shape the images that it sees and predicts
 * @param labelValues how many different labels it is given; 0 for none
 */
public record ExchangedModel<O extends Record>(O options, ImageShape shape, int labelValues) {}
