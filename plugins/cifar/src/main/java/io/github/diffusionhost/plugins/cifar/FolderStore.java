package io.github.diffusionhost.plugins.cifar;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** An unpacked set. */
record FolderStore(Path path) implements CifarStore {
  @Override
  public Map<String, StoredFile> read(Map<String, Integer> wanted) throws IOException {
    Map<String, StoredFile> found = new HashMap<>();
    for (Map.Entry<String, Integer> entry : wanted.entrySet()) {
      Path file = path.resolve(entry.getKey());
      if (Files.isRegularFile(file)) {
        try (InputStream in = Files.newInputStream(file)) {
          long size = Files.size(file);
          found.put(entry.getKey(), StoredFile.read(file.toString(), size, entry.getValue(), in));
        }
      }
    }
    return found;
  }
}
