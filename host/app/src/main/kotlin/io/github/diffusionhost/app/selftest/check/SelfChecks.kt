package io.github.diffusionhost.app.selftest.check

import ai.djl.Device
import io.github.diffusionhost.app.run.deviceBytes
import io.github.diffusionhost.app.selftest.SelfCheck

/**
 * What the self-test looks at within one process, in order.
 *
 * @param gpuBytes what is taken of a GPU
 */
internal fun checksOfOneProcess(gpuBytes: (Device) -> Long? = ::deviceBytes): List<SelfCheck> =
  listOf(
    OperatorCheck(),
    DrawsCheck(),
    NetworkCheck(),
    TrainingCheck(),
    SamplingCheck(),
    ResumeCheck(),
    PrecisionCheck(),
    DivergenceCheck(),
    EnduranceCheck(gpuBytes),
  )
