package dev.catwalk.bgp.speaker;

import dev.catwalk.net.addr.Family;
import java.util.List;

/**
 * What the owner knows of the speaker's earlier life when he starts it (RFC 4724 §4.1).
 *
 * @param restarting whether there was one that peers may still keep routes of: it sets the R bit,
 *     and End-of-RIB waits until the owner has said what he originates
 * @param preserved the families whose forwarding state, the kernel's routes, is still as that life
 *     left it: the F bits. True to fact, or packets are lost
 * @param peersToCome whether peers are still to be named by {@code Reconfigure}: until then nobody
 *     is complete
 * @param forwardsLater whether the owner will say {@code Forwards}: until then nobody outside our AS
 *     is told what others told us
 */
public record Restart(
    boolean restarting, List<Family> preserved, boolean peersToCome, boolean forwardsLater) {

  /** The first start after boot, with all peers named. */
  public static final Restart NONE = new Restart(false, List.of(), false);

  /** Of an owner who forwards for nobody but himself, or at once. */
  public Restart(boolean restarting, List<Family> preserved, boolean peersToCome) {
    this(restarting, preserved, peersToCome, false);
  }

  public Restart {
    preserved = List.copyOf(preserved);
  }
}
