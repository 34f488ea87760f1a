package io.github.diffusionhost.plugins.imagefolder;

/**
 * One image of the dataset.
 *
 * @param name as the source calls it
 * @param label its class, 0 if there are none
 */
record ImageFile(String name, int label) {}
