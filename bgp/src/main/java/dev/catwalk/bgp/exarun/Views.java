package dev.catwalk.bgp.exarun;

import dev.catwalk.bgp.exabgp.ReceivedRoutes;
import dev.catwalk.bgp.exabgp.Route;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What the {@code show} commands answer, line by line. */
final class Views {
  private final Collection<Peer> peers;
  private final long nowMicros;

  /** @param nowMicros the time, microseconds since 1970 */
  Views(Collection<Peer> peers, long nowMicros) {
    this.peers = peers;
    this.nowMicros = nowMicros;
  }

  /** @param words behind {@code show neighbor} */
  List<String> neighbors(List<String> words) {
    boolean summary = words.contains("summary");
    if (!summary && !words.contains("extensive") && !words.contains("configuration")) {
      return List.of(
          "please specify summary, extensive or configuration",
          "you can filter by peer ip address adding it after the word neighbor");
    }
    List<String> lines = new ArrayList<>();
    if (summary) {
      lines.add(NeighborText.SUMMARY);
    }
    for (Peer peer : peers) {
      if (!isWanted(peer, words, 0)) {
        continue;
      }
      NeighborText text = new NeighborText(peer, nowMicros);
      if (summary) {
        lines.add(text.summary());
      } else {
        lines.addAll(text.extensive());
      }
    }
    return lines;
  }

  /** @param words all of {@code show adj-rib in|out [ADDRESS] [inet|flow|l2vpn] [extensive]} */
  List<String> routes(List<String> words) {
    boolean in = words.contains("in") || words.contains("adj-rib-in");
    boolean extensive = words.contains("extensive");
    List<String> lines = new ArrayList<>();
    for (Peer peer : peers) {
      if (!isWanted(peer, words, 2)) {
        continue;
      }
      String prefix = (extensive ? peer.fullName() : "neighbor " + peer.address()) + " ";
      if (in) {
        for (ReceivedRoutes.Entry entry : peer.received.all()) {
          if (isKind(entry.family(), words)) {
            lines.add(
                prefix + entry.family() + " " + (extensive ? entry.extensive() : entry.brief()));
          }
        }
      } else {
        for (Route route : peer.routes.all()) {
          if (isKind(route.familyName(), words)) {
            lines.add(prefix + route.familyName() + " "
                + (extensive ? route.extensive() : route.brief()));
          }
        }
      }
    }
    return lines;
  }

  private static boolean isKind(String family, List<String> words) {
    return words.contains("flow")
        ? family.contains("flow")
        : words.contains("l2vpn")
            ? family.startsWith("l2vpn")
            : !words.contains("inet") || !family.contains("flow") && !family.startsWith("l2vpn");
  }

  /** All neighbours, or the one whose address is among the words. */
  private static boolean isWanted(Peer peer, List<String> words, int from) {
    List<String> named = words.stream()
        .skip(from)
        .filter(word -> word.indexOf('.') > 0 || word.indexOf(':') >= 0)
        .toList();
    return named.isEmpty() || named.contains(peer.address());
  }
}
