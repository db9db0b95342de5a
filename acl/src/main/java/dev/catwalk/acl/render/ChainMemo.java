package dev.catwalk.acl.render;

import java.util.List;
import java.util.TreeMap;

/**
 * Chains as they were rendered last, so that one whose rules are the same is not hashed again: a pod
 * that comes or goes changes members of sets, and rules hardly ever. What is rendered does not depend
 * on it. Holds the chains of one rendering of each family; not for several threads.
 */
public final class ChainMemo {
  /** A rule before it has its comment. */
  record Part(String match, String target, String words) {}

  private record Built(List<Part> parts, Rendered.Chain chain) {}

  private TreeMap<String, Built> before = new TreeMap<>();
  private TreeMap<String, Built> now = new TreeMap<>();

  /** Ends a rendering: chains that it did not have are forgotten. */
  void end() {
    before = now;
    now = new TreeMap<>();
  }

  Rendered.Chain chain(String name, List<Part> parts) {
    Built known = before.get(name);
    Built built = known != null && known.parts.equals(parts)
        ? known
        : new Built(List.copyOf(parts), ChainBuilder.render(name, parts));
    now.put(name, built);
    return built.chain;
  }
}
