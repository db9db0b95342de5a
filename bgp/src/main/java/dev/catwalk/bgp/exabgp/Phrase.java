package dev.catwalk.bgp.exabgp;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The words of a command, which its routes share. */
final class Phrase {
  private final String text;
  private @Nullable String beside;

  Phrase(String text) {
    this.text = text;
  }

  /** All of it, as it was said. */
  String text() {
    return text;
  }

  /** What it says of each of its prefixes beside the prefix and the next hop; or empty. */
  String beside() {
    if (beside == null) {
      List<String> words = new ArrayList<>(List.of(text.strip().split("\\s+")));
      int list = words.indexOf("nlri");
      if (list >= 0) { // of several that were said at once
        words.subList(list, words.size()).clear();
      } else {
        words.removeFirst();
      }
      int hop = words.indexOf("next-hop");
      if (hop >= 0) {
        words.subList(hop, Math.min(hop + 2, words.size())).clear();
      }
      beside = String.join(" ", words);
    }
    return beside;
  }
}
