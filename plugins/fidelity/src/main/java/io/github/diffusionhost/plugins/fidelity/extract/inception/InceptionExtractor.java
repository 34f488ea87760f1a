package io.github.diffusionhost.plugins.fidelity.extract.inception;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.dataset.RemoteFile;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.plugins.fidelity.extract.ScriptRange;
import io.github.diffusionhost.plugins.fidelity.extract.feature.Channels;
import io.github.diffusionhost.plugins.fidelity.extract.feature.CheckedFeatures;
import io.github.diffusionhost.plugins.fidelity.extract.feature.FeatureExtractor;
import io.github.diffusionhost.plugins.fidelity.extract.feature.InParts;
import io.github.diffusionhost.plugins.fidelity.kept.Sha256;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The Inception network that FID, KID and the Inception Score are defined with: TensorFlow's of
 * 2015-12-05. There are two ways to it: the TorchScript file that NVIDIA made of it for the metrics
 * of StyleGAN2-ADA, StyleGAN3, EDM and EDM2, and the weights of pytorch-fid and torch-fidelity in a
 * safetensors file. Either takes pixels from 0 to 255 of any size in three channels and resizes
 * them to 299×299 as TensorFlow 1 does.
 */
public final class InceptionExtractor implements FeatureExtractor {
  public static final String NAME = "inception-2015";

  private static final List<String> PICKLES = List.of(".pkl", ".pth");

  /** The SHA-256 of the published file. */
  public static final String PUBLISHED =
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

  private static final int AT_ONCE = 64;

  /**
   * An image takes 20 MB on its way through the arrays, and more of them are no faster on a CPU.
   */
  private static final int AT_ONCE_IN_ARRAYS = 16;

  private final String sha256;
  private final boolean script;
  private final InceptionNetwork network;

  /**
   * Finds and loads the file.
   *
   * @param file where it lies, weights if it ends in {@code .safetensors}; null for the TorchScript
   *     file in the data folder, where it is downloaded to
   * @param expected the SHA-256 that the TorchScript file must have
   */
  public InceptionExtractor(@Nullable Path file, String expected, MetricContext context)
      throws IOException {
    if (file == null) {
      context.download(List.of(REMOTE));
    }
    Path at = file == null ? context.dataFolder().resolve(REMOTE.path()) : file;
    if (!Files.isRegularFile(at)) {
      throw new IOException(
          "%s is not there: it should be the TorchScript file that %s gives"
                  .formatted(at, REMOTE.mirrors().get(0))
              + ", or torch-fidelity's weights as .safetensors");
    }
    if (PICKLES.stream().anyMatch(at.toString()::endsWith)) {
      throw new IOException(
          "%s is a pickle, which could run any code, and is not opened: get %s"
                  .formatted(at, REMOTE.mirrors().get(0))
              + ", or convert it to .safetensors as docs/reference/FIDELITY.md says");
    }
    this.sha256 = Sha256.of(at);
    this.script = !at.toString().endsWith(".safetensors");
    if (!script) {
      this.network = new InceptionArrays(at, context);
      return;
    }
    if (!sha256.equals(expected)) {
      throw new IOException(
          "%s is not the published network: its SHA-256 is %s, not %s. Get %s; if it is another"
                  .formatted(at, sha256, expected, REMOTE.mirrors().get(0))
              + " network on purpose, use torchscript:FILE");
    }
    this.network = new InceptionScript(context.script(at, expected));
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
    return "pixels 0 to 255, bilinear resize to 299x299 as in TensorFlow 1"
        + (script ? " by the network, grey as RGB" : ", grey as RGB");
  }

  @Override
  public String distanceName() {
    return "fid";
  }

  @Override
  public NDArray features(NDArray images) {
    return InParts.call(
        images, atOnce(), some -> CheckedFeatures.of(NAME, some, network.features(pixels(some))));
  }

  @Override
  public NDArray probabilities(NDArray images) {
    return InParts.call(
        images,
        atOnce(),
        some -> CheckedFeatures.of(NAME, some, network.probabilities(pixels(some))));
  }

  private int atOnce() {
    return script ? AT_ONCE : AT_ONCE_IN_ARRAYS;
  }

  private static NDArray pixels(NDArray images) {
    return ScriptRange.BYTES.pixels(Channels.rgb(NAME, images));
  }

  @Override
  public void close() {
    network.close();
  }
}
