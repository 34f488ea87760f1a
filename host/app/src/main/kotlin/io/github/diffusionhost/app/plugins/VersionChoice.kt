package io.github.diffusionhost.app.plugins

import org.slf4j.LoggerFactory

private val log = LoggerFactory.getLogger("io.github.diffusionhost.app.plugins.VersionChoice")

/**
 * Of several jars with one id the one of the highest version, of one version the first; says in the log why the others
 * lost. The result is in the order in which providers get their names: by folder, then by id.
 */
internal fun highestOfEachId(jars: List<PluginJar>, contract: ContractVersion): List<PluginJar> =
  jars
    .groupBy { it.id }
    .map { (_, same) -> same.reduce { best, other -> higher(best, other, contract) } }
    .sortedWith(compareBy({ it.found.order }, { it.id }))

private fun higher(best: PluginJar, other: PluginJar, contract: ContractVersion): PluginJar {
  if (contract.isHigher(other.descriptor.version, best.descriptor.version)) {
    log.info("Plugin {} is passed over: {} has a higher version", best, other)
    return other
  }
  if (contract.isHigher(best.descriptor.version, other.descriptor.version)) {
    log.info("Plugin {} is passed over: {} has a higher version", other, best)
  } else if (best.stored == other.stored) {
    log.debug("{} is the same file as {}", other.found.path, best.found.path)
  } else {
    log.info("Plugin {} is passed over: {} has the same version and comes first", other, best)
  }
  return best
}
