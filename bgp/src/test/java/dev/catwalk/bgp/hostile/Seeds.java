package dev.catwalk.bgp.hostile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.catwalk.bgp.mrt.Captures;
import dev.catwalk.bgp.mrt.MrtException;
import dev.catwalk.bgp.mrt.MrtInput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** What the damage begins with: our own messages, and outside ones where they are there. */
final class Seeds {
  private static final int HEADER_LENGTH = 19;
  private static final int RECORDS_A_FILE = 300;
  private static final List<String> OWN = List.of(
      "001d0104fc00005a0a00000100",
      "002d0104fc00005a0a00000110020e0104000100010200410400010000",
      "0017020000000000",
      "003302000000180a2a01400101004002060201" + "0000fde9400304c0000201180a2a03",
      "00150306020a",
      "001304",
      "00170500010001");

  private Seeds() {}

  /** Whole BGP messages. */
  static List<byte[]> messages() throws IOException {
    List<byte[]> all = new ArrayList<>();
    for (String own : OWN) {
      all.add(HexFormat.of().parseHex("ff".repeat(16) + own));
    }
    for (JsonNode one : cases("decoding.json")) {
      String hex = one.at("/input/hex").asText();
      if (one.path("form").asText().equals("full-message") && hex.length() >= 2 * HEADER_LENGTH) {
        all.add(HexFormat.of().parseHex(hex));
      }
    }
    for (Path file : captures()) {
      if (file.toString().contains(".pcap")) {
        all.addAll(within(Files.readAllBytes(file)));
      }
    }
    return all;
  }

  /** Every place in a capture where a message begins, as far as it says that it goes. */
  static List<byte[]> within(byte[] capture) {
    List<byte[]> found = new ArrayList<>();
    int ones = 0;
    for (int i = 0; i < capture.length - 3; i++) {
      ones = capture[i] == -1 ? ones + 1 : 0;
      if (ones >= 16 && capture[i + 1] != -1) {
        int length = (capture[i + 1] & 0xff) << 8 | capture[i + 2] & 0xff;
        int from = i - 15;
        if (length >= HEADER_LENGTH && length <= 4096 && from + length <= capture.length) {
          found.add(java.util.Arrays.copyOfRange(capture, from, from + length));
        }
      }
    }
    return found;
  }

  static List<byte[]> commands() throws IOException {
    List<byte[]> all = new ArrayList<>();
    all.add("announce route 10.0.0.0/8 next-hop 192.0.2.1 as-path [ 1 2 ]"
        .getBytes(StandardCharsets.UTF_8));
    for (JsonNode one : cases("encoding.json")) {
      all.add(one.at("/input/api_command_v4").asText().getBytes(StandardCharsets.UTF_8));
    }
    return all;
  }

  /** MRT records with their header. */
  static List<byte[]> records() throws IOException {
    List<byte[]> all = new ArrayList<>();
    String own = "5f5e1000 0010 0000 00000014 fde9fdea00000001c0000201c000020200050006";
    all.add(HexFormat.of().parseHex(own.replace(" ", "")));
    for (Path file : captures()) {
      String name = file.getFileName().toString();
      if (name.startsWith("test_data")
          || name.startsWith("samples")
          || name.startsWith("tests__fix")) {
        try (InputStream in = Files.newInputStream(file)) {
          MrtInput records = new MrtInput(in);
          for (int i = 0; i < RECORDS_A_FILE; i++) {
            MrtInput.Raw raw = records.next();
            if (raw == null) {
              break;
            }
            all.add(joined(raw));
          }
        } catch (MrtException e) {
          throw new IOException(file + " is no MRT file", e);
        }
      }
    }
    return all;
  }

  private static byte[] joined(MrtInput.Raw raw) {
    java.nio.ByteBuffer all = java.nio.ByteBuffer.allocate(12 + raw.body().length);
    all.putInt((int) raw.header().seconds());
    all.putShort((short) raw.header().type()).putShort((short) raw.header().subtype());
    return all.putInt(raw.body().length).put(raw.body()).array();
  }

  static List<Path> captures() throws IOException {
    return Files.isDirectory(Captures.data().resolve("bgp-captures"))
        ? Captures.below("bgp-captures")
        : List.of();
  }

  private static Iterable<JsonNode> cases(String file) throws IOException {
    Path path = Captures.data().resolve("exabgp").resolve(file);
    if (!Files.isReadable(path)) {
      return List.of();
    }
    JsonNode all = new ObjectMapper().readTree(path.toFile());
    return all.has("cases") ? all.get("cases") : all;
  }
}
