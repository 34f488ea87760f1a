package io.github.diffusionhost.architecture

internal const val ROOT = "io.github.diffusionhost"

/** What the classes of each module may depend on, in packages as ArchUnit writes them. */
internal object Borders {
  private val everybody = listOf("java..", "javax..", "org.slf4j..", "org.jspecify..")

  private val contract =
    listOf(
      "$ROOT.api..",
      "org.pf4j..",
      "ai.djl",
      "ai.djl.engine..",
      "ai.djl.ndarray..",
      "ai.djl.nn..",
      "ai.djl.training..",
      "ai.djl.util..",
    )

  private val library =
    listOf(
      "$ROOT.api..",
      "$ROOT.engine..",
      "ai.djl..",
      "com.google.gson..",
      "com.sun.jna..",
      "com.sun.management..",
      "org.ejml..",
    )

  private val ofKotlin = listOf("kotlin..", "org.jetbrains.annotations..")

  /** Libraries that a plugin packs into its jar. */
  private val packed =
    mapOf("fidelity" to listOf("org.ejml.."), "mlflow" to listOf("com.google.gson..", "org.snakeyaml.engine.."))

  val api = (everybody + contract).toTypedArray()

  val engine = (everybody + library).toTypedArray()

  /** The contract and the plugin itself. */
  fun of(plugin: String): Array<String> {
    val own = "$ROOT.plugins.${plugin.replace("-", "")}.."
    return (everybody + contract + own + ofKotlin + packed[plugin].orEmpty()).toTypedArray()
  }

  /** The lines of the table in `docs/ARCHITECTURE.md`. */
  val rows: List<String> =
    listOf(
      row("everybody", everybody),
      row("`plugin-api`, besides", contract),
      row("`host/engine`, besides", library),
      row("a plugin, besides what `plugin-api` may: its own packages and", ofKotlin),
    ) + packed.map { (plugin, libraries) -> row("`plugins/$plugin`, packed into its jar", libraries) }

  private fun row(who: String, packages: List<String>) =
    "| $who | ${packages.joinToString(", ") { "`${it.removePrefix("$ROOT.")}`" }} |"
}
