package dev.catwalk.bgp.mrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.catwalk.bgp.exabgp.DecodeRequest;
import dev.catwalk.bgp.exabgp.JsonVersion;
import dev.catwalk.bgp.exabgp.MalformedException;
import dev.catwalk.bgp.wire.DecodeContext;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The OPENs and UPDATEs that routers told to monitoring stations, against what NetGauze reads in
 * them: an OPEN's numbers, an UPDATE's origin, path, MED and LOCAL_PREF and the prefixes that it names.
 */
class BmpTextTest {
  private static final int ETHERNET = 14;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evpn__evpn",
        "path-status__ipv4_unicast_path_marking",
        "peers-with-different-caps__example",
        "vpnv4-stateless-with-withdraw__vpnv4-stateless-with-withdraw"
      })
  void saysWhatNetGauzeSays(String name) throws Exception {
    Path folder = Captures.data().resolve("bgp-captures/NetGauze_NetGauze");
    assumeTrue(Files.isDirectory(folder), "no files at " + folder);
    List<String> wanted = new ArrayList<>();
    for (String line :
        Files.readAllLines(folder.resolve("assets__pcaps__bmp__" + name + "-bmp.json"))) {
      JsonNode told = new ObjectMapper().readTree(line);
      for (String side : List.of("sent_message", "received_message", "update_message")) {
        JsonNode message = told.findValue(side);
        if (message != null) {
          wanted.add(words(message));
        }
      }
      JsonNode pdu = told.findValue("BgpUpdate");
      if (pdu != null) {
        wanted.add(words(pdu));
      }
    }
    List<String> seen = new ArrayList<>();
    for (byte[] stream :
        streams(Files.readAllBytes(folder.resolve("assets__pcaps__bmp__" + name + ".pcap")))) {
      for (byte[] message : CaptureTextTest.within(stream)) {
        if (message[18] == 1 || message[18] == 2) {
          seen.add(words(message));
        }
      }
    }
    assertTrue(wanted.size() > 3);
    List<String> missing = new ArrayList<>(wanted);
    seen.forEach(missing::remove);
    List<String> more = new ArrayList<>(seen);
    wanted.forEach(more::remove);
    assertEquals(
        "missing [], more []",
        "missing " + missing.stream().limit(4).toList() + ", more "
            + more.stream().limit(4).toList());
  }

  private static String words(JsonNode message) {
    JsonNode open = message.get("Open");
    if (open != null) {
      JsonNode four = open.findValue("asn4");
      return "OPEN " + open.get("my_as") + " " + open.get("hold_time") + " "
          + open.get("bgp_id").asText() + " "
          + (four == null ? open.get("my_as") : four);
    }
    JsonNode update = message.get("Update");
    List<String> prefixes = new ArrayList<>();
    for (String key : List.of("network", "prefix")) {
      for (JsonNode network : update.findValues(key)) {
        prefixes.add(Prefix.parse(network.asText()).toString());
      }
    }
    List<String> path = new ArrayList<>();
    for (JsonNode segments : update.findValues("as_numbers")) {
      segments.forEach(as -> path.add(as.asText()));
    }
    return "UPDATE " + text(update.findValue("Origin")).toLowerCase(Locale.ROOT) + " " + path + " "
        + metric(update, "MultiExitDiscriminator") + " " + metric(update, "LocalPreference") + " "
        + sorted(prefixes);
  }

  private static String metric(JsonNode update, String name) {
    JsonNode found = update.findValue(name);
    return found == null ? "" : found.get("metric").asText();
  }

  private static String text(JsonNode node) {
    return node == null ? "" : node.asText();
  }

  private static List<String> sorted(List<String> prefixes) {
    return prefixes.stream().sorted().toList();
  }

  private static String words(byte[] message) throws Exception {
    if (message[18] == 1) {
      Open open = (Open) Wire.decode(Unpooled.wrappedBuffer(message), DecodeContext.beforeOpen());
      return "OPEN " + open.myAs() + " " + open.holdTime() + " " + IpAddress.v4(open.bgpId()) + " "
          + open.as();
    }
    JsonNode seen;
    try {
      seen = read(message, "");
    } catch (MalformedException e) { // the station was not told of the path identifiers
      seen = read(message, ",\"add_path\":{\"mode\":3,\"families\":[\"ipv4 mpls-vpn\"]}");
    }
    JsonNode update = seen.findValue("update");
    JsonNode attributes = update == null ? seen : update.path("attribute");
    List<String> prefixes = new ArrayList<>();
    if (update != null) {
      prefixes(update, prefixes);
    }
    List<String> path = new ArrayList<>();
    attributes.path("as-path").forEach(as -> path.add(as.asText()));
    return "UPDATE " + attributes.path("origin").asText() + " " + path + " "
        + attributes.path("med").asText() + " "
        + attributes.path("local-preference").asText()
        + " " + sorted(prefixes);
  }

  private static JsonNode read(byte[] message, String more) throws MalformedException {
    String request = "{\"form\":\"full-message\",\"context\":{\"asn4\":true" + more
        + "},\"input\":{\"hex\":\"" + HexFormat.of().formatHex(message) + "\"}}";
    return DecodeRequest.parse(request).decode(JsonVersion.V4);
  }

  private static void prefixes(JsonNode node, List<String> into) {
    JsonNode prefix = node.path("nlri");
    if (prefix.isTextual()) {
      into.add(prefix.asText());
    }
    node.forEach(child -> prefixes(child, into));
  }

  /** The octets of each TCP connection and direction, in the order of their sequence numbers. */
  private static List<byte[]> streams(byte[] file) throws IOException {
    TreeMap<String, TreeMap<Long, byte[]>> flows = new TreeMap<>();
    for (byte[] packet : CaptureTextTest.packets(file)) {
      ByteBuffer in = ByteBuffer.wrap(packet);
      int ip = ETHERNET;
      boolean six = (packet[ip] & 0xf0) == 0x60;
      int tcp = six ? ip + 40 : ip + 4 * (packet[ip] & 0xf);
      int end = six ? tcp + in.getShort(ip + 4) : ip + (in.getShort(ip + 2) & 0xffff);
      int data = tcp + 4 * ((packet[tcp + 12] & 0xf0) >> 4);
      String flow = HexFormat.of().formatHex(packet, six ? ip + 8 : ip + 12, tcp + 4);
      if (data < end) {
        flows
            .computeIfAbsent(flow, f -> new TreeMap<>())
            .putIfAbsent(
                in.getInt(tcp + 4) & 0xffffffffL,
                java.util.Arrays.copyOfRange(packet, data, Math.min(end, packet.length)));
      }
    }
    List<byte[]> streams = new ArrayList<>();
    for (TreeMap<Long, byte[]> segments : flows.values()) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (byte[] segment : segments.values()) {
        all.write(segment);
      }
      streams.add(all.toByteArray());
    }
    return streams;
  }
}
