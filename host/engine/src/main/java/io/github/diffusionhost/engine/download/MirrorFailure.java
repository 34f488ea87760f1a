package io.github.diffusionhost.engine.download;

import java.io.IOException;

/** Why a mirror did not give a file, in a few words for a person. */
final class MirrorFailure extends IOException {
  private static final long serialVersionUID = 1L;

  /** What may help after a failure. */
  enum Remedy {
    /** It may pass: ask the mirror again. */
    TRY_AGAIN,
    /** The mirror's host does not answer at all: ask again, then leave the host alone. */
    HOST_DOWN,
    /** What is there does not fit what the mirror has: ask it for the whole file. */
    START_OVER,
    /** This mirror will not give the file. */
    NEXT_MIRROR
  }

  private final Remedy remedy;

  MirrorFailure(Remedy remedy, String message, Throwable cause) {
    super(message, cause);
    this.remedy = remedy;
  }

  MirrorFailure(Remedy remedy, String message) {
    super(message);
    this.remedy = remedy;
  }

  Remedy remedy() {
    return remedy;
  }
}
