package io.github.diffusionhost.plugins.mlflow.server;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Calls of an MLflow server's REST API 2.0. What may work later (no answer, an error of the
 * server's own) is an {@link IOException}; a refusal is a {@link RefusedException}.
 */
public final class ServerCalls {
  private static final String API = "/api/2.0/mlflow/";
  private static final int LONGEST_ANSWER = 300;

  private final URI base;
  private final Credentials credentials;
  private final Duration patience;
  private final HttpClient client;

  public ServerCalls(URI base, Credentials credentials, Duration patience) {
    this.base = base;
    this.credentials = credentials;
    this.patience = patience;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(patience)
            .build();
  }

  URI base() {
    return base;
  }

  JsonObject get(String path, Map<String, String> parameters) throws IOException {
    String query =
        parameters.entrySet().stream()
            .map(each -> each.getKey() + "=" + encoded(each.getValue()))
            .collect(Collectors.joining("&"));
    return json(send(request(URI.create(base + API + path + "?" + query)).GET()));
  }

  JsonObject post(String path, JsonObject body) throws IOException {
    return json(
        send(
            request(URI.create(base + API + path))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString()))));
  }

  void put(URI target, Path file) throws IOException {
    send(
        request(target)
            .header("Content-Type", "application/octet-stream")
            .PUT(BodyPublishers.ofFile(file)));
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  private HttpRequest.Builder request(URI uri) {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(patience);
    if (credentials.header() != null) {
      request.header("Authorization", credentials.header());
    }
    return request;
  }

  private String send(HttpRequest.Builder request) throws IOException {
    try {
      return checked(client.send(request.build(), BodyHandlers.ofString()));
    } catch (HttpTimeoutException e) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "the MLflow server at %s has not answered within %d s",
              base,
              patience.toSeconds()),
          e);
    } catch (ConnectException e) {
      String why =
          e.getCause() != null && e.getCause().getCause() instanceof UnresolvedAddressException
              ? "its name is not known"
              : "no connection";
      throw new IOException(
          "the MLflow server at %s cannot be reached: %s; is it running, and is uri right?"
              .formatted(base, why),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted =
          new InterruptedIOException("the MLflow server at " + base + " was not waited for");
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  private String checked(HttpResponse<String> response) throws IOException {
    int status = response.statusCode();
    String body = response.body();
    if (status / 100 == 2) {
      return body;
    }
    String what = String.format(Locale.ROOT, "the MLflow server at %s answers %d", base, status);
    if (status == 401 || status == 403) {
      String as =
          credentials.header() == null ? "nobody is named" : "the credentials are not taken";
      throw new RefusedException("", "%s, %s; %s".formatted(what, as, Credentials.REMEDY));
    }
    String said = what + ": " + excerpt(message(body));
    if (status >= 500 || status == 429 || status == 408) {
      throw new IOException(said);
    }
    if (status / 100 == 3) {
      String target = response.headers().firstValue("Location").orElse("another address");
      throw new RefusedException("", what + ": it is at " + target + "; give that as uri");
    }
    throw new RefusedException(field(body, "error_code"), said);
  }

  private JsonObject json(String body) {
    try {
      return JsonParser.parseString(body.isBlank() ? "{}" : body).getAsJsonObject();
    } catch (JsonParseException | IllegalStateException e) {
      throw new RefusedException(
          "", "what answers at %s is no MLflow server: %s".formatted(base, excerpt(body)));
    }
  }

  private static String message(String body) {
    String message = field(body, "message");
    return message.isEmpty() ? body : message;
  }

  /** A field of an error's body, which is JSON unless a proxy wrote it. */
  private static String field(String body, String name) {
    try {
      JsonElement json = JsonParser.parseString(body);
      JsonElement field = json.isJsonObject() ? json.getAsJsonObject().get(name) : null;
      return field != null && field.isJsonPrimitive() ? field.getAsString() : "";
    } catch (JsonParseException e) {
      return ""; // the body itself is shown
    }
  }

  private static String excerpt(String text) {
    String line = text.strip().replaceAll("\\s+", " ");
    return line.length() <= LONGEST_ANSWER ? line : line.substring(0, LONGEST_ANSWER) + "…";
  }
}
