package io.github.diffusionhost.engine.download;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks servers what has to be known before a download: the text of a page, the size of a file. A
 * host that cannot be reached is asked as often as the policy says, and never again. For one
 * thread.
 */
public final class Inquiry {
  /** A page is at most so long: 64 MiB. */
  public static final int LONGEST_PAGE = 64 << 20;

  private static final int OK = 200;

  private final HttpClient client;
  private final DownloadPolicy policy;
  private final Set<String> deadHosts = new HashSet<>();

  /** Asks as patiently as {@code policy} says. */
  public Inquiry(DownloadPolicy policy) {
    this.policy = policy;
    this.client =
        HttpClient.newBuilder()
            .connectTimeout(policy.connectTimeout())
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
  }

  /**
   * A page as it was sent.
   *
   * @param address where it was found in the end, after redirections: what its links are relative
   *     to
   * @param text its content, read as UTF-8
   */
  public record Page(URI address, String text) {}

  /**
   * A page's text.
   *
   * @throws DownloadException if the server does not give it; the message names the address
   * @throws InterruptedIOException if the thread is interrupted
   */
  public Page page(URI address) throws IOException {
    HttpResponse<byte[]> response =
        ask(request(address).GET().build(), info -> new Limited().subscriber());
    return new Page(response.uri(), new String(response.body(), StandardCharsets.UTF_8));
  }

  /**
   * The size of a file in bytes, without the file.
   *
   * @throws DownloadException if the server does not say it; the message names the address
   * @throws InterruptedIOException if the thread is interrupted
   */
  public long bytes(URI address) throws IOException {
    HttpRequest request = request(address).method("HEAD", BodyPublishers.noBody()).build();
    long bytes =
        ask(request, BodyHandlers.discarding())
            .headers()
            .firstValueAsLong("Content-Length")
            .orElse(-1);
    if (bytes < 0) {
      throw new DownloadException(address + " does not say how large it is");
    }
    return bytes;
  }

  private HttpRequest.Builder request(URI address) throws DownloadException {
    try {
      return HttpRequest.newBuilder(address)
          .header("User-Agent", "diffusion-host")
          .timeout(policy.stallTimeout());
    } catch (IllegalArgumentException e) {
      throw failure(address, "not an http or https address", e);
    }
  }

  private <T> HttpResponse<T> ask(HttpRequest request, BodyHandler<T> handler) throws IOException {
    URI address = request.uri();
    String host = String.valueOf(address.getAuthority());
    if (deadHosts.contains(host)) {
      throw new DownloadException(address + ": no connection to " + host + ", as before");
    }
    for (int attempt = 0; ; attempt++) {
      pause(attempt);
      boolean last = attempt + 1 >= policy.attempts();
      try {
        HttpResponse<T> response = await(client.sendAsync(request, handler));
        int status = response.statusCode();
        if (status == OK) {
          return response;
        }
        if (last || !mayPass(status)) {
          throw new DownloadException(address + ": answers HTTP " + status);
        }
      } catch (ExecutionException e) {
        if (last) {
          throw failure(address, reason(e, host), e);
        }
      } catch (TimeoutException e) {
        if (last) {
          throw failure(address, "no answer in time", e);
        }
      }
    }
  }

  private <T> HttpResponse<T> await(CompletableFuture<HttpResponse<T>> answer)
      throws ExecutionException, TimeoutException, InterruptedIOException {
    try {
      // the request's own limit is that of the answer's beginning
      return answer.get(policy.stallTimeout().toMillis() * 4, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a server was asked");
    } finally {
      answer.cancel(true);
    }
  }

  private void pause(int attempt) throws InterruptedIOException {
    try {
      Thread.sleep(policy.pauseBefore(attempt).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a server was asked");
    }
  }

  private static boolean mayPass(int status) {
    return status == 408 || status == 429 || status >= 500;
  }

  private String reason(ExecutionException thrown, String host) {
    for (Throwable cause = thrown.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof UncheckedIOException) {
        return String.valueOf(cause.getMessage());
      }
      if (cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException) {
        deadHosts.add(host);
        return "no connection" + words(cause);
      }
    }
    return "connection broken" + words(thrown.getCause());
  }

  private static String words(@Nullable Throwable cause) {
    return cause == null || cause.getMessage() == null ? "" : " (" + cause.getMessage() + ")";
  }

  private static DownloadException failure(URI address, String words, Exception cause) {
    DownloadException failure = new DownloadException(address + ": " + words);
    failure.initCause(cause);
    return failure;
  }

  /** What comes, up to {@link #LONGEST_PAGE}. */
  private static final class Limited {
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();

    HttpResponse.BodySubscriber<byte[]> subscriber() {
      return BodySubscribers.mapping(
          BodySubscribers.ofByteArrayConsumer(bytes -> bytes.ifPresent(this::append)),
          ended -> received.toByteArray());
    }

    private void append(byte[] bytes) {
      if (received.size() + bytes.length > LONGEST_PAGE) {
        String words =
            String.format(Locale.ROOT, "sends more than %d bytes for a page", LONGEST_PAGE);
        throw new UncheckedIOException(words, new IOException(words));
      }
      received.writeBytes(bytes);
    }
  }
}
