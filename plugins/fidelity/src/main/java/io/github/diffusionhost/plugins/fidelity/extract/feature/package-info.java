/** What an extractor of features is, and what all of them need. */
@NullMarked
package io.github.diffusionhost.plugins.fidelity.extract.feature;

import org.jspecify.annotations.NullMarked;
