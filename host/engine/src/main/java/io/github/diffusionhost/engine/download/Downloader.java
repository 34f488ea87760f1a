package io.github.diffusionhost.engine.download;

import io.github.diffusionhost.api.dataset.RemoteFile;
import io.github.diffusionhost.engine.download.MirrorFailure.Remedy;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches files into a data folder. A file appears under its name only when its size and SHA-256
 * are right; until then it grows as {@code NAME.part}, and a later download, by this process or
 * another, goes on from there. Several processes may ask for the same files at once.
 */
public final class Downloader {
  private static final Logger LOG = LoggerFactory.getLogger(Downloader.class);

  private final Path dataFolder;
  private final DownloadPolicy policy;
  private final DownloadProgress progress;

  /**
   * A downloader into {@code dataFolder}, which need not exist yet.
   *
   * @param progress is told how it goes on
   */
  public Downloader(Path dataFolder, DownloadPolicy policy, DownloadProgress progress) {
    this.dataFolder = dataFolder.toAbsolutePath().normalize();
    this.policy = policy;
    this.progress = progress;
  }

  /**
   * Fetches the files that are not there yet. A file that is there with the right size counts as
   * there and is not read again; one of another size is replaced.
   *
   * @throws DownloadException if some cannot be had from any of their mirrors; the others are there
   * @throws IOException if the folder cannot be written to, or the thread is interrupted
   * @throws IllegalArgumentException if a path leads out of the data folder
   */
  public void download(List<RemoteFile> files) throws IOException {
    if (missing(files).isEmpty()) {
      return;
    }
    FolderLock lock = FolderLock.acquire(dataFolder);
    try {
      // another process may have fetched some while this one waited
      fetchAll(missing(files));
    } finally {
      lock.close();
    }
  }

  private void fetchAll(List<RemoteFile> files) throws IOException {
    HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(policy.connectTimeout())
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    Map<RemoteFile, List<String>> failures = new LinkedHashMap<>();
    Set<String> deadHosts = new HashSet<>();
    for (RemoteFile file : files) {
      List<String> problems = fetch(client, file, deadHosts);
      if (!problems.isEmpty()) {
        failures.put(file, problems);
      }
    }
    if (!failures.isEmpty()) {
      throw new DownloadException(describe(failures));
    }
  }

  private List<RemoteFile> missing(List<RemoteFile> files) throws IOException {
    List<RemoteFile> missing = new ArrayList<>();
    for (RemoteFile file : files) {
      Path target = target(file);
      if (!Files.isRegularFile(target) || Files.size(target) != file.bytes()) {
        missing.add(file);
      }
    }
    return missing;
  }

  private Path target(RemoteFile file) {
    Path target = dataFolder.resolve(file.path()).normalize();
    if (!target.startsWith(dataFolder) || target.equals(dataFolder)) {
      throw new IllegalArgumentException(
          "'" + file.path() + "' is not a path inside the data folder " + dataFolder);
    }
    return target;
  }

  /** Tries the mirrors in their order; what each said, or nothing if the file is there. */
  private List<String> fetch(HttpClient client, RemoteFile file, Set<String> deadHosts)
      throws IOException {
    Path target = target(file);
    Files.createDirectories(target.getParent());
    PartFile part = PartFile.of(file, target);
    List<String> problems = new ArrayList<>();
    for (URI mirror : file.mirrors()) {
      String host = String.valueOf(mirror.getAuthority());
      if (deadHosts.contains(host)) {
        problems.add(mirror + ": no connection to " + host + ", as before");
        continue;
      }
      try {
        LOG.info("downloading {} ({} bytes) from {}", file.path(), file.bytes(), mirror);
        fetchPatiently(new Fetch(client, policy, progress, part), mirror);
        return List.of();
      } catch (MirrorFailure e) {
        LOG.debug("{}", mirror, e);
        problems.add(mirror + ": " + e.getMessage());
        if (e.remedy() == Remedy.HOST_DOWN) {
          deadHosts.add(host);
        }
      } catch (InterruptedIOException e) {
        throw e;
      } catch (IOException e) {
        throw new IOException(target + " cannot be written: " + e.getMessage(), e);
      }
    }
    part.deleteIfEmpty();
    return problems.isEmpty() ? List.of("it has no mirrors") : problems;
  }

  private void fetchPatiently(Fetch fetch, URI mirror) throws IOException {
    for (int attempt = 0; ; attempt++) {
      pause(attempt);
      try {
        fetch.from(mirror);
        return;
      } catch (MirrorFailure e) {
        boolean mayPass = e.remedy() == Remedy.TRY_AGAIN || e.remedy() == Remedy.HOST_DOWN;
        if (!mayPass || attempt + 1 >= policy.attempts()) {
          throw e;
        }
        LOG.info("{}: {}; trying again", mirror, e.getMessage());
      }
    }
  }

  private void pause(int attempt) throws InterruptedIOException {
    try {
      Thread.sleep(policy.pauseBefore(attempt).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the download was interrupted; it can go on later");
    }
  }

  private String describe(Map<RemoteFile, List<String>> failures) throws IOException {
    StringBuilder text = new StringBuilder();
    text.append(failures.size() == 1 ? "a file" : failures.size() + " files");
    text.append(" could not be downloaded; put ");
    text.append(failures.size() == 1 ? "it" : "them").append(" there by hand, or try again later:");
    for (Map.Entry<RemoteFile, List<String>> failure : failures.entrySet()) {
      RemoteFile file = failure.getKey();
      Path target = target(file);
      text.append("\n  ").append(target);
      text.append(" (").append(file.bytes()).append(" bytes, SHA-256 ").append(file.sha256());
      text.append(Files.isRegularFile(target) ? "; now " + Files.size(target) + " bytes)" : ")");
      failure.getValue().forEach(problem -> text.append("\n    ").append(problem));
    }
    return text.toString();
  }
}
