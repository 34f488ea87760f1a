package io.github.diffusionhost.api.metric;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.RemoteFile;
import io.github.diffusionhost.api.dataset.Split;
import io.github.diffusionhost.api.model.Denoiser;
import io.github.diffusionhost.api.noise.Noise;
import io.github.diffusionhost.api.scheduler.Scheduler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What the host gives to an evaluation. All of it belongs to the host and outlives the metric. */
public interface MetricContext {
  /**
   * The images to compare with, of the network's size and pixels. They are {@link
   * ImageDataset#mapped}: images may be read in any order, as often as wanted.
   *
   * @throws IOException if the dataset has no such part, or its files are missing or broken
   */
  ImageDataset reference(Split split) throws IOException;

  /** The network, with the weights that are evaluated. */
  Denoiser denoiser();

  /** The noise process that the network was trained under. */
  Scheduler scheduler();

  /**
   * Intermediate features of the network, with the weights that are evaluated and in the precision
   * that it samples in.
   *
   * @param names some of {@link Denoiser#featureNames()}, at least one
   * @throws IllegalArgumentException if the network has no feature of a name; the message says
   *     which it has
   */
  NetworkFeatures features(List<String> names);

  /**
   * What the network says of noisy images, with the weights that are evaluated and in the precision
   * that it samples in: compiled where that is possible, which {@link #denoiser()} is not.
   */
  NetworkPrediction prediction();

  /** The scope of the metric's arrays, on the evaluation's device; closed after the metric. */
  NDManager manager();

  /** Every draw of the evaluation follows from it. */
  long seed();

  /**
   * Draws for the metric's own use, which follow from {@link #seed()} and the place alone: the same
   * place gives the same draws again, and another place has nothing to do with it.
   *
   * @param place numbers that say what the draws are for, such as epoch and batch
   */
  Noise noise(long... place);

  /**
   * Tells a person how far the work of {@link Metric#report} is. Called often: the host shows it
   * now and then.
   *
   * @param what is being done, in a word or two
   * @param done out of {@code total}
   */
  void progress(String what, long done, long total);

  /** The folder for files that are kept between runs. */
  Path dataFolder();

  /** Downloads files that are not there yet, as for datasets. */
  void download(List<RemoteFile> files) throws IOException;

  /**
   * Loads a TorchScript file of anybody's onto the evaluation's device; the caller closes it. It
   * runs in a process of its own with limits of time and memory, unless whoever evaluates trusts
   * it, and computes the same there.
   *
   * @throws IOException if the file cannot be read, is no TorchScript, or exceeds a limit when it
   *     is loaded; the message says which
   */
  ScriptFunction script(Path file) throws IOException;

  /**
   * The same of a published file that the plugin knows. It runs in the host's process, which is
   * faster.
   *
   * @param sha256 what the file's digest must be, in lower-case hexadecimal
   * @throws IOException if it is another one, too
   */
  ScriptFunction script(Path file, String sha256) throws IOException;

  /**
   * Reads a safetensors file onto the evaluation's device. A tensor of a type that arrays lack
   * (bfloat16, int16) is widened.
   *
   * @return all its tensors by name, in the file's order, in the caller's scope
   * @throws IOException if it cannot be read or is no sound safetensors file; the message says why
   */
  Map<String, NDArray> tensors(Path file) throws IOException;

  /**
   * What several metrics of this evaluation have in common, such as a feature extractor: made when
   * it is first asked for, the same object from then on, and closed after the metrics. It may serve
   * the same metrics again later, so it is made with a context of its own.
   *
   * @param type tells the parts from each other; one object for each
   */
  <T extends AutoCloseable> T shared(Class<T> type, Function<MetricContext, ? extends T> make);
}
