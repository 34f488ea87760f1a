package io.github.diffusionhost.engine.script;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The file format of TorchScript: a zip of stored entries that hold the code and, pickled, the
 * module. The module here has tensor lists only, all of them empty.
 *
 * <p>Format: PyTorch, torch/csrc/jit/docs/serialization.md.
 */
final class ScriptArchive {
  private static final String TENSOR_LIST = "ctorch.jit._pickle\nbuild_tensorlist\n";

  /** Of a file that libtorch 2 writes; reading an older one brings the operators' old meaning. */
  private static final String VERSION = "10\n";

  private static final byte PROTOCOL = (byte) 0x80;
  private static final byte NEW_OBJECT = (byte) 0x81;
  private static final byte TUPLE_OF_ONE = (byte) 0x85;

  private ScriptArchive() {}

  /**
   * Writes an archive.
   *
   * @param code the class {@code M} in TorchScript
   * @param lists the names of its attributes, all of type {@code List[Tensor]}
   */
  static byte[] write(String code, List<String> lists) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setMethod(ZipOutputStream.STORED);
      entry(zip, "m/version", ascii(VERSION));
      entry(zip, "m/constants.pkl", new byte[] {PROTOCOL, 2, ')', '.'});
      entry(zip, "m/data.pkl", module(lists));
      entry(zip, "m/code/__torch__.py", code.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail to be written", e);
    }
    return bytes.toByteArray();
  }

  private static byte[] module(List<String> lists) throws IOException {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.write(new byte[] {PROTOCOL, 2});
    pickle.write(ascii("c__torch__\nM\n"));
    pickle.write(new byte[] {')', NEW_OBJECT, '}', '('});
    for (String list : lists) {
      byte[] name = ascii(list);
      pickle.write(new byte[] {'X', (byte) name.length, 0, 0, 0});
      pickle.write(name);
      pickle.write(ascii(TENSOR_LIST));
      pickle.write(new byte[] {']', TUPLE_OF_ONE, 'R'});
    }
    pickle.write(new byte[] {'u', 'b', '.'});
    return pickle.toByteArray();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static void entry(ZipOutputStream zip, String name, byte[] content) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTime(0);
    entry.setSize(content.length);
    CRC32 crc = new CRC32();
    crc.update(content);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}
