package dev.catwalk.raftstore.atomix;

import java.time.Duration;

/**
 * Sizes and times of one member.
 *
 * @param segmentBytes of a log file; has to hold the largest entry twice
 * @param snapshotBytes of log between two snapshots
 */
public record Tuning(int segmentBytes, long snapshotBytes, Duration heartbeat, Duration election) {
  /** Several members over a network. */
  public static final Tuning CLUSTER =
      new Tuning(4 << 20, 8 << 20, Duration.ofMillis(300), Duration.ofMillis(800));

  /** Nobody to wait for. */
  public static final Tuning ALONE =
      new Tuning(4 << 20, 8 << 20, Duration.ofMillis(200), Duration.ofMillis(50));

  /** The same with files so small that an hour's snapshots and compactions fit into a minute. */
  public Tuning small() {
    return new Tuning(256 << 10, 192 << 10, heartbeat, election);
  }
}
