package io.github.diffusionhost.app

import io.github.diffusionhost.app.words.nearest
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class NearestSpec :
  FunSpec({
    val names = listOf("dit", "unet", "flowmatch", "image-folder", "mnist")
    listOf(
        "dti" to "dit",
        "DIT" to "dit",
        "flow-match" to "flowmatch",
        "imagefolder" to "image-folder",
        "mnits" to "mnist",
        "flowmach" to "flowmatch",
        "ddpm" to null,
        "x" to null,
        "" to null,
      )
      .forEach { (typed, nearest) ->
        test("\"$typed\" was meant to be ${nearest ?: "nothing there is"}") {
          nearest(typed, names) shouldBe nearest
        }
      }
  })
