package io.github.diffusionhost.engine.download;

import io.github.diffusionhost.engine.download.MirrorFailure.Remedy;
import io.github.diffusionhost.engine.files.AtomicFile;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request for one file from one mirror, from the first byte that is not there yet. */
final class Fetch {
  private static final Logger LOG = LoggerFactory.getLogger(Fetch.class);
  private static final int OK = 200;
  private static final int PARTIAL = 206;
  private static final int RANGE_NOT_SATISFIABLE = 416;
  private static final Duration TICK = Duration.ofMillis(200);

  private final HttpClient client;
  private final DownloadPolicy policy;
  private final DownloadProgress progress;
  private final PartFile part;

  Fetch(HttpClient client, DownloadPolicy policy, DownloadProgress progress, PartFile part) {
    this.client = client;
    this.policy = policy;
    this.progress = progress;
    this.part = part;
  }

  /**
   * Asks the mirror, and returns when the file is in its place.
   *
   * @throws MirrorFailure if the mirror is at fault; what came is kept, unless it is wrong
   * @throws IOException if the disk is at fault
   */
  void from(URI mirror) throws IOException {
    long start = part.bytes();
    try {
      goOn(mirror, start);
    } catch (MirrorFailure e) {
      if (e.remedy() != Remedy.START_OVER || start == 0) {
        throw e;
      }
      // the part is of another mirror's file, or of an older one
      LOG.info("{}: {}; starting over", mirror, e.getMessage());
      goOn(mirror, 0);
    }
  }

  private void goOn(URI mirror, long start) throws IOException {
    if (start == 0 || start < part.file().bytes()) {
      receive(request(mirror, start), start);
    }
    part.finish();
  }

  private HttpRequest request(URI mirror, long start) throws MirrorFailure {
    try {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(mirror).header("User-Agent", "diffusion-host");
      return (start > 0 ? request.header("Range", "bytes=" + start + "-") : request).build();
    } catch (IllegalArgumentException e) {
      throw new MirrorFailure(Remedy.NEXT_MIRROR, "not an http or https address", e);
    }
  }

  private void receive(HttpRequest request, long start) throws IOException {
    try (FileChannel channel = part.openAt(start)) {
      Body body = new Body(channel, part.file().bytes(), new AtomicLong(start));
      CompletableFuture<HttpResponse<Void>> answer =
          client.sendAsync(request, info -> subscriber(info, body, start));
      try {
        requireOk(await(answer, body.position()).statusCode());
      } finally {
        answer.cancel(true);
      }
    }
  }

  /** Waits for the whole answer, as long as there is some progress. */
  private HttpResponse<Void> await(
      CompletableFuture<HttpResponse<Void>> answer, AtomicLong position) throws IOException {
    long seen = position.get();
    long lastProgress = System.nanoTime();
    while (true) {
      try {
        HttpResponse<Void> response = answer.get(TICK.toMillis(), TimeUnit.MILLISECONDS);
        progress.update(part.file(), position.get());
        return response;
      } catch (TimeoutException e) {
        long now = position.get();
        if (now != seen) {
          seen = now;
          lastProgress = System.nanoTime();
          progress.update(part.file(), now);
        } else if (System.nanoTime() - lastProgress > policy.stallTimeout().toNanos()) {
          throw new MirrorFailure(
              Remedy.TRY_AGAIN, "sent nothing for " + policy.stallTimeout().toSeconds() + " s", e);
        }
      } catch (ExecutionException e) {
        throw failure(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("the download was interrupted; it can go on later");
      }
    }
  }

  /** What failed: ours, thrown while receiving, lies somewhere under the client's exceptions. */
  private static IOException failure(ExecutionException thrown) {
    for (Throwable cause = thrown.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof UncheckedIOException ours) {
        return Objects.requireNonNull(ours.getCause()); // as its constructors ask for
      }
    }
    for (Throwable cause = thrown.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException) {
        return new MirrorFailure(Remedy.HOST_DOWN, "no connection" + reason(cause), thrown);
      }
    }
    return new MirrorFailure(
        Remedy.TRY_AGAIN, "connection broken" + reason(thrown.getCause()), thrown);
  }

  private static String reason(@Nullable Throwable cause) {
    return cause == null || cause.getMessage() == null ? "" : " (" + cause.getMessage() + ")";
  }

  private static BodySubscriber<Void> subscriber(ResponseInfo info, Body body, long start) {
    try {
      long from = firstByte(info, start);
      if (from < 0) {
        return BodySubscribers.discarding();
      }
      body.startAt(from);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return BodySubscribers.ofByteArrayConsumer(bytes -> bytes.ifPresent(body::append));
  }

  /** Where in the file the answer begins; -1 if it is not the file. */
  private static long firstByte(ResponseInfo info, long start) throws MirrorFailure {
    if (info.statusCode() == OK) {
      return 0;
    }
    if (info.statusCode() != PARTIAL) {
      return -1;
    }
    String range = info.headers().firstValue("Content-Range").orElse("");
    if (!range.startsWith("bytes " + start + "-")) {
      throw new MirrorFailure(
          Remedy.NEXT_MIRROR, "asked for bytes from " + start + ", sent '" + range + "'");
    }
    return start;
  }

  /**
   * What is being received; filled in the client's threads.
   *
   * @param position bytes on the disk
   */
  private record Body(FileChannel channel, long limit, AtomicLong position) {
    void startAt(long from) throws IOException {
      channel.truncate(from).position(from);
      position.set(from);
    }

    void append(byte[] received) {
      try {
        if (position.get() + received.length > limit) {
          throw new MirrorFailure(Remedy.NEXT_MIRROR, "sends more than " + limit + " bytes");
        }
        AtomicFile.writeFully(channel, ByteBuffer.wrap(received));
        position.addAndGet(received.length);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static void requireOk(int status) throws MirrorFailure {
    switch (status) {
      case OK, PARTIAL -> {}
      case RANGE_NOT_SATISFIABLE ->
          throw new MirrorFailure(Remedy.START_OVER, "has no such range: HTTP " + status);
      case 408, 425, 429, 500, 502, 503, 504 ->
          throw new MirrorFailure(Remedy.TRY_AGAIN, "answers HTTP " + status);
      default -> throw new MirrorFailure(Remedy.NEXT_MIRROR, "answers HTTP " + status);
    }
  }
}
