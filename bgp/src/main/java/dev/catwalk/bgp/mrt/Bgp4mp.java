package dev.catwalk.bgp.mrt;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.net.addr.Prefix;
import java.util.HexFormat;
import java.util.function.Consumer;

/** Messages and changes of state, RFC 6396 §4.4, RFC 8050 §3. */
final class Bgp4mp {
  private static final int HEADER_LENGTH = 19;
  private static final int UPDATE = 2;

  private Bgp4mp() {}

  static void decode(int subtype, Span in, Consumer<MrtEntry> to) throws MrtException {
    switch (subtype) {
      case 0 -> stateChange(in, false, to);
      case 1, 6 -> message(in, false, false, to);
      case 4, 7 -> message(in, true, false, to);
      case 5 -> stateChange(in, true, to);
      case 8, 10 -> message(in, false, true, to);
      case 9, 11 -> message(in, true, true, to);
      default -> to.accept(new MrtEntry.Skipped("BGP4MP subtype " + subtype));
    }
  }

  /** RFC 6396 appendix B.2: IPv4 peers with two-octet AS numbers, messages without their header. */
  static void decodeOld(int subtype, Span in, Consumer<MrtEntry> to) throws MrtException {
    int type = switch (subtype) {
      case 1 -> UPDATE;
      case 5 -> 1;
      case 6 -> 3;
      case 7 -> 4;
      default -> 0;
    };
    if (type == 0 && subtype != 3) {
      to.accept(new MrtEntry.Skipped("BGP subtype " + subtype));
      return;
    }
    long as = in.u16("Peer AS");
    MrtEntry.Peer peer = new MrtEntry.Peer(in.address(false, "Peer IP Address"), as);
    if (subtype == 3) {
      to.accept(new MrtEntry.StateChanged(peer, in.u16("Old State"), in.u16("New State")));
      return;
    }
    in.u16("Local AS");
    in.address(false, "Local IP Address");
    if (type == UPDATE) {
      update(peer, in, false, false, to);
    } else {
      to.accept(new MrtEntry.Message(peer, type, HexFormat.of().formatHex(in.rest())));
    }
  }

  private static MrtEntry.Peer peer(Span in, boolean four) throws MrtException {
    long as = in.as(four, "Peer AS");
    in.as(four, "Local AS");
    in.u16("Interface Index");
    int afi = in.u16("Address Family");
    MrtEntry.Peer peer = new MrtEntry.Peer(in.addressOf(afi, "Peer IP Address"), as);
    in.addressOf(afi, "Local IP Address");
    return peer;
  }

  private static void stateChange(Span in, boolean four, Consumer<MrtEntry> to)
      throws MrtException {
    MrtEntry.Peer peer = peer(in, four);
    to.accept(new MrtEntry.StateChanged(peer, in.u16("Old State"), in.u16("New State")));
  }

  private static void message(Span in, boolean four, boolean addPath, Consumer<MrtEntry> to)
      throws MrtException {
    MrtEntry.Peer peer = peer(in, four);
    in.bytes(16, "Marker");
    int length = in.u16("message length");
    int type = in.u8("message type");
    if (length < HEADER_LENGTH) {
      throw new MrtException("a message of " + length + " octets");
    }
    Span body = in.part(length - HEADER_LENGTH, "BGP Message");
    if (type == UPDATE) {
      update(peer, body, four, addPath, to);
    } else {
      to.accept(new MrtEntry.Message(peer, type, HexFormat.of().formatHex(body.rest())));
    }
  }

  private static void update(
      MrtEntry.Peer peer, Span in, boolean four, boolean addPath, Consumer<MrtEntry> to)
      throws MrtException {
    Span withdrawn = in.part(in.u16("Withdrawn Routes Length"), "Withdrawn Routes");
    Attributes attributes = Attributes.ofMessage(
        in.part(in.u16("Total Path Attribute Length"), "Path Attributes"), four);
    MrtAttributes values = attributes.values.build();
    Attributes.Multiprotocol reach = attributes.reach;
    Attributes.Multiprotocol unreach = attributes.unreach;
    if (withdrawn.isEmpty() && in.isEmpty() && attributes.count == 0) {
      to.accept(new MrtEntry.EndOfRib(peer, AfiSafi.IPV4_UNICAST));
    } else if (unreach != null && unreach.prefixes().isEmpty() && attributes.count == 1) {
      to.accept(new MrtEntry.EndOfRib(peer, unreach.family()));
    }
    prefixes(peer, AfiSafi.IPV4_UNICAST, withdrawn, true, values, addPath, to);
    if (unreach != null) {
      prefixes(peer, unreach.family(), unreach.prefixes(), true, values, addPath, to);
    }
    prefixes(peer, AfiSafi.IPV4_UNICAST, in, false, values, addPath, to);
    if (reach != null) {
      prefixes(peer, reach.family(), reach.prefixes(), false, values, addPath, to);
    }
  }

  private static void prefixes(
      MrtEntry.Peer peer,
      AfiSafi family,
      Span in,
      boolean withdrawn,
      MrtAttributes attributes,
      boolean addPath,
      Consumer<MrtEntry> to)
      throws MrtException {
    boolean known = (family.afi() == 1 || family.afi() == 2) && family.safi() <= 2;
    if (!known && !in.isEmpty()) {
      String hex = HexFormat.of().formatHex(in.rest());
      to.accept(new MrtEntry.Opaque(peer, family, withdrawn, hex, attributes));
    }
    while (!in.isEmpty()) {
      long pathId = addPath ? in.u32("Path Identifier") : MrtEntry.NO_PATH_ID;
      Prefix prefix = in.prefix(family.afi() == 2, "NLRI");
      to.accept(
          withdrawn
              ? new MrtEntry.Withdrawn(peer, family, prefix, pathId)
              : new MrtEntry.Announced(peer, family, prefix, pathId, attributes));
    }
  }
}
