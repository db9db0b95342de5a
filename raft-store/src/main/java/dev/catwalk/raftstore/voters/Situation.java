package dev.catwalk.raftstore.voters;

import dev.catwalk.raftstore.machine.Roster;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the member that leads knows.
 *
 * @param roster who is in the store
 * @param leader this member; it answers
 * @param settled whether no change of members is under way
 * @param nodes members and those that offer themselves, by name
 */
public record Situation(
    Roster roster, String leader, boolean settled, SortedMap<String, Node> nodes) {

  /**
   * One node.
   *
   * @param address host:port of its store; empty if it has offered none
   * @param labels null if it has not said them to this leader
   * @param answers whether it does now
   * @param sinceMs for how long that has been so, as far as this leader has seen
   * @param shunned whether it was chosen in vain not long ago
   */
  public record Node(
      String address,
      @Nullable SortedMap<String, String> labels,
      boolean answers,
      long sinceMs,
      boolean shunned) {
    public Node {
      labels = labels == null ? null : Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    }
  }

  public Situation {
    nodes = Collections.unmodifiableSortedMap(new TreeMap<>(nodes));
  }

  boolean answers(String name) {
    Node node = nodes.get(name);
    return name.equals(leader) || node != null && node.answers();
  }

  /** For how long it has answered; 0 if it does not. */
  long answeredMs(String name) {
    Node node = nodes.get(name);
    return node == null || !node.answers() ? 0 : node.sinceMs();
  }

  /** For how long it has not; 0 if it does. */
  long silentMs(String name) {
    Node node = nodes.get(name);
    return node == null || answers(name) ? 0 : node.sinceMs();
  }
}
