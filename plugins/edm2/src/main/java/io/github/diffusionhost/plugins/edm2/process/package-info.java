/**
 * The noise process of EDM2: images under added noise of standard deviation σ, networks
 * preconditioned for it, and samplers in σ. Karras et al. 2022, arXiv 2206.00364; Karras et al.
 * 2023, arXiv 2312.02696.
 */
@NullMarked
package io.github.diffusionhost.plugins.edm2.process;

import org.jspecify.annotations.NullMarked;
