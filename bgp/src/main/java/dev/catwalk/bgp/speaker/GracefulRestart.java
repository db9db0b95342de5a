package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.wire.Capability;

/**
 * Graceful restart with one peer (RFC 4724): it keeps our routes while we are away, we keep its.
 *
 * @param enabled whether it is offered at all
 * @param restartTime how long we ask the peer to wait for our coming back, in seconds, 1..4095
 * @param staleTime how long we keep routes of a peer whose session fell, at most, in seconds,
 *     1..86400; the peer's own restart time may end it earlier
 */
public record GracefulRestart(boolean enabled, int restartTime, int staleTime) {
  public static final int MAX_STALE_TIME = 86_400;

  public static final GracefulRestart OFF = new GracefulRestart(false, 120, 360);

  /** What peers get that say nothing else. */
  public static final GracefulRestart STANDARD = new GracefulRestart(true, 120, 360);

  public GracefulRestart {
    assert restartTime >= 1 && restartTime <= Capability.GracefulRestart.MAX_RESTART_TIME;
    assert staleTime >= 1 && staleTime <= MAX_STALE_TIME : staleTime;
  }
}
