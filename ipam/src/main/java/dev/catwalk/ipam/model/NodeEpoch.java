package dev.catwalk.ipam.model;

import java.util.Comparator;
import java.util.HexFormat;

/**
 * A node in one of its lives. The epoch is drawn when a node starts on an empty disk, so a node that
 * was deleted and made again under its old name owns nothing by name.
 *
 * @param node 1 to {@value #MAX_NODE} characters
 * @param epoch 64 random bits, not ordered
 */
public record NodeEpoch(String node, long epoch) implements Comparable<NodeEpoch> {
  public static final int MAX_NODE = 253;

  private static final Comparator<NodeEpoch> ORDER =
      Comparator.comparing(NodeEpoch::node).thenComparingLong(NodeEpoch::epoch);

  /**
   * @throws IllegalArgumentException with a sentence fit for a user
   */
  public NodeEpoch {
    Names.check("node name", node, MAX_NODE);
  }

  /** The epoch as 16 hex digits: how it is written everywhere. */
  public String epochText() {
    return epochText(epoch);
  }

  /** An epoch as 16 hex digits. */
  public static String epochText(long epoch) {
    return HexFormat.of().toHexDigits(epoch);
  }

  /**
   * Reads {@link #epochText(long)}.
   *
   * @throws IllegalArgumentException unless there are 16 hex digits
   */
  public static long parseEpoch(String text) {
    if (text.length() != 16) {
      throw new IllegalArgumentException("'" + text + "' is no epoch: want 16 hex digits");
    }
    return HexFormat.fromHexDigitsToLong(text);
  }

  @Override
  public int compareTo(NodeEpoch other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return node + " (epoch " + epochText() + ")";
  }
}
