package dev.catwalk.acl.render;

import dev.catwalk.acl.render.ChainMemo.Part;
import java.util.ArrayList;
import java.util.List;

/** A chain in the making: numbers its rules by a running hash. */
final class ChainBuilder {
  /** What xt_comment holds, less the zero byte. */
  private static final int MAX_COMMENT = 255;

  private final String name;
  private final List<Part> parts = new ArrayList<>();

  ChainBuilder(String name) {
    assert name.length() <= 28 : name;
    this.name = name;
  }

  /**
   * Appends a rule.
   *
   * @param match as iptables takes it; empty matches all
   * @param target such as {@code -j DROP}
   * @param words why, for whoever reads the counters
   */
  void add(String match, String target, String words) {
    parts.add(new Part(match, target, words));
  }

  String name() {
    return name;
  }

  Rendered.Chain build(ChainMemo memo) {
    return memo.chain(name, parts);
  }

  static Rendered.Chain render(String name, List<Part> parts) {
    List<String> rules = new ArrayList<>();
    String hash = ContentHash.of(name);
    for (Part part : parts) {
      String head = part.match().isEmpty() ? "" : part.match() + " ";
      hash = ContentHash.of(hash + "\n" + head + part.target() + "\n" + part.words());
      String comment = "cw:" + hash + " " + part.words().replace("\"", "'");
      if (comment.length() > MAX_COMMENT) {
        comment = comment.substring(0, MAX_COMMENT);
      }
      rules.add(head + "-m comment --comment \"" + comment + "\" " + part.target());
    }
    return new Rendered.Chain(name, rules, hash);
  }
}
