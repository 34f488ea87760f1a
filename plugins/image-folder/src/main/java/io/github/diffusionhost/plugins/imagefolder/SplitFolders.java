package io.github.diffusionhost.plugins.imagefolder;

import io.github.diffusionhost.api.dataset.Split;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The folders that are called as parts of a dataset are, in any case: {@code train}, {@code
 * Training}, {@code test_set}, {@code val}; or by a pair of names that differ in that word alone,
 * as {@code seg_train} and {@code seg_test}, or {@code trainA} and {@code testA}.
 *
 * @param train of training images
 * @param test of test images; those of a validation set after them
 */
record SplitFolders(List<String> train, List<String> test) {
  private static final Pattern TRAIN = named("train(?:ing)?");
  private static final Pattern TEST = named("test(?:ing)?");
  private static final Pattern VALIDATION = named("val(?:id(?:ation)?)?");
  private static final Set<String> ENDINGS = Set.of("", "set", "data", "images");

  private static Pattern named(String word) {
    return Pattern.compile(
        "((?:.*[ _.-])?)" + word + "((?:[ _.-].*|set|data|images|[a-z0-9])?)",
        Pattern.CASE_INSENSITIVE);
  }

  static SplitFolders of(Collection<String> folders) {
    SplitFolders plain = matching(folders, SplitFolders::isPlain);
    if (!plain.train.isEmpty() || !plain.test.isEmpty()) {
      return plain;
    }
    Set<String> trained = around(folders, TRAIN);
    trained.retainAll(around(folders, TEST));
    return matching(folders, match -> trained.contains(around(match)));
  }

  private static SplitFolders matching(Collection<String> folders, Predicate<Matcher> wanted) {
    return new SplitFolders(
        called(folders, TRAIN, wanted).toList(),
        Stream.of(TEST, VALIDATION).flatMap(name -> called(folders, name, wanted)).toList());
  }

  private static Stream<String> called(
      Collection<String> folders, Pattern name, Predicate<Matcher> wanted) {
    return folders.stream()
        .map(name::matcher)
        .filter(match -> match.matches() && wanted.test(match))
        .map(match -> match.group(0));
  }

  /** Whether the name is that word, perhaps with another that adds nothing: {@code test_set}. */
  private static boolean isPlain(Matcher match) {
    String ending = match.group(2).replaceFirst("^[ _.-]", "");
    return match.group(1).isEmpty() && ENDINGS.stream().anyMatch(ending::equalsIgnoreCase);
  }

  private static Set<String> around(Collection<String> folders, Pattern name) {
    return called(folders, name, match -> true)
        .map(folder -> around(matched(name, folder)))
        .collect(Collectors.toSet());
  }

  private static String around(Matcher match) {
    return match.group(1) + "/" + match.group(2);
  }

  private static Matcher matched(Pattern name, String folder) {
    Matcher match = name.matcher(folder);
    match.matches();
    return match;
  }

  List<String> of(Split split) {
    return split == Split.TRAIN ? train : test;
  }

  boolean has(String folder) {
    return train.contains(folder) || test.contains(folder);
  }

  boolean isEmpty() {
    return train.isEmpty() && test.isEmpty();
  }
}
