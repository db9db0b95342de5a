package dev.catwalk.bgp.exabgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every command of ExaBGP's own cases, byte for byte. */
class EncodingCasesTest {

  @Test
  void everyCommandGivesTheSameOctets() throws IOException {
    List<String> wrong = new ArrayList<>();
    Tally tally = new Tally("encoding");
    for (JsonNode one : ExaBgpCases.read("encoding.json")) {
      String wanted = one.at("/expected/hex").asText();
      String seen;
      try {
        seen = EncodeRequest.parse(one.toString()).encode();
      } catch (MalformedException e) {
        seen = e.getMessage();
      }
      tally.count(one.at("/context/families/0").asText("any"), seen.equals(wanted));
      if (!seen.equals(wanted)) {
        wrong.add("\n" + one.at("/input/api_command_v4").asText() + "\n  wanted " + wanted
            + "\n  seen   " + seen);
      }
    }
    tally.print();
    assertTrue(tally.total() > 0, "there is no case");
    assertEquals(List.of(), wrong, () -> wrong.size() + " differ");
  }
}
