package dev.catwalk.bgp.speaker;

import dev.catwalk.net.addr.IpAddress;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Callers from ranges: those that have no session yet, and those that left too soon. A speaker knows
 * nothing of them but their address, so that all it spends on one is bounded.
 */
final class Guests {
  /** So many may be without a session at once; a further one takes the place of the oldest. */
  static final int HALF_OPEN = 1024;

  /** Of so many addresses is known that they left too soon; then those are forgotten. */
  static final int REMEMBERED = 4096;

  /** A session that stayed that long was in earnest, and what was before it is forgotten. */
  static final long STEADY_MS = 60_000;

  private static final long WAIT_MS = 1_000;
  private static final long WAIT_LIMIT_MS = 30_000;

  private final TreeMap<Long, Peer> halfOpen = new TreeMap<>();
  private final TreeMap<IpAddress, Penance> penances = new TreeMap<>();

  /**
   * @param failures how often in a row it left too soon
   * @param leftMs when it did so last
   */
  private record Penance(int failures, long leftMs) {
    /** RFC 4271 §8.1.1, DampPeerOscillations: none the first time, then doubled. */
    long untilMs() {
      int doubled = Math.min(failures - 2, 16);
      return failures < 2 ? leftMs : leftMs + Math.min(WAIT_MS << doubled, WAIT_LIMIT_MS);
    }
  }

  /** Whether it need not wait any longer. */
  boolean admits(IpAddress address, long nowMs) {
    Penance penance = penances.get(address);
    return penance == null || nowMs >= penance.untilMs();
  }

  /** It was let in, and has no session yet. */
  void came(Peer peer) {
    halfOpen.put(peer.id, peer);
  }

  /** Its session is up, or it is gone: it is none of these any more. */
  void settled(Peer peer) {
    halfOpen.remove(peer.id);
  }

  /** The one that has waited longest, if there are too many or no room is left. */
  @Nullable
  Peer inTheWay(boolean room) {
    boolean crowded = !room || halfOpen.size() >= HALF_OPEN;
    return crowded && !halfOpen.isEmpty() ? halfOpen.firstEntry().getValue() : null;
  }

  /** It is forgotten. */
  void left(Peer peer, long nowMs) {
    IpAddress address = peer.config.address();
    if (peer.upMs != 0 && nowMs - peer.upMs >= STEADY_MS) {
      penances.remove(address);
      return;
    }
    Penance before = penances.get(address);
    int earlier = before == null || nowMs - before.leftMs >= STEADY_MS ? 0 : before.failures;
    if (before == null && penances.size() >= REMEMBERED) {
      forget(nowMs);
    }
    penances.put(address, new Penance(earlier + 1, nowMs));
  }

  /** Those that are over; all of them where none is. */
  private void forget(long nowMs) {
    penances.values().removeIf(p -> nowMs - p.leftMs >= STEADY_MS);
    if (penances.size() >= REMEMBERED) {
      penances.clear();
    }
  }
}
