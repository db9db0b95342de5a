package dev.catwalk.bgp.fsm;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.Open;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is configured for one peering.
 *
 * @param localAs 1..2^32-1
 * @param localId our BGP Identifier, not 0
 * @param peerAs 1..2^32-1, {@link #ANY_AS} or {@link #OTHER_AS}
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
    Capability.@Nullable GracefulRestart restart,
    Options options) {
  /**
   * What few peers need.
   *
   * @param offered capabilities beside those that every OPEN of ours has
   * @param strictRole whether a peer that says no role is refused (RFC 9234 §4.2)
   * @param sendHoldTime how long a peer may go without reading, in seconds; 0: 8 minutes or twice
   *     the hold time, whichever is more (RFC 9687 §6)
   * @param extendedParameters whether OPENs are in the extended form in any case (RFC 9072 §2)
   */
  public record Options(
      List<Capability> offered, boolean strictRole, int sendHoldTime, boolean extendedParameters) {
    public static final Options NONE = new Options(List.of(), false, 0);

    /** With OPENs in the plain form. */
    public Options(List<Capability> offered, boolean strictRole, int sendHoldTime) {
      this(offered, strictRole, sendHoldTime, false);
    }

    public Options {
      offered = List.copyOf(offered);
      assert sendHoldTime >= 0 && sendHoldTime <= 0xffff : sendHoldTime;
    }
  }

  /** For peers that may come with any AS number. */
  public static final long ANY_AS = 0;

  /** For peers that may come with any AS number but ours. */
  public static final long OTHER_AS = -1;

  /** Whether a peer may say that AS. */
  boolean admits(long as) {
    if (peerAs == OTHER_AS) {
      return as != localAs;
    }
    return peerAs == ANY_AS || peerAs == as;
  }

  /** The AS that is wanted, for people. */
  String wantedAs() {
    return peerAs == OTHER_AS ? "any but " + localAs : Long.toString(peerAs);
  }

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
    this(
        localAs,
        localId,
        peerAs,
        passive,
        holdTime,
        keepalive,
        connectRetry,
        families,
        null,
        Options.NONE);
  }

  public Settings {
    assert localAs > 0 && localAs <= 0xffff_ffffL : localAs;
    assert localId != 0;
    assert peerAs >= OTHER_AS && peerAs <= 0xffff_ffffL : peerAs;
    assert holdTime == 0 || holdTime >= 3 && holdTime <= 0xffff : holdTime;
    assert keepalive >= 0 && connectRetry > 0 && connectRetry <= 0xffff;
    families = List.copyOf(families);
    assert !families.isEmpty();
  }

  /** The same with another offer of graceful restart, and others beside it. */
  public Settings with(Capability.@Nullable GracefulRestart offer, Options others) {
    return new Settings(
        localAs,
        localId,
        peerAs,
        passive,
        holdTime,
        keepalive,
        connectRetry,
        families,
        offer,
        others);
  }

  /** The OPEN that offers this. */
  public Open open() {
    List<Capability> more = new ArrayList<>();
    if (restart != null) {
      more.add(restart);
    }
    more.addAll(options.offered());
    Open open = Open.offering(localAs, holdTime, localId, families, more);
    return options.extendedParameters() ? open.inExtendedForm() : open;
  }
}
