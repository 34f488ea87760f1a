package io.github.diffusionhost.engine.log;

import io.github.diffusionhost.engine.files.AtomicFile;
import io.github.diffusionhost.engine.image.Png;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
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

  private final FileChannel channel;

  private TensorBoardLog(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Begins a new event file in a folder, beside those that are there.
   *
   * @param folder the run's folder; exists
   * @param fromStep the step after which the run goes on; TensorBoard then shows nothing of later
   *     steps from the older files. 0 for a new run
   * @throws IOException if the file cannot be made
   */
  public static TensorBoardLog open(Path folder, long fromStep) throws IOException {
    FileChannel channel =
        FileChannel.open(newFile(folder), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    TensorBoardLog log = new TensorBoardLog(channel);
    try {
      log.write(event(0).text(3, "brain.Event:2"));
      if (fromStep > 0) {
        log.write(event(fromStep + 1).message(7, new ProtoWriter().varint(1, SESSION_START)));
      }
      return log;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** TensorBoard reads the files of a folder in the order of their names. */
  private static Path newFile(Path folder) {
    long seconds = System.currentTimeMillis() / 1000;
    long pid = ProcessHandle.current().pid();
    for (int count = 0; ; count++) {
      Path file =
          folder.resolve(
              String.format(
                  Locale.ROOT, "events.out.tfevents.%010d.host.%d.%d", seconds, pid, count));
      if (!Files.exists(file)) {
        return file;
      }
    }
  }

  /** Adds a number to a curve such as {@code train/loss}; may be NaN or infinite. */
  public void scalar(String tag, long step, double value) throws IOException {
    write(step, new ProtoWriter().text(1, tag).fixed32(2, (float) value));
  }

  /** Adds a picture. */
  public void image(String tag, long step, BufferedImage picture) throws IOException {
    boolean grey = picture.getRaster().getNumBands() == 1;
    ProtoWriter image =
        new ProtoWriter()
            .varint(1, picture.getHeight())
            .varint(2, picture.getWidth())
            .varint(3, grey ? GREY : RGB)
            .bytes(4, Png.encode(picture));
    write(step, new ProtoWriter().text(1, tag).message(4, image));
  }

  /** Adds a text, shown as Markdown. */
  public void text(String tag, long step, String markdown) throws IOException {
    ProtoWriter shape = new ProtoWriter().message(2, new ProtoWriter().varint(1, 1));
    ProtoWriter tensor = new ProtoWriter().varint(1, DT_STRING).message(2, shape).text(8, markdown);
    ProtoWriter metadata = new ProtoWriter().message(1, new ProtoWriter().text(1, "text"));
    write(step, new ProtoWriter().text(1, tag).message(8, tensor).message(9, metadata));
  }

  private void write(long step, ProtoWriter value) throws IOException {
    write(event(step).message(5, new ProtoWriter().message(1, value)));
  }

  private static ProtoWriter event(long step) {
    return new ProtoWriter().fixed64(1, System.currentTimeMillis() / 1000.0).varint(2, step);
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
  private static int maskedCrc(byte[] bytes, int length) {
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
