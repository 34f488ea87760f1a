package io.github.diffusionhost.plugins.mlflow

import io.github.diffusionhost.plugins.mlflow.server.Credentials
import io.github.diffusionhost.plugins.mlflow.store.Address
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path

class MlflowOptionsSpec :
  FunSpec({
    val here = Path.of("").toAbsolutePath()

    for ((uri, address) in
      mapOf(
        "http://localhost:5000" to "http://localhost:5000",
        "https://example.org/mlflow/" to "https://example.org/mlflow",
        "mlruns" to "$here/mlruns",
        "./a b" to "$here/a b",
        "/tmp/x" to "/tmp/x",
        "file:///tmp/a%20b" to "/tmp/a b",
        "file:/tmp/x" to "/tmp/x",
        "file:runs" to "$here/runs",
      )) {
      test("$uri is $address") { "${Address.of(uri)}" shouldBe address }
    }

    for ((uri, message) in
      mapOf(
        "sqlite:///mlflow.db" to "mlflow server --backend-store-uri sqlite:///mlflow.db",
        "databricks://profile" to "neither a server nor a folder",
        "http:///x" to "names no host",
        "https://me:secret@example.org" to "MLFLOW_TRACKING_USERNAME",
        "http://a b" to "uri http://a b: ",
        "file://\u0000" to "uri file",
        "  " to "uri is empty",
      )) {
      test("as uri, ${uri.trim().ifEmpty { "nothing" }} is refused with what to do") {
        val refused = shouldThrow<IllegalArgumentException> { MlflowOptions(uri, "x", null, true, 10) }
        refused.message shouldContain message
        refused.message!!.contains("secret") shouldBe false
      }
    }

    test("empty names are refused") {
      shouldThrow<IllegalArgumentException> { MlflowOptions(null, " ", null, true, 10) }
      shouldThrow<IllegalArgumentException> { MlflowOptions(null, "x".repeat(501), null, true, 10) }
      shouldThrow<IllegalArgumentException> { MlflowOptions(null, "x", "", true, 10) }
    }

    test("credentials are those of MLflow's own clients, and never printed") {
      fun of(vararg variables: Pair<String, String>) = Credentials.of(mapOf(*variables))
      of().header() shouldBe null
      of("MLFLOW_TRACKING_TOKEN" to "abc").header() shouldBe "Bearer abc"
      val both =
        of("MLFLOW_TRACKING_USERNAME" to "u", "MLFLOW_TRACKING_PASSWORD" to "p", "MLFLOW_TRACKING_TOKEN" to "abc")
      both.header() shouldBe "Basic dTpw"
      "$both" shouldBe "given"
    }
  })
