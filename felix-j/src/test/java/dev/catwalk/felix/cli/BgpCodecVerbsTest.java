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
