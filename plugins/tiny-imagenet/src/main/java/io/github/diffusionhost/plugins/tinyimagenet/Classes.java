package io.github.diffusionhost.plugins.tinyimagenet;

import io.github.diffusionhost.api.text.Printable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The classes. Labels follow the sorted WordNet ids, not the order of {@code wnids.txt}, as in the
 * reference implementation of recipe R4 (xfetus/edm2-multi-gpu).
 *
 * @param ids WordNet ids, such as n01443537, sorted
 * @param names what people call them; distinct
 */
record Classes(List<String> ids, List<String> names) {
  private static final Logger LOG = LoggerFactory.getLogger(Classes.class);
  private static final String WORDS = "words.txt";

  /** Reads {@code wnids.txt} and {@code words.txt}. */
  static Classes read(SetFiles files) throws IOException {
    List<String> ids = new ArrayList<>(files.lines(SetFiles.CLASSES));
    Collections.sort(ids);
    if (ids.isEmpty()) {
      throw new IOException(
          files.where(SetFiles.CLASSES) + " names no classes; unpack the set again");
    }
    for (int i = 1; i < ids.size(); i++) {
      if (ids.get(i).equals(ids.get(i - 1))) {
        throw new IOException(
            "%s names %s twice; unpack the set again"
                .formatted(files.where(SetFiles.CLASSES), Printable.name(ids.get(i))));
      }
    }
    return new Classes(List.copyOf(ids), names(ids, words(files)));
  }

  /** The label of a class; -1 if it is none. */
  int label(String id) {
    return Math.max(-1, Collections.binarySearch(ids, id));
  }

  private static Map<String, String> words(SetFiles files) throws IOException {
    Map<String, String> words = new HashMap<>();
    if (!files.has(WORDS)) {
      LOG.warn("{} is missing: classes are called by their ids", files.where(WORDS));
      return words;
    }
    for (String line : files.lines(WORDS)) {
      String[] parts = line.split("\t", 2);
      if (parts.length == 2) {
        words.put(parts[0].strip(), parts[1].split(",", 2)[0].strip());
      }
    }
    return words;
  }

  /** The first word for each class; the id where there is none, and beside a word that is taken. */
  private static List<String> names(List<String> ids, Map<String, String> words) {
    Map<String, Long> uses =
        ids.stream()
            .map(id -> words.getOrDefault(id, id))
            .collect(Collectors.groupingBy(name -> name, Collectors.counting()));
    return ids.stream()
        .map(
            id -> {
              String name = words.getOrDefault(id, id);
              return name.isEmpty() ? id : uses.get(name) == 1 ? name : name + " (" + id + ")";
            })
        .toList();
  }
}
