package io.github.diffusionhost.app.plugins.jar

import org.slf4j.LoggerFactory

private val log = LoggerFactory.getLogger("io.github.diffusionhost.app.plugins.jar.VersionChoice")

/**
 * Of several jars with one id the one of the highest version, of one version the first; says in the log why the others
 * lost. The result is in the order in which providers get their names: by folder, then by id.
 */
internal fun highestOfEachId(jars: List<PluginJar>, contract: ContractVersion): List<PluginJar> =
  jars
    .groupBy { it.id }
    .map { (_, same) -> highest(same, contract) }
    .sortedWith(compareBy({ it.found.order }, { it.id }))

private fun highest(same: List<PluginJar>, contract: ContractVersion): PluginJar {
  val winner = same.reduce { best, other -> if (contract.isHigher(other.version, best.version)) other else best }
  for (loser in same - winner) {
    when {
      contract.isHigher(winner.version, loser.version) ->
        log.info("Plugin {} is passed over: {} has a higher version", loser, winner)
      loser.stored == winner.stored -> log.debug("{} is the same file as {}", loser.found.path, winner.found.path)
      else -> log.info("Plugin {} is passed over: {} has the same version and comes first", loser, winner)
    }
  }
  return winner
}
