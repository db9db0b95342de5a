package dev.catwalk.bgp.exabgp;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.bgp.wire.AfiSafi;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an UPDATE says of one family: a JSON object for each route. */
final class NlriJson {
  private NlriJson() {}

  /**
   * @param nextHop as text; null for withdrawals and where a family has none
   * @param announced whether they are announced, not withdrawn
   */
  static List<ObjectNode> read(
      Cursor in,
      AfiSafi family,
      Neighbor neighbor,
      @Nullable String nextHop,
      boolean announced,
      JsonVersion version)
      throws MalformedException {
    boolean withPath = neighbor.addPath().contains(family);
    List<ObjectNode> routes = new ArrayList<>();
    while (in.hasMore()) {
      routes.add(one(in, family, withPath, nextHop, announced, version));
    }
    return routes;
  }

  private static ObjectNode one(
      Cursor in,
      AfiSafi family,
      boolean withPath,
      @Nullable String nextHop,
      boolean announced,
      JsonVersion version)
      throws MalformedException {
    return switch (family.safi()) {
      case FamilyName.UNICAST, FamilyName.MULTICAST, FamilyName.LABELLED, FamilyName.VPN ->
        PrefixNlri.read(in, family, withPath, announced);
      case FamilyName.FLOW, FamilyName.FLOW_VPN -> FlowNlri.read(in, family, nextHop, version);
      case FamilyName.EVPN -> EvpnNlri.read(in);
      case FamilyName.VPLS -> SmallNlri.vpls(in);
      case FamilyName.RTC -> SmallNlri.routeTarget(in);
      case FamilyName.SR_POLICY -> SmallNlri.policy(in, family.afi());
      case FamilyName.MCAST_VPN -> VpnMulticastNlri.read(in);
      case FamilyName.MUP -> MobileUserPlaneNlri.read(in, family.afi());
      case FamilyName.LS, FamilyName.LS_VPN -> LinkStateNlri.read(in, family, nextHop);
      default -> {
        String raw = in.hex();
        in.skip(in.left(), "routes");
        yield JsonNodeFactory.instance.objectNode().put("parsed", false).put("raw", raw);
      }
    };
  }
}
