package io.github.diffusionhost.plugins.fidelity.extract;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.api.metric.ScriptFunction;
import io.github.diffusionhost.plugins.fidelity.extract.feature.BilinearResize;
import io.github.diffusionhost.plugins.fidelity.extract.feature.Channels;
import io.github.diffusionhost.plugins.fidelity.extract.feature.CheckedFeatures;
import io.github.diffusionhost.plugins.fidelity.extract.feature.FeatureExtractor;
import io.github.diffusionhost.plugins.fidelity.extract.feature.InParts;
import io.github.diffusionhost.plugins.fidelity.kept.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Anybody's network in a TorchScript file: images [N,C,H,W] float32 to features [N,D]. */
final class ScriptExtractor implements FeatureExtractor {
  private static final int AT_ONCE = 64;

  private final String name;
  private final String sha256;
  private final ScriptRange range;
  private final @Nullable Integer edge;
  private final boolean rgb;
  private final ScriptFunction network;

  /**
   * Loads the file.
   *
   * @param edge height and width to resize to; null for the images' own
   * @param rgb whether grey images get three channels
   */
  ScriptExtractor(
      Path file, ScriptRange range, @Nullable Integer edge, boolean rgb, MetricContext context)
      throws IOException {
    this.network = context.script(file);
    this.sha256 = Sha256.of(file);
    this.name = stem(file);
    this.range = range;
    this.edge = edge;
    this.rgb = rgb;
  }

  /** The file's name in the characters of names, without its ending. */
  private static String stem(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    int dot = name.lastIndexOf('.');
    String stem = (dot > 0 ? name.substring(0, dot) : name).replaceAll("[^a-z0-9]+", "-");
    return stem.replaceAll("^-|-$", "");
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String sha256() {
    return sha256;
  }

  @Override
  public String input() {
    return range.words()
        + (edge == null
            ? ", not resized"
            : String.format(
                Locale.ROOT, ", bilinear resize to %dx%d as in TensorFlow 1", edge, edge))
        + (rgb ? ", grey as RGB" : "");
  }

  @Override
  public NDArray features(NDArray images) {
    return InParts.call(images, AT_ONCE, this::featuresOfSome);
  }

  private NDArray featuresOfSome(NDArray images) {
    NDArray pixels = range.pixels(rgb ? Channels.rgb(name, images) : images);
    NDArray seen = edge == null ? pixels : BilinearResize.of(pixels, edge, edge);
    return CheckedFeatures.of(name, images, network.call(seen));
  }

  @Override
  public void close() {
    network.close();
  }
}
