package dev.catwalk.acl.render;

import java.util.ArrayList;
import java.util.List;

/** A chain in the making: numbers its rules by a running hash. */
final class ChainBuilder {
  /** What xt_comment holds, less the zero byte. */
  private static final int MAX_COMMENT = 255;

  private final String name;
  private final List<String> rules = new ArrayList<>();
  private String hash;

  ChainBuilder(String name) {
    assert name.length() <= 28 : name;
    this.name = name;
    this.hash = ContentHash.of(name);
  }

  /**
   * Appends a rule.
   *
   * @param match as iptables takes it; empty matches all
   * @param target such as {@code -j DROP}
   * @param words why, for whoever reads the counters
   */
  void add(String match, String target, String words) {
    String head = match.isEmpty() ? "" : match + " ";
    hash = ContentHash.of(hash + "\n" + head + target + "\n" + words);
    String comment = "cw:" + hash + " " + words.replace("\"", "'");
    if (comment.length() > MAX_COMMENT) {
      comment = comment.substring(0, MAX_COMMENT);
    }
    rules.add(head + "-m comment --comment \"" + comment + "\" " + target);
  }

  String name() {
    return name;
  }

  Rendered.Chain build() {
    return new Rendered.Chain(name, rules, hash);
  }
}
