package dev.catwalk.bgp.bfd;

/**
 * What is wanted of a session.
 *
 * @param intervalMs between datagrams, sent and received, 10..60000; the slower side decides
 * @param multiplier how many in a row may be lost, 2..50
 * @param multihop whether the peer may be several hops away (RFC 5883)
 */
public record BfdSettings(int intervalMs, int multiplier, boolean multihop) {
  public static final int LEAST_INTERVAL_MS = 10;
  public static final int MOST_INTERVAL_MS = 60_000;
  public static final int LEAST_MULTIPLIER = 2;
  public static final int MOST_MULTIPLIER = 50;

  /** 300 ms, three of them, one hop. */
  public static final BfdSettings STANDARD = new BfdSettings(300, 3, false);

  public BfdSettings {
    assert intervalMs >= LEAST_INTERVAL_MS && intervalMs <= MOST_INTERVAL_MS : intervalMs;
    assert multiplier >= LEAST_MULTIPLIER && multiplier <= MOST_MULTIPLIER : multiplier;
  }
}
