package dev.catwalk.bgp.exabgp;

import java.util.List;
import java.util.Optional;

/** The components of a flow rule (RFC 8955 §4.2, RFC 8956 §3) with ExaBGP's names for their values. */
enum FlowComponent {
  DESTINATION(1, "destination", Kind.PREFIX, 0),
  SOURCE(2, "source", Kind.PREFIX, 0),
  PROTOCOL(3, "protocol", Kind.NUMBER, 1),
  PORT(4, "port", Kind.NUMBER, 2),
  DESTINATION_PORT(5, "destination-port", Kind.NUMBER, 2),
  SOURCE_PORT(6, "source-port", Kind.NUMBER, 2),
  ICMP_TYPE(7, "icmp-type", Kind.NUMBER, 1),
  ICMP_CODE(8, "icmp-code", Kind.NUMBER, 1),
  TCP_FLAGS(9, "tcp-flags", Kind.BITS, 2),
  PACKET_LENGTH(10, "packet-length", Kind.NUMBER, 2),
  DSCP(11, "dscp", Kind.NUMBER, 1),
  FRAGMENT(12, "fragment", Kind.BITS, 2),
  FLOW_LABEL(13, "flow-label", Kind.NUMBER, 4);

  enum Kind {
    PREFIX,
    NUMBER,
    BITS
  }

  record Named(int value, String name) {}

  private static final List<Named> PROTOCOLS = List.of(
      new Named(1, "icmp"),
      new Named(2, "igmp"),
      new Named(6, "tcp"),
      new Named(8, "egp"),
      new Named(17, "udp"),
      new Named(46, "rsvp"),
      new Named(47, "gre"),
      new Named(50, "esp"),
      new Named(51, "ah"),
      new Named(89, "ospf"),
      new Named(94, "ipip"),
      new Named(103, "pim"),
      new Named(132, "sctp"));

  private static final List<Named> ICMP_TYPES = List.of(
      new Named(0, "echo-reply"),
      new Named(3, "unreachable"),
      new Named(4, "source-quench"),
      new Named(5, "redirect"),
      new Named(8, "echo-request"),
      new Named(9, "router-advertisement"),
      new Named(10, "router-solicit"),
      new Named(11, "time-exceeded"),
      new Named(12, "parameter-problem"),
      new Named(13, "timestamp"),
      new Named(14, "timestamp-reply"),
      new Named(15, "info-request"),
      new Named(16, "info-reply"),
      new Named(17, "mask-request"),
      new Named(18, "mask-reply"),
      new Named(30, "traceroute"),
      new Named(41, "experimental-mobility"),
      new Named(42, "extended-echo-request"),
      new Named(43, "extended-echo-reply"),
      new Named(253, "experimental-one"),
      new Named(254, "experimental-two"));

  /** What a code means depends on the type: they are read, and written as numbers. */
  private static final List<Named> ICMP_CODES = List.of(
      new Named(0, "network-unreachable"),
      new Named(1, "host-unreachable"),
      new Named(2, "protocol-unreachable"),
      new Named(3, "port-unreachable"),
      new Named(4, "fragmentation-needed"),
      new Named(5, "source-route-failed"),
      new Named(6, "network-unknown"),
      new Named(6, "destination-network-unknown"),
      new Named(7, "host-unknown"),
      new Named(7, "destination-host-unknown"),
      new Named(8, "source-host-isolated"),
      new Named(9, "destination-network-prohibited"),
      new Named(10, "destination-host-prohibited"),
      new Named(11, "network-unreachable-for-tos"),
      new Named(12, "host-unreachable-for-tos"),
      new Named(13, "communication-prohibited-by-filtering"),
      new Named(14, "host-precedence-violation"),
      new Named(15, "precedence-cutoff-in-effect"),
      new Named(0, "redirect-for-network"),
      new Named(1, "redirect-for-host"),
      new Named(2, "redirect-for-tos-and-net"),
      new Named(3, "redirect-for-tos-and-host"),
      new Named(0, "ttl-eq-zero-during-transit"),
      new Named(1, "ttl-eq-zero-during-reassembly"),
      new Named(2, "ip-header-bad"),
      new Named(1, "required-option-missing"));

