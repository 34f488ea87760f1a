package io.github.diffusionhost.engine.log;

import io.github.diffusionhost.api.files.Aside;
import io.github.diffusionhost.engine.files.AtomicFile;
import io.github.diffusionhost.engine.image.Png;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * An event file of TensorBoard, {@code events.out.tfevents.*}: scalars, images and texts by step.
 * Each is in the file when its method returns. For one thread at a time.
 *
 * <p>The file is a row of TFRecords (length, masked CRC-32C of the length, data, masked CRC-32C of
 * the data; little-endian) that each hold one {@code tensorboard.Event}. The field numbers are
 * those of TensorBoard's {@code event.proto}, {@code summary.proto}, {@code tensor.proto} and
 * {@code tensor_shape.proto}.
 */
public final class TensorBoardLog implements AutoCloseable {
  private static final int RGB = 3;
  private static final int GREY = 1;
  private static final int DT_STRING = 7;
  private static final int SESSION_START = 1;

  /** Where a PNG file's first chunk, IHDR, has them. */
  private static final int PNG_WIDTH = 16;

  private static final int PNG_HEIGHT = 20;
  private static final int PNG_COLOURS = 25;

  private final FileChannel channel;
  private final EventHistory history;
  private double now;

  private TensorBoardLog(FileChannel channel, EventHistory history, double now) {
    this.channel = channel;
    this.history = history;
    this.now = now;
  }

  /** What a run has logged before it is gone on with. */
  @FunctionalInterface
  public interface Before {
    /** Logs it, by rising step. */
    void logTo(TensorBoardLog log) throws IOException;
  }

  /**
   * Begins an event file in a folder, in place of those that earlier parts of the run have left: so
   * it holds what {@code before} says, with the times of day that they have, and nothing twice,
   * whenever those parts ended.
   *
   * @param folder the run's folder; exists
   * @throws IOException if the file cannot be made; the earlier ones are then as they were
   */
  public static TensorBoardLog open(Path folder, Before before) throws IOException {
    EventFiles earlier = EventFiles.in(folder);
    EventHistory history = EventHistory.of(earlier);
    Path file = earlier.next();
    double last;
    try (Aside aside = Aside.of(file)) {
      try (FileChannel channel =
              FileChannel.open(
                  aside.path(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
          TensorBoardLog log = new TensorBoardLog(channel, history, history.first())) {
        log.write(log.event("", 0).text(3, "brain.Event:2"));
        if (!earlier.files().isEmpty()) {
          // A TensorBoard that has read the earlier files forgets what they said.
          log.write(log.event("", 0).message(7, new ProtoWriter().varint(1, SESSION_START)));
        }
        before.logTo(log);
        channel.force(true);
        last = log.now;
      }
      aside.moveIntoPlace();
    }
    earlier.delete();
    return new TensorBoardLog(
        FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
        EventHistory.NONE,
        last);
  }

  /** Adds a number to a curve such as {@code train/loss}; may be NaN or infinite. */
  public void scalar(String tag, long step, double value) throws IOException {
    write(tag, step, new ProtoWriter().text(1, tag).fixed32(2, (float) value));
  }

  /** Adds a picture. */
  public void image(String tag, long step, BufferedImage picture) throws IOException {
    image(tag, step, Png.encode(picture));
  }

  /**
   * Adds a picture.
   *
   * @param png the bytes of a file as {@link Png} writes it; what is none is left out
   */
  public void image(String tag, long step, byte[] png) throws IOException {
    if (png.length <= PNG_COLOURS || png[1] != 'P' || png[2] != 'N' || png[3] != 'G') {
      return;
    }
    ByteBuffer header = ByteBuffer.wrap(png);
    ProtoWriter image =
        new ProtoWriter()
            .varint(1, header.getInt(PNG_HEIGHT))
            .varint(2, header.getInt(PNG_WIDTH))
            .varint(3, png[PNG_COLOURS] == 0 ? GREY : RGB)
            .bytes(4, png);
    write(tag, step, new ProtoWriter().text(1, tag).message(4, image));
  }

  /** Adds a text, shown as Markdown. */
  public void text(String tag, long step, String markdown) throws IOException {
    ProtoWriter shape = new ProtoWriter().message(2, new ProtoWriter().varint(1, 1));
    ProtoWriter tensor = new ProtoWriter().varint(1, DT_STRING).message(2, shape).text(8, markdown);
    ProtoWriter metadata = new ProtoWriter().message(1, new ProtoWriter().text(1, "text"));
    write(tag, step, new ProtoWriter().text(1, tag).message(8, tensor).message(9, metadata));
  }

  private void write(String tag, long step, ProtoWriter value) throws IOException {
    write(event(tag, step).message(5, new ProtoWriter().message(1, value)));
  }

  /** Time only goes on, also where the clock is put back. */
  private ProtoWriter event(String tag, long step) {
    double otherwise = history.times().isEmpty() ? System.currentTimeMillis() / 1000.0 : now;
    now = Math.max(now, history.time(tag, step, otherwise));
    return new ProtoWriter().fixed64(1, now).varint(2, step);
  }

  private void write(ProtoWriter event) throws IOException {
    byte[] data = event.toBytes();
    ByteBuffer record =
        ByteBuffer.allocate(Long.BYTES + Integer.BYTES + data.length + Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(data.length);
    record.putInt(maskedCrc(record.array(), Long.BYTES));
    record.put(data).putInt(maskedCrc(data, data.length));
    long end = channel.position();
    try {
      AtomicFile.writeFully(channel, record.flip());
    } catch (IOException e) {
      try {
        channel.truncate(end);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /** The checksum of TFRecord: a CRC of data that hold CRCs themselves is weak, so it is masked. */
  static int maskedCrc(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    int value = (int) crc.getValue();
    return Integer.rotateRight(value, 15) + 0xa282ead8;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
