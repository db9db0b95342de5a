package dev.catwalk.bgp.wire;

/** A capability that an OPEN advertises, RFC 5492. */
public sealed interface Capability {

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
