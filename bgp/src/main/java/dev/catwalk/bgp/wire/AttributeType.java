package dev.catwalk.bgp.wire;

/** Type codes and flag bits of path attributes, RFC 4271 §4.3 and the registry that grew from it. */
final class AttributeType {
  static final int OPTIONAL = 0x80;
  static final int TRANSITIVE = 0x40;
  static final int PARTIAL = 0x20;
  static final int EXTENDED_LENGTH = 0x10;

  static final int ORIGIN = 1;
  static final int AS_PATH = 2;
  static final int NEXT_HOP = 3;
  static final int MED = 4;
  static final int LOCAL_PREF = 5;
  static final int ATOMIC_AGGREGATE = 6;
  static final int AGGREGATOR = 7;
  static final int COMMUNITIES = 8;
  static final int ORIGINATOR_ID = 9;
  static final int CLUSTER_LIST = 10;
  static final int MP_REACH_NLRI = 14;
  static final int MP_UNREACH_NLRI = 15;
  static final int EXTENDED_COMMUNITIES = 16;
  static final int AS4_PATH = 17;
  static final int AS4_AGGREGATOR = 18;
  static final int PMSI_TUNNEL = 22;
  static final int TUNNEL_ENCAPSULATION = 23;
  static final int IPV6_EXTENDED_COMMUNITIES = 25;
  static final int AIGP = 26;
  static final int LARGE_COMMUNITIES = 32;
  static final int ONLY_TO_CUSTOMER = 35;
  static final int PREFIX_SID = 40;

  private AttributeType() {}

  /** The Optional and Transitive bits that its RFC demands of {@code type}; -1: unknown here. */
  static int shape(int type) {
    return switch (type) {
      case ORIGIN, AS_PATH, NEXT_HOP, LOCAL_PREF, ATOMIC_AGGREGATE -> TRANSITIVE;
      case MED, ORIGINATOR_ID, CLUSTER_LIST, MP_REACH_NLRI, MP_UNREACH_NLRI -> OPTIONAL;
      case AGGREGATOR,
          COMMUNITIES,
          EXTENDED_COMMUNITIES,
          AS4_PATH,
          AS4_AGGREGATOR,
          PMSI_TUNNEL,
          TUNNEL_ENCAPSULATION,
          IPV6_EXTENDED_COMMUNITIES,
          LARGE_COMMUNITIES,
          ONLY_TO_CUSTOMER,
          PREFIX_SID -> OPTIONAL | TRANSITIVE;
      default -> -1;
    };
  }
}
