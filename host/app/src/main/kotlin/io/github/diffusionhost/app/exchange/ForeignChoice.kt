package io.github.diffusionhost.app.exchange

import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.app.config.source.printable
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import java.nio.file.Path

/**
 * Which tensors of a file are a network's, whatever wraps them: `module.`, `_orig_mod.`, `ema_model.nn_model.`. Of
 * several copies of the network the running average is taken.
 *
 * @param names of the file
 * @param shape of a tensor of the file
 * @param prefix the copy to take, by the beginning of its names; null for a choice
 */
internal class ForeignChoice(
  private val file: Path,
  private val names: Set<String>,
  private val shape: (String) -> Shape,
  private val parts: ForeignParts,
  private val prefix: String?,
) {
  private val wanted = parts.network.keys
  private val copies = copies()
  private val network = copies.first()
  private val ofNetwork = wanted.associateWith(network::of)
  private val scheduler = schedulerPlace()
  private val others = (copies - network).flatMap { copy -> wanted.map(copy::of) }.toSet()

  /**
   * The file's name of each of the network's and the scheduler's tensors.
   *
   * @param untrained settings with which the scheduler has none, for the message
   * @throws UserError if some are missing, or some are left over where the network's are
   */
  fun stored(untrained: () -> List<String>): Map<String, String> {
    val missing = ofNetwork.filterValues { it !in names }.keys
    val extra = unused().filter { it.startsWith(network.added) && (network.added.isNotEmpty() || !ofScheduler(it)) }
    elsewhere(missing, network)?.let { throw uneven(network, it) }
    if (missing.isNotEmpty() || extra.isNotEmpty()) throw misfit(file, missing.toList(), extra)
    val place = scheduler
    if (parts.scheduler.isNotEmpty() && place == null) throw noScheduler(untrained())
    return ofNetwork + parts.scheduler.keys.associate { "$OF_SCHEDULER$it" to place!!.of(it) }
  }

  /** What a person should know of the choice, a line each. */
  fun notes(): List<String> = listOfNotNull(whichCopy(), whatIsLeft())

  private fun whichCopy(): String? {
    val other = copies.getOrNull(1) ?: return null
    val average = averageWords(network.added) > averageWords(other.added)
    val which = if (average && prefix == null) "the average of the weights is taken" else "taken"
    return "$file holds the network ${copies.size} times; $which: ${printable(network.added)}*. " +
      "--weights-prefix ${printable(other.added.removeSuffix("."))} takes another one"
  }

  private fun whatIsLeft(): String? {
    val left = unused()
    if (left.isEmpty()) return null
    val groups = beside(network.added, left).entries
    val some =
      groups.take(SHOWN).joinToString(", ") { (name, count) ->
        if (count > 1) "${printable(name)} ($count tensors)" else printable(name)
      }
    val more = if (groups.size > SHOWN) " and ${groups.size - SHOWN} more" else ""
    return "$file: not used: $some$more; the config's model and scheduler have no such part"
  }

  private fun unused(): List<String> {
    val used = ofNetwork.values.toSet() + parts.constants.map(network::of) + others
    val ofScheduler = scheduler?.let { place -> parts.scheduler.keys.map(place::of) }.orEmpty().toSet()
    return names.filter { it !in used && it !in ofScheduler }
  }

  /** The copies of the network, the one that is taken first. */
  private fun copies(): List<Place> {
    val below = prefix?.takeIf { it.isNotEmpty() }?.let { it.removeSuffix(".") + "." }.orEmpty()
    val found = places(names.filter { it.startsWith(below) }, wanted, parts.constants)
    if (found.isEmpty()) throw nothing(below)
    val exact = found.filter { prefix != null && it.added == below }
    val best = exact.ifEmpty { found.filter { averageWords(it.added) == found.maxOf { f -> averageWords(f.added) } } }
    if (best.size > 1) {
      val lacking = wanted.map(best.first()::of).filter { it !in names }
      throw elsewhere(lacking, best.first())?.let { uneven(best.first(), it) } ?: ambiguous(best)
    }
    return best + (if (prefix == null) found - best.toSet() else places(names, wanted, parts.constants) - best.toSet())
  }

  /** Where all that the scheduler trains is, of its shape: beside the network if in several places. */
  private fun schedulerPlace(): Place? {
    if (parts.scheduler.isEmpty()) return null
    val rest = names - ofNetwork.values.toSet() - (copies - network).flatMap { copy -> wanted.map(copy::of) }.toSet()
    return places(rest, parts.scheduler.keys)
      .filter { place ->
        parts.scheduler.keys.all { place.of(it) in rest && shape(place.of(it)) == parts.schedulerShape(it) }
      }
      .maxByOrNull { it.added.commonPrefixWith(network.added).length }
  }

  private fun ofScheduler(name: String) = name.startsWith(OF_SCHEDULER)

  private fun nothing(below: String): UserError {
    if (below.isEmpty()) return misfit(file, wanted.toList(), names.toList())
    val there = places(names, wanted, parts.constants)
    val known = there.joinToString(" or ") { printable(it.added.removeSuffix(".")) }.ifEmpty { "nowhere in the file" }
    return UserError("--weights-prefix $prefix: the network is not below it; it is below $known", ExitCode.USAGE)
  }

  /** Where the first of some names is that all lie in the file under other prefixes; null: not all do. */
  private fun elsewhere(missing: Collection<String>, place: Place): String? {
    val found = missing.map { name -> name.removePrefix(place.added).let { own -> names.find { isBelow(it, own) } } }
    return if (null in found) null else found.firstOrNull()
  }

  private fun isBelow(name: String, own: String) = name == own || name.endsWith(".$own")

  /** The network under several prefixes, and under none of them whole: no choice of one would do. */
  private fun uneven(place: Place, other: String): UserError {
    val one = wanted.map(place::of).first { it in names }
    return UserError(
      "$file has the network's tensors under several prefixes, and under none all of them: ${printable(one)}, but " +
        "${printable(other)}. Give all names the same prefix, or none",
      ExitCode.FAILED,
    )
  }

  private fun ambiguous(best: List<Place>): UserError {
    val choices = best.take(SHOWN).joinToString(" or ") { "--weights-prefix ${printable(it.added.removeSuffix("."))}" }
    return UserError("$file holds the network ${best.size} times; say which one: $choices", ExitCode.USAGE)
  }

  private fun noScheduler(untrained: List<String>): UserError {
    val remedy =
      if (untrained.isEmpty()) "Name another scheduler"
      else "For weights of the network alone add " + untrained.joinToString(" or ") { "--set $it" }
    return UserError(
      "$file holds the network and not what the config's scheduler trains beside it " +
        "(${some(parts.scheduler.keys.toList())}). $remedy",
      ExitCode.FAILED,
    )
  }

  private companion object {
    const val SHOWN = 5
  }
}

private fun misfit(file: Path, missing: List<String>, extra: List<String>): UserError {
  val sentences =
    listOfNotNull(
      "the network's ${some(missing)} ${if (missing.size == 1) "is" else "are"} not in it"
        .takeIf { missing.isNotEmpty() },
      "its ${some(extra)} ${if (extra.size == 1) "is" else "are"} not in the network".takeIf { extra.isNotEmpty() },
    )
  return UserError(
    "$file does not fit the config's network: ${sentences.joinToString("; ")}. Check the model's options"
  )
}

private fun some(names: List<String>) =
  names.take(3).joinToString(", ", transform = ::printable) + if (names.size > 3) " and ${names.size - 3} more" else ""
