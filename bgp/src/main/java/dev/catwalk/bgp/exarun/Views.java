package dev.catwalk.bgp.exarun;

import dev.catwalk.bgp.exabgp.NeighborConfig;
import dev.catwalk.bgp.exabgp.ReceivedRoutes;
import dev.catwalk.bgp.exabgp.Route;
import dev.catwalk.bgp.fsm.State;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** What the {@code show} commands answer, line by line. */
final class Views {
  private final Collection<Peer> peers;

  Views(Collection<Peer> peers) {
    this.peers = peers;
  }

  /** @param words behind {@code show neighbor} */
  List<String> neighbors(List<String> words) {
    List<String> lines = new ArrayList<>();
    boolean summary = words.contains("summary");
    if (summary) {
      lines.add(String.format(
          Locale.ROOT, "%-15s %-9s %-12s %7s %7s", "Peer", "AS", "state", "#sent", "#recvd"));
    }
    for (Peer peer : peers) {
      if (!isWanted(peer, words, 0)) {
        continue;
      }
      if (summary) {
        lines.add(String.format(
            Locale.ROOT,
            "%-15s %-9d %-12s %7d %7d",
            peer.address(),
            peer.config.ends().peerAs(),
            state(peer),
            peer.messagesSent,
            peer.messagesReceived));
      } else {
        extensive(peer, lines);
      }
    }
    return lines;
  }

  private static String state(Peer peer) {
    return peer.peering.state() == State.ESTABLISHED
        ? "established"
        : peer.peering.state().name().toLowerCase(Locale.ROOT).replace("_", "");
  }

  private static void extensive(Peer peer, List<String> lines) {
    NeighborConfig.Ends ends = peer.config.ends();
    lines.add("Neighbor " + peer.address());
    lines.add("    Session                         Local");
    line(lines, "local", ends.local() == null ? "auto" : ends.local().toString());
    line(lines, "state", state(peer));
    line(lines, "description", peer.config.description());
    line(lines, "local AS", Long.toString(ends.localAs()));
    line(lines, "peer AS", Long.toString(ends.peerAs()));
    line(lines, "hold-time", Integer.toString(ends.holdTime()));
    line(lines, "routes", Integer.toString(peer.routes.all().size()));
    line(lines, "sent", Long.toString(peer.messagesSent));
    line(lines, "received", Long.toString(peer.messagesReceived));
    if (!peer.peering.lastError().isEmpty()) {
      line(lines, "last error", peer.peering.lastError());
    }
    lines.add("");
  }

  private static void line(List<String> lines, String name, String value) {
    lines.add(String.format(Locale.ROOT, "      %-14s %s", name + ":", value));
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
      String prefix = "neighbor " + peer.address() + " ";
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
            lines.add(
                prefix + route.familyName() + " " + (extensive ? route.said() : route.brief()));
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
