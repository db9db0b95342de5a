package dev.catwalk.bgp.exarun;

import dev.catwalk.bgp.exabgp.NeighborConfig;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * For whom a command is: {@code neighbor ADDRESS [local-ip A] [local-as N] [peer-as N] [router-id I]}, as
 * often as wanted with commas between; none: all.
 *
 * @param alternatives each a list of conditions
 * @param command what follows
 */
record Selectors(List<List<Condition>> alternatives, String command) {

  /** A key and the value that it must have. */
  record Condition(String key, String value) {}

  private static final List<String> KEYS =
      List.of("neighbor", "local-ip", "local-as", "peer-as", "router-id", "family-allowed");

  static Selectors read(String line) {
    List<String> words =
        new ArrayList<>(List.of(line.replace(",", " , ").strip().split("\\s+")));
    List<List<Condition>> alternatives = new ArrayList<>();
    List<Condition> current = new ArrayList<>();
    int at = 0;
    while (at + 1 < words.size()) {
      String word = words.get(at);
      if (word.equals(",") && !current.isEmpty()) {
        alternatives.add(current);
        current = new ArrayList<>();
        at++;
      } else if (KEYS.contains(word) && (word.equals("neighbor") || !current.isEmpty())) {
        if (word.equals("neighbor") && !current.isEmpty()) {
          alternatives.add(current);
          current = new ArrayList<>();
        }
        current.add(new Condition(word, words.get(at + 1)));
        at += 2;
      } else {
        break;
      }
    }
    if (!current.isEmpty()) {
      alternatives.add(current);
    }
    return new Selectors(
        alternatives, String.join(" ", words.subList(at, words.size())).replace(" , ", ", "));
  }

  boolean matches(Peer peer) {
    return alternatives.isEmpty()
        || alternatives.stream()
            .anyMatch(all -> all.stream().allMatch(one -> matches(one, peer.config.ends())));
  }

  private static boolean matches(Condition one, NeighborConfig.Ends ends) {
    return switch (one.key) {
      case "neighbor" ->
        one.value.equals("*")
            || one.value.equals(ends.address())
            || IpAddress.tryParse(one.value)
                .map(address -> ends.isOne() && address.equals(ends.peers().address()))
                .orElse(false);
      case "local-ip" -> isAddress(one.value, ends.local());
      case "local-as" -> one.value.equals(Long.toString(ends.localAs()));
      case "peer-as" -> one.value.equals(Long.toString(ends.peerAs()));
      case "router-id" -> isAddress(one.value, IpAddress.v4(ends.routerId()));
      default -> true; // every family of a neighbour shares its one session
    };
  }

  private static boolean isAddress(String text, @Nullable IpAddress address) {
    return IpAddress.tryParse(text).map(parsed -> parsed.equals(address)).orElse(false);
  }
}
