/**
 * EDM2 on small images: Karras et al. 2023, arXiv 2312.02696, in the form of xfetus/edm2-multi-gpu.
 */
@NullMarked
package io.github.diffusionhost.plugins.edm2;

import org.jspecify.annotations.NullMarked;
