package io.github.diffusionhost.plugins.ddpm;

import io.github.diffusionhost.api.exchange.ExchangedScheduler;
import io.github.diffusionhost.api.exchange.ForeignConfig;
import io.github.diffusionhost.api.exchange.SchedulerExchange;
import io.github.diffusionhost.plugins.ddpm.process.BetaSchedule;
import io.github.diffusionhost.plugins.ddpm.process.DdpmOptions;
import io.github.diffusionhost.plugins.ddpm.process.Prediction;
import io.github.diffusionhost.plugins.ddpm.process.Variance;
import io.github.diffusionhost.plugins.ddpm.samplers.DdpmSampler;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The process in the words of diffusers' schedulers. What only training knows there is none of: how
 * timesteps are drawn and losses weighted stays behind on the way out, and is the default on the
 * way in.
 */
final class DdpmDiffusers implements SchedulerExchange<DdpmOptions> {
  private static final Map<String, BetaSchedule> SCHEDULES =
      Map.of(
          "linear", BetaSchedule.LINEAR,
          "scaled_linear", BetaSchedule.SCALED_LINEAR,
          "squaredcos_cap_v2", BetaSchedule.COSINE);
  private static final Map<String, Prediction> PREDICTIONS =
      Map.of(
          "epsilon", Prediction.EPSILON, "sample", Prediction.SAMPLE, "v_prediction", Prediction.V);
  private static final Map<String, Variance> VARIANCES =
      Map.of("fixed_small", Variance.FIXED_SMALL, "fixed_large", Variance.FIXED_LARGE);

  @Override
  public List<String> classNames() {
    return Arrays.stream(DiffusersSampler.values()).map(DiffusersSampler::className).toList();
  }

  @Override
  public ExchangedScheduler<DdpmOptions> read(ForeignConfig config) {
    DiffusersSampler kind =
        Arrays.stream(DiffusersSampler.values())
            .filter(each -> each.className().equals(config.className()))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("unknown class " + config.className()));
    DiffusersSampler.Chosen sampler = kind.read(config);
    DdpmOptions options = process(config, kind);
    return new ExchangedScheduler<>(options, sampler.name(), sampler.options());
  }

  private static DdpmOptions process(ForeignConfig config, DiffusersSampler kind) {
    // Keys of the first releases, which say what the present ones say otherwise.
    config.require("timestep_values", (Object) null);
    config.require("tensor_format", "pt");
    boolean heun = kind == DiffusersSampler.HEUN;
    boolean ancestral = kind == DiffusersSampler.DDPM;
    boolean clips = ancestral || kind == DiffusersSampler.DDIM;
    List<Double> betas = config.reals("trained_betas");
    BetaSchedule named = config.choice("beta_schedule", "linear", SCHEDULES);
    DdpmOptions defaults = DdpmOptions.DEFAULTS;
    double clipRange = clips || heun ? config.real("clip_sample_range", 1) : defaults.clipRange();
    boolean zeroTerminalSnr =
        !heun
            && kind != DiffusersSampler.PNDM
            && config.flag("rescale_betas_zero_snr", defaults.zeroTerminalSnr());
    boolean thresholds =
        clips || kind == DiffusersSampler.DPM_SOLVER || kind == DiffusersSampler.UNIPC;
    // Where a class clips nothing itself, what it would do in another one is not said.
    return new DdpmOptions(
        config.whole("num_train_timesteps", 1000),
        betas.isEmpty() ? named : BetaSchedule.GIVEN,
        config.real("beta_start", heun ? 0.00085 : 0.0001),
        config.real("beta_end", heun ? 0.012 : 0.02),
        betas,
        prediction(config),
        ancestral ? config.choice("variance_type", "fixed_small", VARIANCES) : defaults.variance(),
        clips ? config.flag("clip_sample", true) : defaults.clipSample(),
        clipRange,
        defaults.times(),
        defaults.weighting(),
        defaults.minSnrGamma(),
        zeroTerminalSnr,
        thresholds && config.flag("thresholding", false),
        thresholds
            ? config.real("dynamic_thresholding_ratio", defaults.thresholdingRatio())
            : defaults.thresholdingRatio(),
        thresholds
            ? config.real("sample_max_value", defaults.thresholdingMax())
            : defaults.thresholdingMax());
  }

  /** What the network predicts; {@code predict_epsilon} said it before {@code prediction_type}. */
  private static Prediction prediction(ForeignConfig config) {
    boolean epsilon = config.flag("predict_epsilon", true);
    if (!config.has("prediction_type")) {
      config.ignore("prediction_type");
      return epsilon ? Prediction.EPSILON : Prediction.SAMPLE;
    }
    Prediction prediction = config.choice("prediction_type", "epsilon", PREDICTIONS);
    if (!epsilon && prediction != Prediction.SAMPLE) {
      config.refuse(
          "predict_epsilon", "is false, which means the image, and prediction_type says another");
    }
    return prediction;
  }

  @Override
  public Map<String, @Nullable Object> write(ExchangedScheduler<DdpmOptions> scheduler) {
    DdpmOptions options = scheduler.options();
    DdpmSampler.Options sampler =
        scheduler.samplerOptions() instanceof DdpmSampler.Options own
            ? own
            : DdpmSampler.Options.DEFAULTS;
    boolean given = options.schedule() == BetaSchedule.GIVEN;
    Map<String, @Nullable Object> config = new LinkedHashMap<>();
    config.put("num_train_timesteps", options.timesteps());
    config.put("beta_start", options.betaStart());
    config.put("beta_end", options.betaEnd());
    config.put("beta_schedule", given ? "linear" : word(SCHEDULES, options.schedule()));
    config.put("trained_betas", given ? options.betas() : null);
    config.put("variance_type", word(VARIANCES, options.variance()));
    config.put("clip_sample", options.clipSample());
    config.put("clip_sample_range", options.clipRange());
    config.put("prediction_type", word(PREDICTIONS, options.prediction()));
    config.put("thresholding", options.thresholding());
    config.put("dynamic_thresholding_ratio", options.thresholdingRatio());
    config.put("sample_max_value", options.thresholdingMax());
    config.put("timestep_spacing", word(DiffusersSampler.SPACINGS, sampler.spacing()));
    config.put("steps_offset", sampler.stepsOffset());
    config.put("rescale_betas_zero_snr", options.zeroTerminalSnr());
    return config;
  }

  /** The word that means a value. */
  private static <T> String word(Map<String, T> meanings, T value) {
    return meanings.entrySet().stream()
        .filter(entry -> entry.getValue().equals(value))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("diffusers has no word for " + value))
        .getKey();
  }
}
