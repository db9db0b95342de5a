package dev.catwalk.lab.shell;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a node says about its addresses: {@code ipam check}. */
public final class Addresses {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Where store, disk, pods and kernel of a node disagree.
   *
   * @param what the difference, in a line
   * @param remedy as it is named to the user
   */
  public record Difference(String what, String remedy) {}

  private Addresses() {}

  /** All differences of a node; one of its own kind while the answer is not of one moment. */
  public static List<Difference> differences(Site site, String node) throws LabException {
    Agents.Answer answer = Agents.ask(site, node, "ipam check", Map.of(), Map.of());
    try {
      JsonNode said = JSON.readTree(answer.out());
      List<Difference> all = new ArrayList<>();
      for (JsonNode one : said.path("differences")) {
        all.add(new Difference(
            node + ": " + one.path("subject").asText() + " " + one.path("what").asText(),
            one.path("remedy").asText()));
      }
      if (all.isEmpty() && !said.path("exact").asBoolean()) {
        all.add(new Difference(node + ": not of one moment " + answer.error(), "ask again"));
      }
      return all;
    } catch (IOException e) {
      throw new LabException("the agent of " + node + " answered 'ipam check' with no JSON", e);
    }
  }
}
