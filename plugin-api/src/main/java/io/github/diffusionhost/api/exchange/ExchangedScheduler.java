package io.github.diffusionhost.api.exchange;

/**
 * A noise process and the sampler that another library's class is.
 *
 * @param options the scheduler's options
 * @param sampler the name of one of its samplers
 * @param samplerOptions that sampler's options
 */
public record ExchangedScheduler<O extends Record>(
    O options, String sampler, Record samplerOptions) {}
