package io.github.diffusionhost.api.metric;

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

/** What the host gives to an evaluation. All of it belongs to the host and outlives the metric. */
public interface MetricContext {
  /** The images to compare with. */
  ImageDataset reference(Split split) throws IOException;

  /** The network, with the weights that are evaluated. */
  Denoiser denoiser();

  /** The noise process that the network was trained under. */
  Scheduler scheduler();

  /** The scope of the evaluation's arrays, on its device. */
  NDManager manager();

  /** Draws for the metric's own use. */
  Noise noise();

  /** The folder for files that are kept between runs. */
  Path dataFolder();

  /** Downloads files that are not there yet, as for datasets. */
  void download(List<RemoteFile> files) throws IOException;
}
