package dev.catwalk.felix.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.felix.kernel.IptablesChoice.Evidence;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which of the two is chosen, for what is found in each. */
class IptablesChoiceTest {
  private static final String OURS = """
      :cw-forward - [0:0]
      -A FORWARD -j cw-forward
      -A cw-forward -i cw+ -j cw-from
      """;
  private static final String CANARY = ":KUBE-KUBELET-CANARY - [0:0]\n";
  private static final String ONE = "-A INPUT -j DROP\n";

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      neither is there           | none           | none          | none
      only one is there          | none           | legacy        | LEGACY
      only the other is there    | nft default    | none          | NFT
      the kubelet's before rules | canary         | one one ours  | NFT
      the kubelet's in the other | one one        | canary        | LEGACY
      most rules of others       | one default    | one one       | LEGACY
      ours are not others' rules | ours default   | one           | LEGACY
      ours before the default    | default        | ours          | LEGACY
      as many rules of others    | one            | one default   | LEGACY
      the machine's default      | there          | default       | LEGACY
      nothing at all             | there          | there         | NFT
      both have the canary       | canary default | canary one    | LEGACY
      """)
  void theFirstDifferenceDecides(String name, String nft, String legacy, String expected) {
    TreeMap<Iptables, Evidence> found = new TreeMap<>();
    found.put(Iptables.NFT, evidence(nft));
    found.put(Iptables.LEGACY, evidence(legacy));
    Optional<IptablesChoice> choice = IptablesChoice.of(found);
    assertEquals(expected, choice.map(c -> c.backend().name()).orElse("none"));
  }

  private static Evidence evidence(String words) {
    StringBuilder saved = new StringBuilder();
    for (String word : words.split(" ")) {
      saved.append(
          switch (word) {
            case "canary" -> CANARY;
            case "one" -> ONE;
            case "ours" -> OURS;
            default -> "";
          });
    }
    return new Evidence(!words.equals("none"), saved.toString(), words.contains("default"));
  }
}
