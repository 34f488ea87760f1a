package io.github.diffusionhost.api.image;

import java.io.IOException;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;
import org.jspecify.annotations.Nullable;

/** Java's JPEG reader paints what is missing grey and says so in a warning alone. */
final class JpegWarnings implements IIOReadWarningListener {
  private @Nullable String damage;

  @Override
  public void warningOccurred(ImageReader source, String warning) {
    // Surplus bytes between two markers lose nothing.
    boolean harmless =
        warning.contains("extraneous") || !warning.matches("(?i).*(truncated|premature|corrupt).*");
    if (!harmless && damage == null) {
      damage = warning;
    }
  }

  /** Fails if the image is incomplete. */
  void check() throws IOException {
    if (damage != null) {
      throw new IOException(damage);
    }
  }
}