  private static final List<Named> FLAGS_OF_TCP = List.of(
      new Named(0x01, "fin"),
      new Named(0x02, "syn"),
      new Named(0x04, "rst"),
      new Named(0x08, "push"),
      new Named(0x10, "ack"),
      new Named(0x20, "urg"),
      new Named(0x40, "ece"),
      new Named(0x80, "cwr"),
      new Named(0x100, "ns"));

  private static final List<Named> FRAGMENTS = List.of(
      new Named(0x01, "dont-fragment"),
      new Named(0x02, "is-fragment"),
      new Named(0x04, "first-fragment"),
      new Named(0x08, "last-fragment"));

  private static final long MOST_CODE_POINT = 63;
  private static final long MOST_CLASS = 255;
  private static final long MOST_LABEL = 0xfffff;

  static final String NO_FRAGMENT = "not-a-fragment";

  private final int code;
  private final String word;
  private final Kind kind;
  private final int mostOctets;

  FlowComponent(int code, String word, Kind kind, int mostOctets) {
    this.code = code;
    this.word = word;
    this.kind = kind;
    this.mostOctets = mostOctets;
  }

  static Optional<FlowComponent> of(int code, int afi) {
    boolean there =
        code >= 1 && code <= values().length && (code != FLOW_LABEL.code || afi == FamilyName.IPV6);
    return there ? Optional.of(values()[code - 1]) : Optional.empty();
  }

  int code() {
    return code;
  }

  Kind kind() {
    return kind;
  }

  /**
   * The largest value that the packet's field has room for.
   *
   * @param name as it was said: a DSCP is six bits of an IPv6 packet's traffic class
   */
  long most(String name) {
    return switch (this) {
      case DSCP -> name.equals(word) ? MOST_CODE_POINT : MOST_CLASS;
      case FLOW_LABEL -> MOST_LABEL;
      default -> 0xffffffffL;
    };
  }

  /** How long a value can be that is written. */
  int mostOctets() {
    return mostOctets;
  }

  /** Its name in rules of that family. */
  String name(int afi) {
    boolean six = afi == FamilyName.IPV6;
    return switch (this) {
      case DESTINATION, SOURCE -> word + (six ? "-ipv6" : "-ipv4");
      case PROTOCOL -> six ? "next-header" : word;
      case DSCP -> six ? "traffic-class" : word;
      default -> word;
    };
  }

  /** The values that have a name, in the order in which they are written. */
  List<Named> names() {
    return switch (this) {
      case PROTOCOL -> PROTOCOLS;
      case ICMP_TYPE -> ICMP_TYPES;
      case TCP_FLAGS -> FLAGS_OF_TCP;
      case FRAGMENT -> FRAGMENTS;
      default -> List.of();
    };
  }

  /** The value that a rule may use that name for, in lower case. */
  Optional<Integer> value(String name) {
    return switch (this) {
      case ICMP_CODE -> find(ICMP_CODES, name);
      case PORT, DESTINATION_PORT, SOURCE_PORT -> PortNames.find(name);
      default -> find(names(), name);
    };
  }

  private static Optional<Integer> find(List<Named> names, String name) {
    return names.stream().filter(one -> one.name.equals(name)).findFirst().map(Named::value);
  }

  /** A value as ExaBGP 4 has it: it says so where it has no name. */
  String textOfOld(long value) {
    boolean nameless = (this == PROTOCOL || this == ICMP_TYPE)
        && names().stream().noneMatch(named -> named.value == value);
    return nameless
        ? "unknown " + (this == PROTOCOL ? "protocol" : "icmp type") + " type " + value
        : text(value);
  }

  /** A value, or a set of bits, in words. */
  String text(long value) {
    if (this == FRAGMENT && value == 0) {
      return NO_FRAGMENT;
    }
    if (kind != Kind.BITS) {
      return names().stream()
          .filter(named -> named.value == value)
          .findFirst()
          .map(Named::name)
          .orElse(Long.toString(value));
    }
    StringBuilder text = new StringBuilder();
    long rest = value;
    for (Named bit : names()) {
      if ((value & bit.value) != 0) {
        text.append(text.isEmpty() ? "" : "+").append(bit.name);
        rest &= ~bit.value;
      }
    }
    return rest == 0 ? text.toString() : "0x" + Long.toHexString(value);
  }
}
