package io.github.diffusionhost.app.config.source

import io.github.diffusionhost.app.config.source.ConfigNode.Entry
import io.github.diffusionhost.app.config.source.ConfigNode.Mapping
import io.github.diffusionhost.app.config.source.ConfigNode.Scalar
import io.github.diffusionhost.app.config.source.ConfigNode.Sequence
import java.util.Locale
import org.snakeyaml.engine.v2.api.LoadSettings
import org.snakeyaml.engine.v2.api.lowlevel.Parse
import org.snakeyaml.engine.v2.events.AliasEvent
import org.snakeyaml.engine.v2.events.DocumentStartEvent
import org.snakeyaml.engine.v2.events.Event
import org.snakeyaml.engine.v2.events.Event.ID
import org.snakeyaml.engine.v2.events.MappingStartEvent
import org.snakeyaml.engine.v2.events.NodeEvent
import org.snakeyaml.engine.v2.events.ScalarEvent
import org.snakeyaml.engine.v2.events.SequenceStartEvent
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException
import org.snakeyaml.engine.v2.exceptions.ReaderException
import org.snakeyaml.engine.v2.exceptions.YamlEngineException

private const val DEEPEST = 50
private const val MOST_NODES = 50_000
private const val MERGE = "<<"

/** Whether [text] is YAML with a comment in it. */
internal fun hasComment(text: String): Boolean =
  Parse(LoadSettings.builder().setParseComments(true).build()).parseString(text).any { it.eventId == ID.Comment }

/**
 * Reads YAML events into nodes that know their place.
 *
 * @param place the place of a line and column, both from 1
 */
internal class YamlReader(private val errors: ConfigErrors, private val place: (line: Int, column: Int) -> Location) {
  private val anchors = mutableMapOf<String, Pair<ConfigNode, Int>>()
  private var nodes = 0

  /**
   * The one document of [text]; null if there is none.
   *
   * @throws InvalidConfig if it is not YAML
   */
  fun read(text: String): ConfigNode? {
    try {
      val events = Parse(LoadSettings.builder().build()).parseString(text).iterator()
      events.next()
      val first = events.next()
      if (first !is DocumentStartEvent) return null
      val root = node(events, events.next(), "", 0)
      events.next()
      val after = events.next()
      if (after is DocumentStartEvent) fail(after, "a second document begins here; a config is one document")
      return root.takeUnless { it.isAbsent }
    } catch (e: MarkedYamlEngineException) {
      val mark = e.problemMark.or { e.contextMark }
      val where = mark.map { place(it.line + 1, it.column + 1) }.orElseGet { place(1, 1) }
      throw invalid(where, "not YAML: ${listOfNotNull(e.context, e.problem).joinToString(": ")}")
    } catch (e: ReaderException) {
      val before = text.take(e.position)
      val where = place(before.count { it == '\n' } + 1, before.length - before.lastIndexOf('\n'))
      throw invalid(where, "not YAML: the character \\u%04x may not occur".format(Locale.ROOT, e.codePoint))
    } catch (e: YamlEngineException) {
      throw invalid(place(1, 1), "not YAML: ${e.message}")
    }
  }

  private fun node(events: Iterator<Event>, event: Event, path: String, depth: Int): ConfigNode {
    if (depth > DEEPEST) fail(event, "nested more than $DEEPEST deep")
    if (event is AliasEvent) return alias(event)
    val before = nodes++
    if (nodes > MOST_NODES) fail(event, "more than $MOST_NODES values")
    val node =
      when (event) {
        is MappingStartEvent -> mapping(events, event, path, depth)
        is SequenceStartEvent -> Sequence(elements(events, path, depth), place(event))
        is ScalarEvent -> Scalar(event.value, !event.isPlain, place(event))
        else -> fail(event, "unexpected ${event.eventId}")
      }
    refuseTag(event, path)
    (event as NodeEvent).anchor.ifPresent { anchors[it.value] = node to nodes - before }
    return node
  }

  private fun mapping(events: Iterator<Event>, start: Event, path: String, depth: Int): Mapping {
    val entries = LinkedHashMap<String, Entry>()
    while (true) {
      val event = events.next()
      if (event.eventId == ID.MappingEnd) return Mapping(entries, place(start))
      val key = node(events, event, path, depth + 1)
      if (key !is Scalar) fail(event, "a key must be a word, not ${key.found()}")
      if (key.text == MERGE && !key.quoted) {
        errors.add(key.location, path, "`<<` merges nothing: YAML 1.2 has no merge keys; write the options out")
        node(events, events.next(), path, depth + 1)
        continue
      }
      val inner = path + (if (path.isEmpty()) "" else ".") + printable(key.text)
      val value = node(events, events.next(), inner, depth + 1)
      val earlier = entries.putIfAbsent(key.text, Entry(key.location, value))
      if (earlier != null) errors.add(key.location, inner, "given twice; first at ${earlier.key}")
    }
  }

  private fun elements(events: Iterator<Event>, path: String, depth: Int): List<ConfigNode> = buildList {
    while (true) {
      val event = events.next()
      if (event.eventId == ID.SequenceEnd) return@buildList
      add(node(events, event, "$path.$size", depth + 1))
    }
  }

  /** Shares the node, but counts it as often as it is read. */
  private fun alias(event: AliasEvent): ConfigNode {
    val (node, size) = anchors[event.alias.value] ?: fail(event, "no anchor &${event.alias.value} before this")
    nodes += size
    if (nodes > MOST_NODES) fail(event, "more than $MOST_NODES values, counting aliases")
    return node
  }

  private fun refuseTag(event: Event, path: String) {
    val tag =
      when (event) {
        is ScalarEvent -> event.tag
        is MappingStartEvent -> event.tag
        is SequenceStartEvent -> event.tag
        else -> return
      }
    tag.ifPresent { errors.add(place(event), path, "the tag ${printable(it)} means nothing here; leave it out") }
  }

  private fun place(event: Event): Location =
    event.startMark.map { place(it.line + 1, it.column + 1) }.orElseGet { place(1, 1) }

  private fun fail(event: Event, problem: String): Nothing = throw invalid(place(event), problem)

  private fun invalid(where: Location, problem: String) = InvalidConfig(listOf(ConfigError(where, "", problem)))
}
