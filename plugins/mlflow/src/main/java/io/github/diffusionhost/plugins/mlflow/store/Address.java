package io.github.diffusionhost.plugins.mlflow.store;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where MLflow keeps runs, as its tracking URI says. */
public sealed interface Address {
  /** A tracking server. */
  record Server(URI base) implements Address {
    @Override
    public String toString() {
      return base.toString();
    }
  }

  /** A folder in the layout of MLflow's file store. */
  record Folder(Path root) implements Address {
    @Override
    public String toString() {
      return root.toString();
    }
  }

  /** A letter alone is a drive of Windows. */
  Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+):.*", Pattern.DOTALL);

  /**
   * Reads a tracking URI.
   *
   * @throws IllegalArgumentException if it is none that this plugin knows; the message says why
   */
  static Address of(String uri) {
    String text = uri.strip();
    Matcher scheme = SCHEME.matcher(text);
    try {
      if (!scheme.matches()) {
        return folder(Path.of(text), text);
      }
      return switch (scheme.group(1).toLowerCase(Locale.ROOT)) {
        case "http", "https" -> server(uri(text), text);
        case "file" ->
            folder(
                text.startsWith("file://") ? Path.of(uri(text)) : Path.of(text.substring(5)), text);
        default ->
            throw new IllegalArgumentException(
                "uri %s: %s is neither a server nor a folder; put a server before it, mlflow server --backend-store-uri %s, and give its address"
                    .formatted(text, scheme.group(1), text));
      };
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("uri %s: %s".formatted(text, e.getReason()), e);
    }
  }

  private static URI uri(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "uri %s: %s at character %d", text, e.getReason(), e.getIndex() + 1),
          e);
    }
  }

  private static Folder folder(Path path, String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("uri is empty; leave it out for the default");
    }
    return new Folder(path.toAbsolutePath().normalize());
  }

  private static Server server(URI uri, String text) {
    if (uri.getHost() == null) {
      throw new IllegalArgumentException("uri %s names no host".formatted(text));
    }
    if (uri.getUserInfo() != null) {
      throw new IllegalArgumentException(
          "uri holds a password, and configs are kept with the run; set MLFLOW_TRACKING_USERNAME and"
              + " MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, instead");
    }
    return new Server(URI.create(text.replaceAll("/+$", "")));
  }
}
