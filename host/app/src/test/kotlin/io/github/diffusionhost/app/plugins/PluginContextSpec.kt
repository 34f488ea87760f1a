package io.github.diffusionhost.app.plugins

import io.github.diffusionhost.app.cli.inProcess
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import kotlin.io.path.writeText

/** The context in which the engine calls plugins: their own class loader's, as for every call of a provider. */
class PluginContextSpec :
  FunSpec({
    // Throws unless the thread's context class loader knows the plugin's own class.
    fun find(type: String) =
      """
      try { Class.forName("demo.$type", true, Thread.currentThread().getContextClassLoader()); }
      catch (ClassNotFoundException e) { throw new IllegalStateException(e); }
      """

    test("a class of the plugin's own is found by the context class loader wherever the host calls its code") {
      val folder = tempdir().toPath()
      val places =
        mapOf(
          "Dataset" to listOf("dataset.open", "dataset.read", "dataset.augment"),
          "Scheduler" to
            listOf("create", "loss", "sample", "edges", "at", "condition", "curves", "trainable").map {
              "scheduler.$it"
            },
          "Model" to listOf("model.create", "model.initialize", "model.predict"),
          "Metric" to listOf("metric.create", "metric.add", "metric.report"),
          "Tracker" to listOf("tracker.start", "tracker.log"),
        )
      PlayedPlugins(folder).write(places.flatMap { (type, all) -> all.map { it to find(type) } }.toMap())
      val config = folder.resolve("played.yaml").apply { writeText(PlayedPlugins.CONFIG) }
      val parts =
        arrayOf(
          "--set",
          "tracker={use: tracker-played}",
          "--set",
          "metrics=[{use: metric-played, everyImages: 16, samples: 4}]",
        )
      for (compile in listOf(true, false)) {
        val ended =
          inProcess(
            "--plugins-dir",
            "$folder",
            "run",
            "--config",
            "$config",
            "--run-dir",
            "$folder/run-$compile",
            *parts,
            "--set",
            "train.compile=$compile",
          )
        withClue(ended.err) {
          ended.exit shouldBe 0
          ("ClassNotFound" in ended.err) shouldBe false
        }
      }
    }
  })
