package dev.catwalk.bgp.exarun;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/** What the {@code show} commands answer, line by line. */
final class Views {
  /** So many characters: routes that share what was said of them are shown with all of it each. */
  static final int MOST_OF_AN_ANSWER = 64 << 20;

  private static final String MORE =
      "... and more: ask for one neighbor, for inet, flow or l2vpn, or without extensive";

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

  /**
   * At most {@link #MOST_OF_AN_ANSWER}; its last line says where there was more.
   *
   * @param words all of {@code show adj-rib in|out [ADDRESS] [inet|flow|l2vpn] [extensive]}
   */
  List<String> routes(List<String> words) {
    boolean in = words.contains("in") || words.contains("adj-rib-in");
    List<String> lines = new ArrayList<>();
    long room = MOST_OF_AN_ANSWER;
    for (Peer peer : peers) {
      if (!isWanted(peer, words, 2)) {
        continue;
      }
      Iterator<String> shown = (in ? received(peer, words) : told(peer, words)).iterator();
      while (shown.hasNext()) {
        String line = shown.next();
        room -= line.length();
        if (room < 0) {
          lines.add(MORE);
          return lines;
        }
        lines.add(line);
      }
    }
    return lines;
  }

  private static Stream<String> received(Peer peer, List<String> words) {
    boolean extensive = words.contains("extensive");
    String prefix = prefix(peer, extensive);
    return peer.received.all().stream()
        .filter(entry -> isKind(entry.family(), words))
        .map(entry ->
            prefix + entry.family() + " " + (extensive ? entry.extensive() : entry.brief()));
  }

  private static Stream<String> told(Peer peer, List<String> words) {
    boolean extensive = words.contains("extensive");
    String prefix = prefix(peer, extensive);
    return peer.routes.all().stream()
        .filter(route -> isKind(route.familyName(), words))
        .map(route ->
            prefix + route.familyName() + " " + (extensive ? route.extensive() : route.brief()));
  }

  private static String prefix(Peer peer, boolean extensive) {
    return (extensive ? peer.fullName() : "neighbor " + peer.address()) + " ";
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
