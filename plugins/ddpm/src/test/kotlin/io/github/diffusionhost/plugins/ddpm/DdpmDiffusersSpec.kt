package io.github.diffusionhost.plugins.ddpm

import io.github.diffusionhost.api.exchange.ExchangedScheduler
import io.github.diffusionhost.api.exchange.ForeignConfig
import io.github.diffusionhost.plugins.ddpm.process.BetaSchedule
import io.github.diffusionhost.plugins.ddpm.process.DdpmOptions
import io.github.diffusionhost.plugins.ddpm.process.LossWeighting
import io.github.diffusionhost.plugins.ddpm.process.Prediction
import io.github.diffusionhost.plugins.ddpm.process.TrainingTimes
import io.github.diffusionhost.plugins.ddpm.process.Variance
import io.github.diffusionhost.plugins.ddpm.samplers.DdimSampler
import io.github.diffusionhost.plugins.ddpm.samplers.DdpmSampler
import io.github.diffusionhost.plugins.ddpm.samplers.DpmppSampler
import io.github.diffusionhost.plugins.ddpm.samplers.EulerSampler
import io.github.diffusionhost.plugins.ddpm.samplers.HeunSampler
import io.github.diffusionhost.plugins.ddpm.samplers.LmsSampler
import io.github.diffusionhost.plugins.ddpm.samplers.PndmSampler
import io.github.diffusionhost.plugins.ddpm.samplers.UniPcSampler
import io.github.diffusionhost.plugins.ddpm.spacing.Spacing
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

