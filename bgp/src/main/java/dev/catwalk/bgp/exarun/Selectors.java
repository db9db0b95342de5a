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

  /**
   * A key and the value that it must have.
   *
   * @param address the value, if it is one: read once, not for each neighbour
   * @param number the same, of an AS; -1: it is none
   */
  record Condition(String key, String value, @Nullable IpAddress address, long number) {
    static Condition of(String key, String value) {
      return new Condition(key, value, IpAddress.tryParse(value).orElse(null), number(value));
    }

    private static long number(String value) {
      try {
        long number = Long.parseLong(value);
        return Long.toString(number).equals(value) ? number : -1;
      } catch (NumberFormatException e) {
        return -1;
      }
    }
  }

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
        current.add(Condition.of(word, words.get(at + 1)));
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

  /** Keeps nothing and makes nothing: there may be very many alternatives, and neighbours. */
  boolean matches(Peer peer) {
    for (List<Condition> all : alternatives) {
      if (matches(all, peer.config.ends())) {
        return true;
      }
    }
    return alternatives.isEmpty();
  }

  private static boolean matches(List<Condition> all, NeighborConfig.Ends ends) {
    for (int i = 0; i < all.size(); i++) {
      if (!matches(all.get(i), ends)) {
        return false;
      }
    }
    return true;
  }

  private static boolean matches(Condition one, NeighborConfig.Ends ends) {
    IpAddress address = one.address;
    return switch (one.key) {
      case "neighbor" ->
        one.value.equals("*")
            || one.value.equals(ends.address())
            || address != null && ends.isOne() && address.equals(ends.peers().address());
      case "local-ip" -> address != null && address.equals(ends.local());
      case "local-as" -> one.number == ends.localAs();
      case "peer-as" -> one.number == ends.peerAs();
      case "router-id" ->
        address != null && address.isV4() && (int) address.low() == ends.routerId();
      default -> true; // every family of a neighbour shares its one session
    };
  }
}
