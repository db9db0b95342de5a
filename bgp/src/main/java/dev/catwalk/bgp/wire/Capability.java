package dev.catwalk.bgp.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A capability that an OPEN advertises, RFC 5492. */
public sealed interface Capability {

  /** How a family appears in {@link GracefulRestart}. */
  record Restarted(AfiSafi family, boolean forwarding) {}

  /** Capability code, 0..255. */
  int code();

  /** RFC 4760 §8: code 1. */
  record Multiprotocol(AfiSafi family) implements Capability {
    static final int CODE = 1;

    @Override
    public int code() {
      return CODE;
    }
  }

  /** RFC 2918 §2: code 2. */
  record Refresh() implements Capability {
    static final int CODE = 2;

    @Override
    public int code() {
      return CODE;
    }
  }

  /**
   * RFC 6793 §3: code 65.
   *
   * @param as the sender's AS number, 0..2^32-1
   */
  record FourByteAs(long as) implements Capability {
    static final int CODE = 65;

    public FourByteAs {
      assert as >= 0 && as <= 0xffff_ffffL : as;
    }

    @Override
    public int code() {
      return CODE;
    }
  }

  /**
   * RFC 4724 §3, with the N bit of RFC 8538 §2: code 64. The sender marks the end of its routes; it
   * comes back to the families listed and asks for its routes of them to be kept meanwhile.
   *
   * @param restarting R: the sender has just restarted, do not wait for its End-of-RIB
   * @param notification N: a NOTIFICATION that is no Hard Reset ends the session only, not the routes
   * @param restartTime how long it takes the sender to come back, in seconds, 0..4095
   * @param families the sender's; {@code forwarding}: its forwarding state outlived the restart
   */
  record GracefulRestart(
      boolean restarting, boolean notification, int restartTime, List<Restarted> families)
      implements Capability {
    static final int CODE = 64;
    public static final int MAX_RESTART_TIME = 0xfff;

    public GracefulRestart {
      assert restartTime >= 0 && restartTime <= MAX_RESTART_TIME : restartTime;
      families = List.copyOf(families);
      assert families.size() <= 63 : "a capability has at most 255 octets";
    }

    @Override
    public int code() {
      return CODE;
    }

    public boolean has(AfiSafi family) {
      return families.stream().anyMatch(f -> f.family().equals(family));
    }

    /** Whether the sender still forwards by that family's routes from before its restart. */
    public boolean forwards(AfiSafi family) {
      return families.contains(new Restarted(family, true));
    }
  }

  /** RFC 8654 §3: code 6. Messages of up to 65535 octets, but for OPEN and KEEPALIVE. */
  record ExtendedMessage() implements Capability {
    static final int CODE = 6;

    @Override
    public int code() {
      return CODE;
    }
  }

  /** RFC 7313 §3.1: code 70. Refreshes are marked at their begin and at their end. */
  record EnhancedRefresh() implements Capability {
    static final int CODE = 70;

    @Override
    public int code() {
      return CODE;
    }
  }

  /** RFC 8950 §4: prefixes of {@code family} may have next hops of {@code nextHopAfi}. */
  record NextHopEncoding(AfiSafi family, int nextHopAfi) {
    public NextHopEncoding {
      assert nextHopAfi >= 0 && nextHopAfi <= 0xffff : nextHopAfi;
    }
  }

  /** RFC 8950 §4: code 5. */
  record ExtendedNextHop(List<NextHopEncoding> encodings) implements Capability {
    static final int CODE = 5;
    private static final NextHopEncoding IPV4_OVER_IPV6 =
        new NextHopEncoding(AfiSafi.IPV4_UNICAST, 2);

    /** IPv4 unicast routes with IPv6 next hops. */
    public static final ExtendedNextHop IPV4 = new ExtendedNextHop(List.of(IPV4_OVER_IPV6));

    public ExtendedNextHop {
      encodings = List.copyOf(encodings);
      assert encodings.size() <= 42 : "a capability has at most 255 octets";
    }

    @Override
    public int code() {
      return CODE;
    }

    public boolean hasIpv4OverIpv6() {
      return encodings.contains(IPV4_OVER_IPV6);
    }
  }

  /** RFC 7911 §4: the sender takes several paths of a prefix, or has them to send, or both. */
  record Paths(AfiSafi family, boolean receives, boolean sends) {
    public Paths {
      assert receives || sends;
    }
  }

  /** RFC 7911 §4: code 69. */
  record AddPath(List<Paths> families) implements Capability {
    static final int CODE = 69;

    public AddPath {
      families = List.copyOf(families);
      assert families.size() <= 63 : "a capability has at most 255 octets";
    }

    @Override
    public int code() {
      return CODE;
    }

    /** What it says last of that family; null: nothing. */
    public @Nullable Paths of(AfiSafi family) {
      Paths last = null;
      for (Paths paths : families) {
        last = paths.family().equals(family) ? paths : last;
      }
      return last;
    }
  }

  /**
   * RFC 9234 §4.1: code 9.
   *
   * @param value what the sender is to its peer, as {@link Relation} numbers it; 0..255
   */
  record Role(int value) implements Capability {
    static final int CODE = 9;

    public Role {
      assert value >= 0 && value <= 255 : value;
    }

    @Override
    public int code() {
      return CODE;
    }
  }

  /**
   * How a family appears in {@link LongLived}.
   *
   * @param staleTime how long its routes may be kept, in seconds, 0..2^24-1
   */
  record Kept(AfiSafi family, boolean forwarding, int staleTime) {
    public Kept {
      assert staleTime >= 0 && staleTime <= LongLived.MAX_STALE_TIME : staleTime;
    }
  }

  /** RFC 9494 §4.1: code 71; without {@link GracefulRestart} it is ignored. */
  record LongLived(List<Kept> families) implements Capability {
    static final int CODE = 71;
    public static final int MAX_STALE_TIME = 0xff_ffff;

    public LongLived {
      families = List.copyOf(families);
      assert families.size() <= 36 : "a capability has at most 255 octets";
    }

    @Override
    public int code() {
      return CODE;
    }

    /** What it says of that family; null: nothing. */
    public @Nullable Kept of(AfiSafi family) {
      for (Kept kept : families) {
        if (kept.family().equals(family)) {
          return kept;
        }
      }
      return null;
    }
  }

  /**
   * One that this speaker does not know, or whose known value could not be read (RFC 5492 §5: what
   * is not understood is ignored).
   *
   * @param value at most 255 octets
   */
  record Unrecognised(int code, Octets value) implements Capability {
    public Unrecognised {
      assert code >= 0 && code <= 255 && value.length() <= 255 : code;
    }
  }
}
