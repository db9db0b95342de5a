package dev.catwalk.bgp.wire;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * OPEN, RFC 4271 §4.2.
 *
 * @param myAs the two-octet field, 1..65535; {@link #AS_TRANS} where the number needs four octets
 * @param holdTime in seconds: 0 (no timer) or 3..65535
 * @param bgpId the BGP Identifier, not 0 (RFC 6286 §2.1); compare unsigned
 * @param extended whether its parameters are in the extended form though they would fit into the
 *     other (RFC 9072 §2)
 */
public record Open(
    int myAs, int holdTime, int bgpId, List<Capability> capabilities, boolean extended)
    implements Message {
  /** RFC 6793 §9. */
  public static final int AS_TRANS = 23456;

  /** In the form of RFC 4271 as long as it fits. */
  public Open(int myAs, int holdTime, int bgpId, List<Capability> capabilities) {
    this(myAs, holdTime, bgpId, capabilities, false);
  }

  public Open {
    assert myAs > 0 && myAs <= 0xffff : myAs;
    assert holdTime == 0 || holdTime >= 3 && holdTime <= 0xffff : holdTime;
    assert bgpId != 0;
    capabilities = List.copyOf(capabilities);
  }

  /** What this speaker says: the AS in both places, the capabilities that it has. */
  public static Open of(long as, int holdTime, int bgpId, List<AfiSafi> families) {
    return offering(as, holdTime, bgpId, families, List.of());
  }

  /** As above, with graceful restart where there is one. */
  public static Open of(
      long as,
      int holdTime,
      int bgpId,
      List<AfiSafi> families,
      Capability.@Nullable GracefulRestart restart) {
    return offering(as, holdTime, bgpId, families, restart == null ? List.of() : List.of(restart));
  }

  /** As above, with {@code more} behind the capabilities that every OPEN of ours has. */
  public static Open offering(
      long as, int holdTime, int bgpId, List<AfiSafi> families, List<Capability> more) {
    List<Capability> capabilities = new ArrayList<>();
    for (AfiSafi family : families) {
      capabilities.add(new Capability.Multiprotocol(family));
    }
    capabilities.add(new Capability.Refresh());
    capabilities.add(new Capability.FourByteAs(as));
    capabilities.addAll(more);
    return new Open(as > 0xffff ? AS_TRANS : (int) as, holdTime, bgpId, capabilities);
  }

  /** The same with its parameters in the extended form. */
  public Open inExtendedForm() {
    return new Open(myAs, holdTime, bgpId, capabilities, true);
  }

  /** The sender's AS number: from the four-octet capability (the last one) where there is one. */
  public long as() {
    long as = myAs;
    for (Capability capability : capabilities) {
      if (capability instanceof Capability.FourByteAs four) {
        as = four.as();
      }
    }
    return as;
  }

  public boolean hasFourByteAs() {
    return last(Capability.FourByteAs.class) != null;
  }

  public boolean hasRefresh() {
    return last(Capability.Refresh.class) != null;
  }

  /** The last one, as RFC 4724 §3 has it; null where there is none. */
  public Capability.@Nullable GracefulRestart restart() {
    return last(Capability.GracefulRestart.class);
  }

  /** The last capability of that kind; null where there is none. */
  public <T extends Capability> @Nullable T last(Class<T> kind) {
    T last = null;
    for (Capability capability : capabilities) {
      if (kind.isInstance(capability)) {
        last = kind.cast(capability);
      }
    }
    return last;
  }

  /** Whether both sides have it. */
  static boolean both(Open ours, Open theirs, Class<? extends Capability> kind) {
    return ours.last(kind) != null && theirs.last(kind) != null;
  }

  /** RFC 8654 §4: the largest message of a session, in octets. */
  static int messageLimit(Open ours, Open theirs) {
    return both(ours, theirs, Capability.ExtendedMessage.class)
        ? Wire.EXTENDED_MESSAGE_LIMIT
        : Wire.MESSAGE_LIMIT;
  }

  /** RFC 7911 §4: families in which prefixes from {@code sender} come with path identifiers. */
  static List<AfiSafi> addPath(Open sender, Open receiver) {
    Capability.AddPath sends = sender.last(Capability.AddPath.class);
    Capability.AddPath receives = receiver.last(Capability.AddPath.class);
    if (sends == null || receives == null) {
      return List.of();
    }
    List<AfiSafi> families = new ArrayList<>();
    for (AfiSafi family : sender.families()) {
      Capability.Paths from = sends.of(family);
      Capability.Paths to = receives.of(family);
      if (from != null && from.sends() && to != null && to.receives()) {
        families.add(family);
      }
    }
    return families;
  }

  /**
   * The families of the multiprotocol capabilities in their order, each once; IPv4 unicast alone
   * where there is no such capability (RFC 4760 §8, RFC 4271).
   */
  public List<AfiSafi> families() {
    List<AfiSafi> families = capabilities.stream()
        .filter(c -> c instanceof Capability.Multiprotocol)
        .map(c -> ((Capability.Multiprotocol) c).family())
        .distinct()
        .toList();
    return families.isEmpty() ? List.of(AfiSafi.IPV4_UNICAST) : families;
  }
}
