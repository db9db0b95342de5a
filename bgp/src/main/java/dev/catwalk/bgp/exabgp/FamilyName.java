package dev.catwalk.bgp.exabgp;

import dev.catwalk.bgp.wire.AfiSafi;
import java.util.List;
import java.util.Optional;

/** ExaBGP's words for address families. */
final class FamilyName {
  static final int IPV4 = 1;
  static final int IPV6 = 2;
  static final int L2VPN = 25;
  static final int LINK_STATE = 16388;

  static final int UNICAST = 1;
  static final int MULTICAST = 2;
  static final int LABELLED = 4;
  static final int MCAST_VPN = 5;
  static final int VPLS = 65;
  static final int EVPN = 70;
  static final int LS = 71;
  static final int LS_VPN = 72;
  static final int SR_POLICY = 73;
  static final int MUP = 85;
  static final int VPN = 128;
  static final int RTC = 132;
  static final int FLOW = 133;
  static final int FLOW_VPN = 134;

  private record Name(int number, String text) {}

  private static final List<Name> AFIS = List.of(
      new Name(IPV4, "ipv4"),
      new Name(IPV6, "ipv6"),
      new Name(L2VPN, "l2vpn"),
      new Name(LINK_STATE, "bgp-ls"));

  private static final List<Name> SAFIS_OF_4 = List.of(
      new Name(UNICAST, "unicast"),
      new Name(MULTICAST, "multicast"),
      new Name(LABELLED, "nlri-mpls"),
      new Name(VPLS, "vpls"),
      new Name(EVPN, "evpn"),
      new Name(LS, "bgp-ls"),
      new Name(LS_VPN, "bgp-ls-vpn"),
      new Name(VPN, "mpls-vpn"),
      new Name(RTC, "rtc"),
      new Name(FLOW, "flow"),
      new Name(FLOW_VPN, "flow-vpn"));

  private static final List<Name> SAFIS_SINCE =
      List.of(new Name(MCAST_VPN, "mcast-vpn"), new Name(MUP, "mup"));

  private FamilyName() {}

  static String afi(int number) {
    return find(AFIS, number).orElse("unknown afi " + number);
  }

  static String safi(int number, JsonVersion version) {
    return find(SAFIS_OF_4, number)
        .or(() -> version == JsonVersion.V4 ? Optional.empty() : find(SAFIS_SINCE, number))
        .orElse("unknown safi " + number);
  }

  /** The two words, with {@code between} between them. */
  static String of(AfiSafi family, String between, JsonVersion version) {
    return afi(family.afi()) + between + safi(family.safi(), version);
  }

  /** The family of two words, {@code sr-policy} among them. */
  static Optional<AfiSafi> parse(String afi, String safi) {
    for (Name first : AFIS) {
      for (List<Name> names :
          List.of(SAFIS_OF_4, SAFIS_SINCE, List.of(new Name(SR_POLICY, "sr-policy")))) {
        for (Name second : names) {
          if (first.text.equals(afi) && second.text.equals(safi)) {
            return Optional.of(new AfiSafi(first.number, second.number));
          }
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> find(List<Name> names, int number) {
    return names.stream().filter(name -> name.number == number).map(Name::text).findFirst();
  }
}
