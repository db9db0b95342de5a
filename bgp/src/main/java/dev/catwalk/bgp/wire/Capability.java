package dev.catwalk.bgp.wire;

import java.util.List;

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
