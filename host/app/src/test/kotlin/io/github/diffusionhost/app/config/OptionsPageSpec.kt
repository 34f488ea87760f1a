package io.github.diffusionhost.app.config

import io.github.diffusionhost.api.ProviderKind
import io.github.diffusionhost.api.options.Option
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.app.config.bind.ProviderDescription
import io.github.diffusionhost.app.config.bind.SamplerDescription
import io.github.diffusionhost.app.config.describe.OptionsReference
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

@JvmRecord private data class Inner(@all:Option("how much") val weight: Double)

@JvmRecord
private data class Played(
  @all:Option("a|b, `c*d` and <e*>", min = 1.0, max = 9.0) val width: Int,
  @all:Option("one group") val inner: Inner,
  @all:Option("several groups") val many: List<Inner>,
  @all:Option("a name, if any") val label: String?,
)

private val OPTIONS = Played(3, Inner(0.5), listOf(Inner(2.0)), null)

private val SCHEDULER =
  ProviderDescription(
    "played",
    ProviderKind.SCHEDULER,
    "a process_in_tests",
    OptionsSpec.of(OPTIONS),
    mapOf("wide" to OPTIONS.copy(width = 9)),
    mapOf("clipNorm" to "1.0"),
    listOf(SamplerDescription("walk", "step by step", 12, OptionsSpec.of(Inner(1.0)))),
  )

class OptionsPageSpec :
  FunSpec({
    val page = OptionsReference(listOf(SCHEDULER)).page()

    test("a provider's options stand with default, values and meaning, groups by dotted names") {
      page shouldContain
        """
        ## Schedulers

        ### `played`

        a process_in_tests.

        | option | default | takes | meaning |
        | --- | --- | --- | --- |
        | `width` | `3` | a whole number from 1 to 9 | a\|b, `c*d` and \<e\*\> |
        | `inner.weight` | `0.5` | a number | how much |
        | `many` | `[{weight: 2.0}]` | a list, each element a mapping | several groups |
        | `many.N.weight` | `2.0` | a number | how much |
        | `label` | — | text, or nothing | a name, if any |

        | preset | where it differs from the defaults |
        | --- | --- |
        | `wide` | `width: 9` |

        Training that holds unless a config says otherwise: `train.clipNorm: 1.0`.

        #### Sampler `walk` of `played`

        step by step; 12 steps unless a config says otherwise.

        | option | default | takes | meaning |
        | --- | --- | --- | --- |
        | `weight` | `1.0` | a number | how much |

        """
          .trimIndent()
    }

    test("the run's own sections come first, and kinds without providers are left out") {
      page.substringBefore("## Schedulers") shouldContain "| `optimizer.lr` |"
      page shouldContain "| `ema.N.width` |"
      page shouldContain "## `dataset: {use: none}`"
      page shouldNotContain "## Models"
    }
  })
