package dev.catwalk.bgp.exabgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every message of ExaBGP's own cases, as that version of it prints it. */
class DecodingCasesTest {

  @ParameterizedTest
  @EnumSource
  void everyMessageReadsAsThatVersionPrintsIt(JsonVersion version)
      throws IOException, MalformedException {
    List<String> wrong = new ArrayList<>();
    Tally tally = new Tally("decoding " + version.number());
    for (JsonNode one : ExaBgpCases.read("decoding.json")) {
      JsonNode expected = one.at("/expected/" + version.number() + "/json");
      String family = one.path("form").asText();
      if (expected.isMissingNode()) {
        tally.unknown(family);
        continue;
      }
      JsonNode seen = ExaBgpCases.MAPPER.readTree(
          DecodeRequest.parse(one.toString()).decode(version).toString());
      JsonNode wanted = comparable(one, expected);
      boolean same = wanted.equals(comparable(one, seen));
      tally.count(family, same);
      if (!same) {
        wrong.add(one.get("id").asText() + "\n  wanted " + wanted + "\n  seen   " + seen);
      }
    }
    tally.print();
    assertTrue(tally.total() > 0, "there is no case of version " + version.number());
    assertEquals(List.of(), wrong, () -> wrong.size() + " differ");
  }

  /** Without what depends on the time and the process that prints it. */
  private static JsonNode comparable(JsonNode one, JsonNode json) {
    ObjectNode copy = json.deepCopy();
    copy.remove(List.of("exabgp", "time", "host", "pid", "ppid", "counter"));
    if (one.get("id").asText().startsWith("decq-")) {
      ((ObjectNode) copy.get("neighbor")).remove(List.of("address", "asn", "router-id"));
    }
    return copy;
  }
}
