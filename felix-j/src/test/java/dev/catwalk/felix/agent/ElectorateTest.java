package dev.catwalk.felix.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.felix.alloc.NodeIdentity;
import dev.catwalk.felix.config.AgentConfig;
import dev.catwalk.raftstore.store.StoreConfig.Voting;
import dev.catwalk.raftstore.voters.VoterRule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node that may be chosen says of itself, and what it must not begin. */
class ElectorateTest {
  @TempDir
  Path root;

  private static AgentConfig config(String node, String voters) throws Exception {
    return AgentConfig.parse("agent.yaml", """
        node: {name: %s, labels: {rack: r1, zone: z1, owner: me}}
        store:
          listen: "[2001:db8::2]:7420"
          members: {n1: "192.0.2.1:7420"}
          voters: %s
        """.formatted(node, voters));
  }

  @Test
  void aNodeSaysWhereItIsAndNoMore() throws Exception {
    AgentConfig named = config("n2", "auto");
    VoterRule rule = named.store().voters().orElseThrow();
    assertEquals(VoterRule.DEFAULT, rule);
    assertEquals(
        new Voting(rule, "[2001:db8::2]:7420", new TreeMap<>(Map.of("rack", "r1", "zone", "z1"))),
        Electorate.voting(named, rule));
    VoterRule five = config("n1", "{number: 5, spread: [rack], replaceAfter: 60}")
        .store()
        .voters()
        .orElseThrow();
    assertEquals(new VoterRule(5, List.of("rack"), 60_000), five);
    assertEquals(
        "192.0.2.1:7420", Electorate.voting(config("n1", "5"), five).address(), "as it is named");
  }

  /** It would hand out the addresses of the first store once more. */
  @Test
  void aFounderThatLostItsPartOfTheStoreDoesNotBeginASecondOne() throws Exception {
    Places places = new Places(root);
    AgentConfig founder = config("n1", "3");
    Electorate.check(founder, places);
    NodeIdentity.open(places.data(), "n1");
    String refusal = assertThrows(StartException.class, () -> Electorate.check(founder, places))
        .getMessage();
    assertTrue(refusal.contains("second store") && refusal.contains("store.members"), refusal);
    Electorate.check(config("n2", "3"), places);
    Files.createDirectories(places.store());
    Files.writeString(places.store().resolve("identity"), "");
    Electorate.check(founder, places);
  }

  /** The founder may have left, and would begin again by what its file says. */
  @Test
  void whatWasChosenIsNotForgottenByAFileThatSaysNothing() throws Exception {
    Places places = new Places(root);
    AgentConfig plain = AgentConfig.parse("agent.yaml", """
        node: {name: n1}
        store: {listen: "192.0.2.1:7420", members: {n1: "192.0.2.1:7420"}}
        """);
    Electorate.check(plain, places);
    Files.createDirectories(places.store());
    Files.writeString(places.store().resolve("role"), "");
    String refusal = assertThrows(StartException.class, () -> Electorate.check(plain, places))
        .getMessage();
    assertTrue(refusal.contains("store.voters") && refusal.contains("remove that file"), refusal);
  }
}
