package io.github.diffusionhost.plugins.mlflow

import io.github.diffusionhost.api.tracker.Tracker
import io.github.diffusionhost.plugins.mlflow.server.PlayedServer
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import java.nio.file.Path
import kotlin.io.path.createTempDirectory

/** A spec against a server on this machine that takes nothing that is not in MLflow's protocol. */
abstract class ServerSpec(body: ServerSpec.() -> Unit) : FunSpec() {
  val base: Path = tempdir().toPath()

  fun folder(): Path = createTempDirectory(base, "run")

  fun start(
    uri: String,
    folder: Path = folder(),
    parameters: Map<String, String> = mapOf("train.steps" to "20"),
    environment: Map<String, String> = mapOf(),
    seconds: Int = 10,
  ): Tracker =
    MlflowProvider(environment)
      .start(MlflowOptions(uri, "digits & more", "a run", true, seconds), playedRun(folder, parameters))

  fun server(artifactRoot: String = "mlflow-artifacts:/7/abc/artifacts", block: (PlayedServer) -> Unit) =
    PlayedServer(artifactRoot).use(block)

  init {
    body()
  }
}
