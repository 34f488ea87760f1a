package io.github.diffusionhost.plugins.unet;

import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.exchange.ExchangedModel;
import io.github.diffusionhost.api.exchange.ForeignConfig;
import io.github.diffusionhost.api.exchange.ModelExchange;
import io.github.diffusionhost.plugins.unet.UnetOptions.Downsample;
import io.github.diffusionhost.plugins.unet.UnetOptions.InputNorm;
import io.github.diffusionhost.plugins.unet.UnetOptions.Norm;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The network in the words of diffusers' {@code UNet2DModel}, with its constructor's defaults. */
final class UnetDiffusers implements ModelExchange<UnetOptions> {
  private static final List<Integer> DEFAULT_CHANNELS = List.of(224, 448, 672, 896);

  /** What the class can be asked for and the network here is not. */
  private static final Map<String, @Nullable Object> FIXED = fixed();

  private static Map<String, @Nullable Object> fixed() {
    Map<String, @Nullable Object> fixed = new LinkedHashMap<>();
    fixed.put("center_input_sample", false);
    fixed.put("time_embedding_type", "positional");
    fixed.put("time_embedding_dim", null);
    fixed.put("mid_block_type", "UNetMidBlock2D");
    fixed.put("mid_block_scale_factor", 1);
    fixed.put("downsample_type", "conv");
    fixed.put("upsample_type", "conv");
    fixed.put("act_fn", "silu");
    fixed.put("attn_norm_num_groups", null);
    fixed.put("resnet_time_scale_shift", "default");
    fixed.put("class_embed_type", null);
    return fixed;
  }

  @Override
  public List<String> classNames() {
    return List.of("UNet2DModel");
  }

  @Override
  public ExchangedModel<UnetOptions> read(ForeignConfig config) {
    FIXED.forEach((key, value) -> config.require(key, value));
    // Only for learned time embeddings, which there are none of.
    config.ignore("num_train_timesteps");
    List<Integer> channels = config.wholes("block_out_channels", DEFAULT_CHANNELS);
    Integer headSize = config.wholeOrNull("attention_head_dim", 8);
    if (headSize != null && headSize < 1) {
      config.refuse("attention_head_dim", "is " + headSize + " and not positive");
    }
    Integer labels = config.wholeOrNull("num_class_embeds", null);
    if (labels != null && labels < 1) {
      config.refuse("num_class_embeds", "is " + labels + " and not positive");
    }
    List<Integer> attention = BlockTypes.attention(config, channels.size());
    ImageShape shape = SampleSize.read(config);
    int layersPerBlock = config.whole("layers_per_block", 2);
    boolean midAttention = config.flag("add_attention", true);
    int normGroups = config.whole("norm_num_groups", 32);
    double normEps = config.real("norm_eps", 1e-5);
    double dropout = config.real("dropout", 0);
    int padding = config.whole("downsample_padding", 1);
    boolean flipSinToCos = config.flag("flip_sin_to_cos", true);
    double freqShift = config.real("freq_shift", 0);
    config.requireUnderstood();
    UnetOptions options =
        new UnetOptions(
            channels,
            attention,
            layersPerBlock,
            headSize == null ? 0 : headSize,
            midAttention,
            normGroups,
            normEps,
            InputNorm.NONE,
            Norm.GROUP,
            dropout,
            Downsample.CONV,
            padding,
            flipSinToCos,
            freqShift,
            labels != null);
    return new ExchangedModel<>(options, shape, labels == null ? 0 : labels);
  }

  @Override
  public Map<String, @Nullable Object> write(ExchangedModel<UnetOptions> model) {
    UnetOptions options = model.options();
    requireSayable(options);
    int levels = options.channels().size();
    boolean conditional = options.classConditional() && model.labelValues() > 0;
    double shift = options.freqShift();
    Map<String, @Nullable Object> config = new LinkedHashMap<>(FIXED);
    config.put("sample_size", SampleSize.write(model.shape()));
    config.put("in_channels", model.shape().channels());
    config.put("out_channels", model.shape().channels());
    config.put("block_out_channels", options.channels());
    config.put("down_block_types", BlockTypes.down(options.attention(), levels));
    config.put("up_block_types", BlockTypes.up(options.attention(), levels));
    config.put("layers_per_block", options.layersPerBlock());
    config.put("attention_head_dim", options.headSize() == 0 ? null : options.headSize());
    config.put("add_attention", options.midAttention());
    config.put("norm_num_groups", options.normGroups());
    config.put("norm_eps", options.normEps());
    config.put("dropout", options.dropout());
    config.put("downsample_padding", options.downsamplePadding());
    config.put("flip_sin_to_cos", options.flipSinToCos());
    // A whole number there, as a rule.
    config.put("freq_shift", shift == Math.rint(shift) ? (Object) (int) shift : (Object) shift);
    config.put("num_class_embeds", conditional ? model.labelValues() : null);
    config.put("num_train_timesteps", null);
    return config;
  }

  private static void requireSayable(UnetOptions options) {
    if (options.inputNorm() != InputNorm.NONE) {
      throw new IllegalArgumentException(
          "inputNorm is batch, and diffusers' UNet2DModel has no norm there");
    }
    if (options.firstNorm() != Norm.GROUP) {
      throw new IllegalArgumentException(
          "firstNorm is batch, and diffusers' UNet2DModel has group norms only");
    }
    if (options.downsample() != Downsample.CONV) {
      throw new IllegalArgumentException(
          "downsample is max-pool, and diffusers' UNet2DModel halves by convolutions only");
    }
  }
}
