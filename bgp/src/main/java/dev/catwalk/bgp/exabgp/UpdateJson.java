package dev.catwalk.bgp.exabgp;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.bgp.wire.AfiSafi;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The body of an UPDATE: attributes, what is announced by family and next hop, what is withdrawn. */
final class UpdateJson {
  private static final int EXTENDED_LENGTH = 0x10;
  private static final int NEXT_HOP = 3;
  private static final int MP_REACH = 14;
  private static final int MP_UNREACH = 15;
  private static final String NO_NEXT_HOP = "no-nexthop";

  private final Neighbor neighbor;
  private final JsonVersion version;
  private final ObjectNode announced = JsonNodeFactory.instance.objectNode();
  private final ObjectNode withdrawn = JsonNodeFactory.instance.objectNode();
  private final AttributesJson attributes;
  private final SortedSet<Integer> seen = new TreeSet<>();
  private String nextHop = NO_NEXT_HOP;
  private @Nullable AfiSafi emptied;

  private UpdateJson(Neighbor neighbor, JsonVersion version) {
    this.neighbor = neighbor;
    this.version = version;
    this.attributes = new AttributesJson(neighbor, version);
  }

  /** @return the member {@code message}: of an {@code update}, or of an {@code eor} */
  static ObjectNode read(Cursor body, Neighbor neighbor, JsonVersion version)
      throws MalformedException {
    return new UpdateJson(neighbor, version).read(body);
  }

  private ObjectNode read(Cursor body) throws MalformedException {
    Cursor gone = body.slice(body.u16("Withdrawn Routes Length"), "withdrawn routes");
    Cursor section = body.slice(body.u16("Total Path Attribute Length"), "path attributes");
    boolean bare = !gone.hasMore() && !section.hasMore() && !body.hasMore();
    withdraw(gone, AfiSafi.IPV4_UNICAST);
    while (section.hasMore()) {
      attribute(section);
    }
    announce(body, AfiSafi.IPV4_UNICAST, List.of(nextHop));
    AfiSafi ended = bare ? AfiSafi.IPV4_UNICAST : emptied;
    ObjectNode message = JsonNodeFactory.instance.objectNode();
    if (ended != null && announced.isEmpty() && withdrawn.isEmpty()) {
      message
          .putObject("eor")
          .put("afi", FamilyName.afi(ended.afi()))
          .put("safi", FamilyName.safi(ended.safi(), version));
      return message;
    }
    ObjectNode update = message.putObject("update");
    for (Section part : List.of(
        new Section("attribute", attributes.finish()),
        new Section("announce", announced),
        new Section("withdraw", withdrawn))) {
      if (!part.json.isEmpty()) {
        update.set(part.name, part.json);
      }
    }
    return message;
  }

  private record Section(String name, ObjectNode json) {}

  private void attribute(Cursor section) throws MalformedException {
    int flags = section.u8("attribute flags");
    int type = section.u8("attribute type");
    int length = (flags & EXTENDED_LENGTH) != 0
        ? section.u16("attribute length")
        : section.u8("attribute length");
    Cursor value = section.slice(length, "attribute " + type);
    if (!seen.add(type)) {
      return; // RFC 7606 §3 g: the first counts
    }
    switch (type) {
      case NEXT_HOP -> nextHop = Text.address(value.address(value.left(), "NEXT_HOP"));
      case MP_REACH -> reach(value);
      case MP_UNREACH -> unreach(value);
      default -> attributes.add(flags, type, value);
    }
  }

  private void reach(Cursor in) throws MalformedException {
    AfiSafi family = new AfiSafi(in.u16("AFI"), in.u8("SAFI"));
    Cursor hops = in.slice(in.u8("length of the next hop"), "next hop");
    List<String> nextHops = nextHops(hops, family);
    in.skip(1, "what is reserved");
    announce(in, family, nextHops);
  }

  /** One, or an address and a link-local one, each behind a route distinguisher where the family has them. */
  private static List<String> nextHops(Cursor in, AfiSafi family) throws MalformedException {
    boolean vpn = family.safi() == FamilyName.VPN || family.safi() == FamilyName.LS_VPN;
    int distinguisher = vpn && (in.left() == 12 || in.left() % 24 == 0) ? 8 : 0;
    int octets = in.left() <= 12 ? 4 : 16;
    List<String> hops = new ArrayList<>();
    while (in.hasMore()) {
      in.skip(distinguisher, "route distinguisher of the next hop");
      hops.add(Text.address(in.address(octets, "next hop")));
    }
    return hops.isEmpty() ? List.of(NO_NEXT_HOP) : hops;
  }

  private void announce(Cursor in, AfiSafi family, List<String> nextHops)
      throws MalformedException {
    if (!in.hasMore()) {
      return;
    }
    String shown = nextHops.getFirst().equals(NO_NEXT_HOP) ? null : nextHops.getFirst();
    List<ObjectNode> routes = NlriJson.read(in, family, neighbor, shown, true, version);
    String name = FamilyName.of(family, " ", version);
    ObjectNode byHop =
        announced.has(name) ? (ObjectNode) announced.get(name) : announced.putObject(name);
    for (String hop : nextHops) {
      ArrayNode list = byHop.has(hop) ? (ArrayNode) byHop.get(hop) : byHop.putArray(hop);
      list.addAll(routes);
    }
  }

  private void unreach(Cursor in) throws MalformedException {
    AfiSafi family = new AfiSafi(in.u16("AFI"), in.u8("SAFI"));
    if (!in.hasMore()) {
      emptied = family;
      return;
    }
    withdraw(in, family);
  }

  private void withdraw(Cursor in, AfiSafi family) throws MalformedException {
    if (!in.hasMore()) {
      return;
    }
    String name = FamilyName.of(family, " ", version);
    ArrayNode list =
        withdrawn.has(name) ? (ArrayNode) withdrawn.get(name) : withdrawn.putArray(name);
    list.addAll(NlriJson.read(in, family, neighbor, null, false, version));
  }
}
