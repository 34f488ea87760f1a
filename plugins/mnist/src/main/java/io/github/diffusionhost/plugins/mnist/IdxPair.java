package io.github.diffusionhost.plugins.mnist;

import java.nio.file.Path;

/**
 * The two files of a split.
 *
 * @param knownImages SHA-256 of the published images, decompressed
 * @param knownLabels SHA-256 of the published labels, decompressed
 */
record IdxPair(Path images, Path labels, String knownImages, String knownLabels) {}
