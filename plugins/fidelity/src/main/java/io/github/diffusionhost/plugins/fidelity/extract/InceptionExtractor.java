package io.github.diffusionhost.plugins.fidelity.extract;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.dataset.RemoteFile;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.api.metric.ScriptFunction;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The Inception network that FID, KID and the Inception Score are defined with: TensorFlow's of
 * 2015-12-05, translated to TorchScript by NVIDIA for the metrics of StyleGAN2-ADA, StyleGAN3, EDM
 * and EDM2. It takes pixels from 0 to 255 of any size in three channels and resizes them to 299×299
 * itself, as TensorFlow 1 does. Its method is {@code forward(img, return_features, use_fp16,
 * no_output_bias)}: features [N,2048], or the probabilities of 1008 classes, for the Inception
 * Score without the bias of the last layer.
 */
final class InceptionExtractor implements FeatureExtractor {
  static final String NAME = "inception-2015";

  /** The SHA-256 of the published file. */
  static final String PUBLISHED =
      "f58cb9b6ec323ed63459aa4fb441fe750cfe39fafad6da5cb504a16f19e958f4";

  private static final RemoteFile REMOTE =
      new RemoteFile(
          "fidelity/inception-2015-12-05.pt",
          List.of(
              URI.create(
                  "https://nvlabs-fi-cdn.nvidia.com/stylegan2-ada-pytorch/pretrained/metrics/"
                      + "inception-2015-12-05.pt")),
          95_607_719,
          PUBLISHED);

  private final String sha256;
  private final ScriptFunction network;

  /**
   * Finds and loads the file.
   *
   * @param file where it lies; null for the data folder, where it is downloaded to
   * @param expected the SHA-256 that the file must have
   */
  InceptionExtractor(@Nullable Path file, String expected, MetricContext context)
      throws IOException {
    if (file == null) {
      context.download(List.of(REMOTE));
    }
    Path at = file == null ? context.dataFolder().resolve(REMOTE.path()) : file;
    if (!Files.isRegularFile(at)) {
      throw new IOException(
          "%s is not there: it should be the TorchScript file that %s gives"
              .formatted(at, REMOTE.mirrors().get(0)));
    }
    if (at.toString().endsWith(".pkl")) {
      throw new IOException(
          "%s is a pickle, which could run any code, and is not opened: get %s"
              .formatted(at, REMOTE.mirrors().get(0)));
    }
    this.sha256 = Sha256.of(at);
    if (!sha256.equals(expected)) {
      throw new IOException(
          "%s is not the published network: its SHA-256 is %s, not %s. Get %s; if it is another"
                  .formatted(at, sha256, expected, REMOTE.mirrors().get(0))
              + " network on purpose, use torchscript:FILE");
    }
    this.network = context.script(at);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String sha256() {
    return sha256;
  }

  @Override
  public String input() {
    return "pixels 0 to 255, bilinear resize to 299x299 as in TensorFlow 1 by the network, grey as"
        + " RGB";
  }

  @Override
  public String distanceName() {
    return "fid";
  }

  @Override
  public NDArray features(NDArray images) {
    return InParts.call(
        images, some -> CheckedFeatures.of(NAME, some, network.call(pixels(some), true)));
  }

  @Override
  public NDArray probabilities(NDArray images) {
    return InParts.call(
        images,
        some -> CheckedFeatures.of(NAME, some, network.call(pixels(some), false, false, true)));
  }

  private static NDArray pixels(NDArray images) {
    return ScriptRange.BYTES.pixels(Channels.rgb(NAME, images));
  }

  @Override
  public void close() {
    network.close();
  }
}