class DdpmDiffusersSpec :
  FunSpec({
    val exchange = DdpmProvider().diffusers()

    fun read(name: String, vararg values: Pair<String, Any?>): ExchangedScheduler<DdpmOptions> {
      val config = ForeignConfig("scheduler_config.json", mapOf("_class_name" to name, *values))
      return exchange.read(config).also { config.requireUnderstood() }
    }

    fun fault(name: String, vararg values: Pair<String, Any?>) =
      shouldThrow<IllegalArgumentException> { read(name, *values) }.message!!

    test("the classes are those of the samplers, and the first is written") {
      exchange.classNames() shouldContainExactly
        listOf(
          "DDPMScheduler",
          "DDIMScheduler",
          "PNDMScheduler",
          "DPMSolverMultistepScheduler",
          "UniPCMultistepScheduler",
          "EulerDiscreteScheduler",
          "LMSDiscreteScheduler",
          "HeunDiscreteScheduler",
        )
    }

    test("a class that says nothing is its defaults") {
      val defaults = DdpmOptions.DEFAULTS
      for ((name, sampler) in
        mapOf(
          "DDPMScheduler" to ("ddpm" to DdpmSampler.Options.DEFAULTS),
          "DDIMScheduler" to ("ddim" to DdimSampler.Options.DEFAULTS),
          "PNDMScheduler" to ("pndm" to PndmSampler.Options.DEFAULTS),
          "DPMSolverMultistepScheduler" to ("dpmpp-2m" to DpmppSampler.Options.DEFAULTS),
          "UniPCMultistepScheduler" to ("unipc" to UniPcSampler.Options.DEFAULTS),
          "EulerDiscreteScheduler" to ("euler" to EulerSampler.Options.DEFAULTS),
          "LMSDiscreteScheduler" to ("lms" to LmsSampler.Options.DEFAULTS),
        )) {
        read(name) shouldBe ExchangedScheduler(defaults, sampler.first, sampler.second)
      }
      // Heun alone has the betas of latent diffusion.
      val heun = read("HeunDiscreteScheduler")
      (heun.sampler() to heun.samplerOptions()) shouldBe ("heun" to HeunSampler.Options.DEFAULTS)
      (heun.options().betaStart() to heun.options().betaEnd()) shouldBe (0.00085 to 0.012)
    }

    test("the scheduler of a checkpoint of the first releases is read") {
      // The config of a pipeline published in 2022.
      val read =
        read(
          "DDPMScheduler",
          "_diffusers_version" to "0.1.1",
          "beta_end" to 0.02,
          "beta_schedule" to "linear",
          "beta_start" to 0.0001,
          "clip_sample" to true,
          "num_train_timesteps" to 1000L,
          "timestep_values" to null,
          "trained_betas" to null,
          "variance_type" to "fixed_large",
        )
      read.options().variance() shouldBe Variance.FIXED_LARGE
      read.options().clipSample() shouldBe true
    }

    test("settings become options") {
      val ddim =
        read(
          "DDIMScheduler",
          "num_train_timesteps" to 4L,
          "trained_betas" to listOf(0.1, 0.2, 0.3, 0.4),
          "clip_sample" to false,
          "prediction_type" to "v_prediction",
          "timestep_spacing" to "trailing",
          "steps_offset" to 1L,
          "rescale_betas_zero_snr" to true,
        )
      with(ddim.options()) {
        timesteps() shouldBe 4
        schedule() shouldBe BetaSchedule.GIVEN
        betas() shouldBe listOf(0.1, 0.2, 0.3, 0.4)
        clipSample() shouldBe false
        prediction() shouldBe Prediction.V
        zeroTerminalSnr() shouldBe true
      }
      ddim.samplerOptions() shouldBe DdimSampler.Options(0.0, Spacing.TRAILING, 1, true)
      read("PNDMScheduler", "skip_prk_steps" to true).samplerOptions() shouldBe
        PndmSampler.Options(true, Spacing.LEADING, 0, false)
      val heun = read("HeunDiscreteScheduler", "clip_sample" to true, "clip_sample_range" to 2.0)
      heun.samplerOptions() shouldBe HeunSampler.Options(true, false, Spacing.LINSPACE, 0)
      heun.options().clipRange() shouldBe 2.0
      read("DPMSolverMultistepScheduler", "use_karras_sigmas" to true, "lower_order_final" to false)
        .samplerOptions() shouldBe DpmppSampler.Options(true, Spacing.LINSPACE, 0)
    }

    for ((words, row) in
      mapOf(
        "a schedule that is not here" to
          ("DDPMScheduler" to
            ("beta_schedule" to "sigmoid") to
            "beta_schedule is \"sigmoid\" (supported: \"linear\" or \"scaled_linear\" or \"squaredcos_cap_v2\")"),
        "learned variance" to ("DDPMScheduler" to ("variance_type" to "learned") to "variance_type is \"learned\""),
        "thresholding of a class that has none" to
          ("EulerDiscreteScheduler" to ("thresholding" to true) to "thresholding is unknown (it is true)"),
        "another solver" to
          ("DPMSolverMultistepScheduler" to
            ("algorithm_type" to "sde-dpmsolver") to
            "algorithm_type is \"sde-dpmsolver\" (supported: \"dpmsolver++\" or \"sde-dpmsolver++\")"),
        "another order" to
          ("DPMSolverMultistepScheduler" to ("solver_order" to 1L) to "solver_order is 1 (supported: 2 or 3)"),
        "clipped levels" to
          ("DPMSolverMultistepScheduler" to ("lambda_min_clipped" to -5.1) to "lambda_min_clipped is -5.1"),
        "another form of UniPC" to ("UniPCMultistepScheduler" to ("solver_type" to "bh1") to "solver_type is \"bh1\""),
        "another spacing of Euler" to
          ("EulerDiscreteScheduler" to ("use_exponential_sigmas" to true) to "use_exponential_sigmas is true"),
        "flow matching" to
          ("UniPCMultistepScheduler" to
            ("prediction_type" to "flow_prediction") to
            "prediction_type is \"flow_prediction\""),
        "a setting of another class" to
          ("EulerDiscreteScheduler" to ("clip_sample" to true) to "clip_sample is unknown"),
      )) {
      val (asked, says) = row
      test("refused by name: $words") { fault(asked.first, asked.second) shouldContain says }
    }

    test("what is written is read back") {
      val options =
        DdpmOptions(
          3,
          BetaSchedule.GIVEN,
          1e-4,
          0.02,
          listOf(0.1, 0.2, 0.3),
          Prediction.SAMPLE,
          Variance.FIXED_LARGE,
          false,
          1.5,
          TrainingTimes.PER_IMAGE,
          LossWeighting.NONE,
          5.0,
          true,
          true,
          0.9,
          2.0,
        )
      for (process in listOf(DdpmOptions.DEFAULTS, options)) {
        val scheduler = ExchangedScheduler(process, "ddpm", DdpmSampler.Options(Spacing.TRAILING, 2))
        val written = exchange.write(scheduler).mapValues { (_, value) -> if (value is Int) value.toLong() else value }
        read("DDPMScheduler", *written.toList().toTypedArray()) shouldBe scheduler
      }
    }

    test("another sampler's options are not those of the ancestral one") {
      val euler = ExchangedScheduler(DdpmOptions.DEFAULTS, "euler", EulerSampler.Options(false, Spacing.TRAILING, 3))
      val written = exchange.write(euler)
      (written["timestep_spacing"] to written["steps_offset"]) shouldBe ("leading" to 0)
    }
  })
