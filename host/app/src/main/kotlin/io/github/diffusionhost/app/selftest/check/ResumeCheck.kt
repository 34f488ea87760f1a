package io.github.diffusionhost.app.selftest.check

import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.selftest.Measured
import io.github.diffusionhost.app.selftest.SelfCheck
import io.github.diffusionhost.app.selftest.SmallRecipe
import io.github.diffusionhost.app.selftest.Subject
import io.github.diffusionhost.app.selftest.Unheard
import io.github.diffusionhost.app.selftest.part
import io.github.diffusionhost.app.selftest.values
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.checkpoint.CheckpointFolder
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.data.TrainingImages
import io.github.diffusionhost.engine.train.Evaluations
import io.github.diffusionhost.engine.train.RunDirectory
import io.github.diffusionhost.engine.train.Trainer
import io.github.diffusionhost.engine.train.TrainingPlan
import java.nio.file.Files

/** A training that is saved and goes on has the weights of one that is left alone, bit for bit. */
internal class ResumeCheck : SelfCheck {
  override val area = "resume"

  override fun run(subject: Subject, found: (Measured) -> Unit) {
    for (recipe in
      if (subject.quick) listOf(SmallRecipe.R3) else listOf(SmallRecipe.R1, SmallRecipe.R3, SmallRecipe.R4_E)) {
      part(recipe.name, found) { compare(subject, recipe, found) }
    }
  }

  private fun compare(subject: Subject, recipe: SmallRecipe, found: (Measured) -> Unit) {
    val config = recipe.config(subject, STEPS)
    val differing =
      recipe.onImages(subject, config, subject.manager) { data ->
        val directory = RunDirectory(Files.createTempDirectory(subject.folder, "resume"))
        val alone = train(subject, config, data, directory, null)
        val half = CheckpointFolder(directory.checkpoints()).list().single { CheckpointFolder.step(it) < STEPS }
        val again = RunDirectory(Files.createTempDirectory(subject.folder, "resumed"))
        val resumed = train(subject, config, data, again, Checkpoint.open(half))
        alone.values.zip(resumed.values).sumOf { (a, b) ->
          a.indices.count { a[it].toRawBits() != b[it].toRawBits() }
        }
      }
    found(Measured.of(area, "${recipe.name}, weights that differ", differing.toDouble(), 0.0))
  }

  private fun train(
    subject: Subject,
    config: RunConfig,
    data: TrainingImages,
    directory: RunDirectory,
    from: Checkpoint?,
  ): Map<String, FloatArray> {
    val images = ImageSpec.of(data.dataset())
    subject.assembly.network(config, images, subject.manager).use { network ->
      val samples = subject.assembly.samplePlan(config, images, network)
      val plan =
        TrainingPlan(network, data, config.train, config.seed, samples, 1, false, config.toYaml(), "", emptyMap())
      Trainer(plan, directory, Evaluations.NONE, Unheard).use { trainer ->
        from?.let(trainer::resume)
        trainer.run { false }
      }
      return network.values()
    }
  }

  private companion object {
    const val STEPS = 8
  }
}
