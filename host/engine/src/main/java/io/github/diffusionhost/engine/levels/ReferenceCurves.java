package io.github.diffusionhost.engine.levels;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.diffusionhost.api.scheduler.NoiseLevel;
import io.github.diffusionhost.api.scheduler.Scheduler;
import io.github.diffusionhost.engine.contract.CheckedLevels;
import io.github.diffusionhost.engine.reference.LinearReference;
import java.nio.charset.StandardCharsets;
import java.util.function.ToDoubleFunction;

/**
 * What a network's errors are compared with, as a function of the noise level: {@code
 * references.json}.
 *
 * @param scheduler the levels
 * @param reference the errors
 */
public record ReferenceCurves(Scheduler scheduler, LinearReference reference) {
  private static final int POINTS = 10;

  /** The bins of the log, with the error of the best linear prediction. */
  public LevelBins bins() {
    return LevelBins.of(scheduler, reference::error);
  }

  /** The curves at some levels of each bin. */
  public byte[] toJson() {
    JsonObject json = new JsonObject();
    json.addProperty(
        "about",
        "mean squared errors, per pixel and channel, that a prediction would have which is linear"
            + " in the noisy image: one that knows the variance of the pixels, and one that knows"
            + " their power spectrum");
    json.addProperty("images", reference.images());
    json.addProperty("pixelVariance", reference.pixelVariance());
    json.add("edges", array(checked().edges(), edge -> edge));
    double[] levels = levels();
    json.add("level", array(levels, level -> level));
    json.add("signal", array(levels, at(NoiseLevel::signal)));
    json.add("noise", array(levels, at(NoiseLevel::noise)));
    json.add("fromVariance", array(levels, at(reference::errorFromVariance)));
    json.add("fromSpectrum", array(levels, at(reference::error)));
    String text = new GsonBuilder().setPrettyPrinting().create().toJson(json);
    return (text + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private double[] levels() {
    double[] edges = checked().edges();
    double[] levels = new double[(edges.length - 1) * POINTS + 1];
    for (int i = 0; i < levels.length - 1; i++) {
      double lower = edges[i / POINTS];
      levels[i] = lower + (i % POINTS) * (edges[i / POINTS + 1] - lower) / POINTS;
    }
    levels[levels.length - 1] = edges[edges.length - 1];
    return levels;
  }

  private CheckedLevels checked() {
    return new CheckedLevels(scheduler);
  }

  private ToDoubleFunction<Double> at(ToDoubleFunction<NoiseLevel> value) {
    return level -> value.applyAsDouble(checked().at(level));
  }

  private static JsonArray array(double[] values, ToDoubleFunction<Double> of) {
    JsonArray array = new JsonArray();
    for (double value : values) {
      array.add(of.applyAsDouble(value));
    }
    return array;
  }
}
