package dev.catwalk.bgp.mrt;

/**
 * What every record begins with, RFC 6396 §2.
 *
 * @param seconds since 1970
 * @param type {@link #TABLE_DUMP} and so on
 * @param length octets that follow, 0..{@link #LARGEST}
 */
public record MrtHeader(long seconds, int type, int subtype, int length) {
  public static final int OCTETS = 12;

  /** A record of all peers' routes to one prefix needs less; RFC 6396 sets no bound. */
  public static final int LARGEST = 1 << 24;

  /** Deprecated by RFC 6396 (appendix B.2), as collectors wrote it until 2001. */
  public static final int BGP = 5;

  public static final int TABLE_DUMP = 12;
  public static final int TABLE_DUMP_V2 = 13;
  public static final int BGP4MP = 16;
  public static final int BGP4MP_ET = 17;

  /** {@code octets}: 12. */
  public static MrtHeader decode(byte[] octets) throws MrtException {
    Span in = new Span(octets, 0, OCTETS);
    long seconds = in.u32("Timestamp");
    MrtHeader header =
        new MrtHeader(seconds, in.u16("Type"), in.u16("Subtype"), (int) in.u32("Length"));
    if (header.length < 0 || header.length > LARGEST) {
      throw new MrtException("a record of " + (header.length & 0xffff_ffffL)
          + " octets; this is no MRT file, or it is damaged before here");
    }
    return header;
  }

  /** {@code BGP4MP_ET}; a number where it has no name here. */
  public String typeName() {
    return switch (type) {
      case BGP -> "BGP";
      case TABLE_DUMP -> "TABLE_DUMP";
      case TABLE_DUMP_V2 -> "TABLE_DUMP_V2";
      case BGP4MP -> "BGP4MP";
      case BGP4MP_ET -> "BGP4MP_ET";
      default -> Integer.toString(type);
    };
  }
}
