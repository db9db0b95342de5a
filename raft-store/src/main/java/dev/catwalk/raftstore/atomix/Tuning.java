package dev.catwalk.raftstore.atomix;

import java.time.Duration;

/**
 * Sizes and times of one member.
 *
 * @param segmentBytes of a log file; has to hold the largest entry twice
 * @param snapshotBytes of log between two snapshots
 * @param format the newest {@link Format} that this member admits to know
 */
public record Tuning(
    int segmentBytes, long snapshotBytes, Duration heartbeat, Duration election, int format) {
  /** Several members over a network. */
  public static final Tuning CLUSTER =
      new Tuning(4 << 20, 8 << 20, Duration.ofMillis(300), Duration.ofMillis(800));

  /** Nobody to wait for. */
  public static final Tuning ALONE =
      new Tuning(4 << 20, 8 << 20, Duration.ofMillis(200), Duration.ofMillis(50));

  /** Sizes and times of this program's own format. */
  public Tuning(int segmentBytes, long snapshotBytes, Duration heartbeat, Duration election) {
    this(segmentBytes, snapshotBytes, heartbeat, election, Format.NEWEST);
  }

  /** The same of a member that knows no newer format, as one of an older program. */
  public Tuning knowing(int newest) {
    return new Tuning(segmentBytes, snapshotBytes, heartbeat, election, newest);
  }

  /** The same with files so small that an hour's snapshots and compactions fit into a minute. */
  public Tuning small() {
    return new Tuning(256 << 10, 192 << 10, heartbeat, election, format);
  }
}
