package dev.catwalk.felix.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code bgp decode} and {@code bgp encode}: a line in, a line out, and the status. */
class BgpCodecVerbsTest {
  private static final String UPDATE =
      "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF002E0200000015400101004002004003040102030440050400000064080A";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @Test
  void eachLineIsAnsweredInItsPlace() throws IOException {
    assertEquals(1, run(UPDATE + "\nrubbish\n\n" + UPDATE + "\n", "bgp", "decode"));
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(3, lines.size());
    JsonNode first = new ObjectMapper().readTree(lines.getFirst());
    assertEquals("5.0.0", first.get("exabgp").asText());
    assertEquals(
        "10.0.0.0/8",
        first
            .at("/neighbor/message/update/announce/ipv4 unicast/1.2.3.4/0/nlri")
            .asText());
    assertTrue(first.has("time") && first.has("pid") && first.has("counter"), lines.getFirst());
    assertTrue(lines.get(1).startsWith("{\"error\":"), lines.get(1));
  }

  @Test
  void theOlderFormIsThereOnRequest() throws IOException {
    assertEquals(0, run(UPDATE + "\n", "bgp", "decode", "--json", "4.0.1"));
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("\"exabgp\":\"4.0.1\""));
    assertEquals(2, run(UPDATE + "\n", "bgp", "decode", "--json", "3"));
  }

  @Test
  void aCommandIsTheMessageThatItSends() throws IOException {
    String command = "announce route 10.0.0.0/8 next-hop 1.2.3.4\nannounce rubbish\n";
    assertEquals(1, run(command, "bgp", "encode"));
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(UPDATE, lines.getFirst());
    assertTrue(lines.get(1).startsWith("{\"error\":"), lines.get(1));
  }

  /** RFC 5065 §3: AS_CONFED_SEQUENCE and AS_CONFED_SET in front of a plain path. */
  @Test
  void confederationsAreEncodedAndShown() throws IOException {
    String command =
        "announce route 10.0.0.0/8 next-hop 1.2.3.4 as-path [ {( 65001 65002 )} {[ 65003 ]} 7 ]\n";
    assertEquals(0, run(command, "bgp", "encode"));
    String update = out.toString(StandardCharsets.UTF_8).strip();
    String path = "03020000FDE90000FDEA" + "04010000FDEB" + "020100000007";
    assertTrue(update.contains(path), update);
    out.reset();
    assertEquals(0, run(update + "\n", "bgp", "decode", "--json", "4.0.1"));
    JsonNode shown = new ObjectMapper()
        .readTree(out.toString(StandardCharsets.UTF_8))
        .at("/neighbor/message/update/attribute");
    assertEquals("[65001,65002]", shown.get("confederation-path").toString(), shown.toString());
    assertEquals("[65003]", shown.get("confederation-set").toString());
    assertEquals("[7]", shown.get("as-path").toString());
    out.reset();
    assertEquals(
        0, run("announce route 10.0.0.0/8 next-hop 1.2.3.4 as-path [{ 7 }]\n", "bgp", "encode"));
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("030100000007"), out::toString);
    assertEquals(
        1, run("announce route 10.0.0.0/8 next-hop 1.2.3.4 as-path [ { 7 ]\n", "bgp", "encode"));
  }

  private int run(String input, String... arguments) throws IOException {
    InputStream before = System.in;
    try (ByteArrayInputStream in =
        new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8))) {
      System.setIn(in);
      PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
      return Catwalk.run(Map.of(), print, print, arguments);
    } finally {
      System.setIn(before);
    }
  }
}
