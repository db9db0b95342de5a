package dev.catwalk.bgp.mrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.catwalk.bgp.exabgp.DecodeRequest;
import dev.catwalk.bgp.exabgp.JsonVersion;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.DecodeContext;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.net.addr.IpAddress;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * tcpdump's captures against the text that tcpdump prints for them: each message's kind and length,
 * an OPEN's numbers and capabilities, a NOTIFICATION's codes and words, an UPDATE's classic routes with
 * their origin, path, next hop, MED and LOCAL_PREF.
 */
class CaptureTextTest {
  private static final Pattern MESSAGE = Pattern.compile(
      "^\\t(Open|Update|Notification|Keepalive) Message \\((\\d)\\), length: (\\d+)(.*)");

  /** One message, as the text has it. */
  private record Told(int type, int length, String rest, List<String> lines) {
    String find(String pattern) {
      Pattern wanted = Pattern.compile(pattern);
      for (String line : lines) {
        Matcher found = wanted.matcher(line);
        if (found.find()) {
          return found.group(1).strip();
        }
      }
      return "";
    }

    /** The lines that are further in, after one that ends with these words. */
    TreeSet<String> below(String words) {
      TreeSet<String> below = new TreeSet<>();
      for (int i = 0; i < lines.size(); i++) {
        if (lines.get(i).equals("\t  " + words)) {
          for (int k = i + 1; k < lines.size() && lines.get(k).startsWith("\t    "); k++) {
            below.add(lines.get(k).strip());
          }
        }
      }
      return below;
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bgp-4byte-asn.pcap",
        "bgp-4byte-asn.pcap bgp-4byte-asdot.out",
        "bgp-lu-multiple-labels.pcap",
        "bgp-encap.pcap",
        "bgp-ovs.pcapng",
        "bgp-role.pcapng",
        "bgp-shutdown-communication.pcapng",
        "bgp-cease-hard-reset.pcap",
        "bgp-extended-optional-parameters-length.pcapng",
        "bgp-aigp-2.pcap",
        "bgp-bgpsec.pcap"
      })
  void saysWhatTcpdumpSays(String names) throws IOException {
    Path folder = Captures.data().resolve("bgp-captures/the-tcpdump-group_tcpdump");
    assumeTrue(Files.isDirectory(folder), "no files at " + folder);
    String capture = names.split(" ")[0];
    String text =
        names.contains(" ") ? names.split(" ")[1] : capture.replaceAll("\\.pcap(ng)?$", ".out");
    List<Told> told = told(Files.readAllLines(folder.resolve("tests__" + text)));
    List<byte[]> messages = messages(Files.readAllBytes(folder.resolve("tests__" + capture)));
    assertEquals(
        told.stream().map(t -> t.type + " of " + t.length).toList(),
        messages.stream().map(m -> m[18] + " of " + m.length).toList());
    assertTrue(!told.isEmpty());
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < told.size(); i++) {
      List<String> differences = compare(told.get(i), messages.get(i));
      for (String difference : differences) {
        wrong.add("message " + (i + 1) + ": " + difference);
      }
    }
    assertEquals(List.of(), wrong);
  }

  private static List<String> compare(Told told, byte[] message) {
    List<String> wrong = new ArrayList<>();
    try {
      switch (told.type) {
        case 1 -> open(told, (Open) decode(message), wrong);
        case 2 -> update(told, message, wrong);
        case 3 -> notification(told, (Notification) decode(message), wrong);
        default -> decode(message);
      }
    } catch (Exception e) {
      wrong.add(e + " for " + HexFormat.of().formatHex(message));
    }
    return wrong;
  }

  private static Object decode(byte[] message) throws Exception {
    return Wire.decode(Unpooled.wrappedBuffer(message), DecodeContext.beforeOpen());
  }

  private static void same(String what, String wanted, String seen, List<String> wrong) {
    if (!wanted.equals(seen)) {
      wrong.add(what + " is " + seen + " and not " + wanted);
    }
  }

  private static void open(Told told, Open open, List<String> wrong) {
    same("AS", number(told.find("my AS ([0-9.]+)")), Long.toString(open.myAs()), wrong);
    same("hold time", told.find("Holdtime (\\d+)s"), Integer.toString(open.holdTime()), wrong);
    same("id", told.find("ID ([0-9.]+)"), IpAddress.v4(open.bgpId()).toString(), wrong);
    String four = told.find("4 Byte AS ([0-9.]+)");
    if (!four.isEmpty()) {
      same("four-octet AS", number(four), Long.toString(open.as()), wrong);
    }
    List<String> codes = new ArrayList<>();
    for (String line : told.lines) {
      Matcher found =
          Pattern.compile("^\\t      [A-Z0-9].* \\((\\d+)\\), length: \\d+").matcher(line);
      if (found.find()) {
        codes.add(found.group(1));
      }
    }
    same(
        "capabilities",
        codes.toString(),
        open.capabilities().stream()
            .map(Capability::code)
            .map(String::valueOf)
            .toList()
            .toString(),
        wrong);
  }

  private static void notification(Told told, Notification n, List<String> wrong) {
    Matcher codes = Pattern.compile("\\((\\d+)\\), subcode [^(]*\\((\\d+)\\)").matcher(told.rest);
    assertTrue(codes.find(), told.rest);
    same("code", codes.group(1) + "/" + codes.group(2), n.code() + "/" + n.subcode(), wrong);
    Matcher words =
        Pattern.compile("Shutdown Communication \\(length: \\d+\\): \"(.*)\"").matcher(told.rest);
    if (words.find()) {
      same("communication", words.group(1), n.communication(), wrong);
    }
    if (codes.find()) { // what a Hard Reset carries
      String inner = codes.group(1) + "/" + codes.group(2);
      assertTrue(n.text().contains(": " + inner), () -> n.text() + " lacks " + inner);
    }
  }

  private static void update(Told told, byte[] message, List<String> wrong) throws Exception {
    String request = "{\"form\":\"full-message\",\"context\":{\"asn4\":" + isFour(message)
        + "},\"input\":{\"hex\":\"" + HexFormat.of().formatHex(message) + "\"}}";
    JsonNode seen = DecodeRequest.parse(request).decode(JsonVersion.V4);
    JsonNode update = seen.findValue("update");
    JsonNode attributes = update == null ? null : update.get("attribute");
    String origin = told.find("^\\t  Origin \\(1\\).*: (\\w+)$").toLowerCase(java.util.Locale.ROOT);
    if (attributes == null) {
      same("origin", origin, "", wrong);
      return;
    }
    same("origin", origin, attributes.path("origin").asText(), wrong);
    same(
        "MED",
        told.find("Exit Discriminator .*: (\\d+)$"),
        attributes.path("med").asText(),
        wrong);
    same(
        "LOCAL_PREF",
        told.find("Local Preference .*: (\\d+)$"),
        attributes.path("local-preference").asText(),
        wrong);
    List<String> path = new ArrayList<>();
    attributes.path("as-path").forEach(as -> path.add(as.asText()));
    List<String> wanted = numbers(told.find("^\\t  AS Path \\(2\\).*\\]: ([0-9. ]+)$"));
    List<String> four = numbers(told.find("^\\t  AS4 Path \\(17\\).*\\]: ([0-9. ]+)$"));
    if (four.size() <= wanted.size()) { // RFC 6793 §4.2.3: it takes the place of the path's end
      wanted = new ArrayList<>(wanted.subList(0, wanted.size() - four.size()));
      wanted.addAll(four);
    }
    same("path", wanted.toString(), path.toString(), wrong);
    TreeSet<String> announced = new TreeSet<>();
    update
        .path("announce")
        .path("ipv4 unicast")
        .forEach(routes -> routes.forEach(r -> announced.add(r.path("nlri").asText(r.asText()))));
    TreeSet<String> classic = told.below("Updated routes:");
    if (!classic.isEmpty()) {
      assertTrue(announced.containsAll(classic), () -> announced + " lacks some of " + classic);
    }
    TreeSet<String> withdrawn = new TreeSet<>();
    update
        .path("withdraw")
        .path("ipv4 unicast")
        .forEach(r -> withdrawn.add(r.path("nlri").asText(r.asText())));
    same("withdrawn", told.below("Withdrawn routes:").toString(), withdrawn.toString(), wrong);
  }

  /** Whether the numbers of its AS_PATH take four octets: the segments' lengths say. */
  private static boolean isFour(byte[] message) {
    ByteBuffer in = ByteBuffer.wrap(message);
    int at = 21 + in.getShort(19) + 2;
    int end = at + in.getShort(at - 2);
    while (at < end) {
      boolean extended = (message[at] & 0x10) != 0;
      int length = extended ? in.getShort(at + 2) : message[at + 2] & 0xff;
      int value = at + (extended ? 4 : 3);
      if (message[at + 1] == 2) {
        int where = value;
        while (where < value + length) {
          where += 2 + 4 * (message[where + 1] & 0xff);
        }
        return where == value + length;
      }
      at = value + length;
    }
    return true;
  }

  private static List<String> numbers(String path) {
    return Stream.of(path.split(" "))
        .filter(as -> !as.isEmpty())
        .map(CaptureTextTest::number)
        .toList();
  }

  private static String number(String as) {
    String[] halves = as.split("\\.");
    return halves.length == 1
        ? as
        : Long.toString(Long.parseLong(halves[0]) << 16 | Long.parseLong(halves[1]));
  }

  private static List<Told> told(List<String> lines) {
    List<Told> all = new ArrayList<>();
    for (String line : lines) {
      Matcher found = MESSAGE.matcher(line);
      if (found.matches()) {
        all.add(new Told(
            Integer.parseInt(found.group(2)),
            Integer.parseInt(found.group(3)),
            found.group(4),
            new ArrayList<>()));
      } else if (!all.isEmpty() && line.startsWith("\t")) {
        all.getLast().lines.add(line);
      }
    }
    return all;
  }

  /** The whole messages in the packets of a pcap or pcapng file. */
  private static List<byte[]> messages(byte[] file) {
    List<byte[]> found = new ArrayList<>();
    for (byte[] packet : packets(file)) {
      found.addAll(within(packet));
    }
    return found;
  }

  /** The whole messages anywhere in there. */
  static List<byte[]> within(byte[] octets) {
    List<byte[]> found = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(octets);
    int at = 0;
    while (at + Wire.HEADER_LENGTH <= octets.length) {
      int length = in.getLong(at) == -1 && in.getLong(at + 8) == -1 ? in.getShort(at + 16) : 0;
      if (length >= Wire.HEADER_LENGTH && at + length <= octets.length) {
        found.add(java.util.Arrays.copyOfRange(octets, at, at + length));
        at += length;
      } else {
        at++;
      }
    }
    return found;
  }

  static List<byte[]> packets(byte[] file) {
    ByteBuffer in = ByteBuffer.wrap(file);
    boolean next = in.getInt(0) == 0x0a0d0d0a;
    int magic = in.getInt(next ? 8 : 0);
    in.order(
        magic == 0xa1b2c3d4 || magic == 0x1a2b3c4d
            ? ByteOrder.BIG_ENDIAN
            : ByteOrder.LITTLE_ENDIAN);
    List<byte[]> packets = new ArrayList<>();
    int at = next ? 0 : 24;
    while (at + 12 <= file.length) {
      int length = next ? in.getInt(at + 4) : 16 + in.getInt(at + 8);
      if (!next) {
        packets.add(java.util.Arrays.copyOfRange(file, at + 16, at + length));
      } else if (in.getInt(at) == 6) {
        packets.add(java.util.Arrays.copyOfRange(file, at + 28, at + 28 + in.getInt(at + 20)));
      }
      at += length;
    }
    return packets;
  }
}
