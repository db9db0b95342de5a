package dev.catwalk.bgp.fsm;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.Open;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is configured for one peering.
 *
 * @param localAs 1..2^32-1
 * @param localId our BGP Identifier, not 0
 * @param peerAs 1..2^32-1, or {@link #ANY_AS}
 * @param passive never dials
 * @param holdTime proposed, in seconds: 0 or 3..65535
 * @param keepalive in seconds, at most a third of the negotiated hold time is used; 0: that third
 * @param connectRetry seconds between attempts to connect, 1..65535
 * @param families offered, at least one
 * @param restart offered; null: none
 */
public record Settings(
    long localAs,
    int localId,
    long peerAs,
    boolean passive,
    int holdTime,
    int keepalive,
    int connectRetry,
    List<AfiSafi> families,
    Capability.@Nullable GracefulRestart restart) {
  /** For peers that may come with any AS number. */
  public static final long ANY_AS = 0;

  /** Without graceful restart. */
  public Settings(
      long localAs,
      int localId,
      long peerAs,
      boolean passive,
      int holdTime,
      int keepalive,
      int connectRetry,
      List<AfiSafi> families) {
    this(localAs, localId, peerAs, passive, holdTime, keepalive, connectRetry, families, null);
  }

  public Settings {
    assert localAs > 0 && localAs <= 0xffff_ffffL : localAs;
    assert localId != 0;
    assert peerAs >= 0 && peerAs <= 0xffff_ffffL : peerAs;
    assert holdTime == 0 || holdTime >= 3 && holdTime <= 0xffff : holdTime;
    assert keepalive >= 0 && connectRetry > 0 && connectRetry <= 0xffff;
    families = List.copyOf(families);
    assert !families.isEmpty();
  }

  /** The same with another offer of graceful restart. */
  public Settings with(Capability.@Nullable GracefulRestart offer) {
    return new Settings(
        localAs, localId, peerAs, passive, holdTime, keepalive, connectRetry, families, offer);
  }

  /** The OPEN that offers this. */
  public Open open() {
    return Open.of(localAs, holdTime, localId, families, restart);
  }
}
