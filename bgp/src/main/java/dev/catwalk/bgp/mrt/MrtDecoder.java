package dev.catwalk.bgp.mrt;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

/**
 * The records of one file in their order: those of TABLE_DUMP_V2 are about the peers of the index
 * that came before them. A record that cannot be read is an error by itself; the next one may be
 * asked for all the same. One thread.
 */
public final class MrtDecoder {
  private List<MrtEntry.Peer> index = List.of();

  /**
   * One record.
   *
   * @param body of {@code header.length()} octets
   * @param to gets all that it says, in its order; some of it even where an exception follows
   */
  public void decode(MrtHeader header, byte[] body, Consumer<MrtEntry> to) throws MrtException {
    Span in = new Span(body, 0, body.length);
    switch (header.type()) {
      case MrtHeader.BGP -> Bgp4mp.decodeOld(header.subtype(), in, to);
      case MrtHeader.TABLE_DUMP -> tableDump(header.subtype(), in, to);
      case MrtHeader.TABLE_DUMP_V2 -> tableDumpV2(header.subtype(), in, to);
      case MrtHeader.BGP4MP -> Bgp4mp.decode(header.subtype(), in, to);
      case MrtHeader.BGP4MP_ET -> {
        in.u32("Microsecond Timestamp");
        Bgp4mp.decode(header.subtype(), in, to);
      }
      default ->
        to.accept(new MrtEntry.Skipped(
            "record of type " + header.type() + " subtype " + header.subtype()));
    }
  }

  /** Of BGP4MP_ET; 0 of all others. RFC 6396 §3. */
  public static int microseconds(MrtHeader header, byte[] body) throws MrtException {
    return header.type() == MrtHeader.BGP4MP_ET
        ? (int) new Span(body, 0, body.length).u32("Microsecond Timestamp")
        : 0;
  }

  /** RFC 6396 §4.2. Subtypes 3 and 4 are not in it: the same with AS numbers of four octets. */
  private static void tableDump(int subtype, Span in, Consumer<MrtEntry> to) throws MrtException {
    if (subtype < 1 || subtype > 4) {
      to.accept(new MrtEntry.Skipped("TABLE_DUMP subtype " + subtype));
      return;
    }
    boolean v6 = subtype % 2 == 0;
    boolean four = subtype > 2;
    in.u16("View Number");
    in.u16("Sequence Number");
    IpAddress address = in.address(v6, "Prefix");
    int length = in.u8("Prefix Length");
    if (length > (v6 ? 128 : 32)) {
      throw new MrtException("Prefix of " + length + " bits");
    }
    Prefix prefix = Prefix.of(address, length);
    in.u8("Status");
    in.u32("Originated Time");
    IpAddress peer = in.address(v6, "Peer IP Address");
    long as = in.as(four, "Peer AS");
    Span attributes = in.part(in.u16("Attribute Length"), "BGP Attributes");
    AfiSafi family = v6 ? AfiSafi.IPV6_UNICAST : AfiSafi.IPV4_UNICAST;
    to.accept(new MrtEntry.Held(
        new MrtEntry.Peer(peer, as),
        family,
        prefix,
        MrtEntry.NO_PATH_ID,
        Attributes.ofTable(attributes, four)));
  }

  /** RFC 6396 §4.3, RFC 8050 §4. */
  private void tableDumpV2(int subtype, Span in, Consumer<MrtEntry> to) throws MrtException {
    switch (subtype) {
      case 1 -> peerIndex(in, to);
      case 2 -> prefix(in, AfiSafi.IPV4_UNICAST, false, to);
      case 3 -> prefix(in, new AfiSafi(1, 2), false, to);
      case 4 -> prefix(in, AfiSafi.IPV6_UNICAST, false, to);
      case 5 -> prefix(in, new AfiSafi(2, 2), false, to);
      case 6 -> generic(in, false, to);
      case 8 -> prefix(in, AfiSafi.IPV4_UNICAST, true, to);
      case 9 -> prefix(in, new AfiSafi(1, 2), true, to);
      case 10 -> prefix(in, AfiSafi.IPV6_UNICAST, true, to);
      case 11 -> prefix(in, new AfiSafi(2, 2), true, to);
      case 12 -> generic(in, true, to);
      default -> to.accept(new MrtEntry.Skipped("TABLE_DUMP_V2 subtype " + subtype));
    }
  }

  private void peerIndex(Span in, Consumer<MrtEntry> to) throws MrtException {
    index = List.of(); // a broken index is none
    IpAddress collector = in.address(false, "Collector BGP ID");
    byte[] name = in.bytes(in.u16("View Name Length"), "View Name");
    int count = in.u16("Peer Count");
    List<MrtEntry.Peer> peers = new ArrayList<>(Math.min(count, in.left()));
    for (int i = 0; i < count; i++) {
      int type = in.u8("Peer Type");
      in.u32("Peer BGP ID");
      IpAddress address = in.address((type & 1) != 0, "Peer IP Address");
      peers.add(new MrtEntry.Peer(address, in.as((type & 2) != 0, "Peer AS")));
    }
    index = List.copyOf(peers);
    to.accept(new MrtEntry.Index(collector, new String(name, StandardCharsets.UTF_8), count));
  }

  private void prefix(Span in, AfiSafi family, boolean addPath, Consumer<MrtEntry> to)
      throws MrtException {
    in.u32("Sequence Number");
    Prefix prefix = in.prefix(family.afi() == 2, "Prefix");
    int count = in.u16("Entry Count");
    for (int i = 0; i < count; i++) {
      MrtEntry.Peer peer = peer(in);
      in.u32("Originated Time");
      long pathId = addPath ? in.u32("Path Identifier") : MrtEntry.NO_PATH_ID;
      Span attributes = in.part(in.u16("Attribute Length"), "BGP Attributes");
      to.accept(
          new MrtEntry.Held(peer, family, prefix, pathId, Attributes.ofTable(attributes, true)));
    }
  }

  /** RFC 6396 §4.3.3: one NLRI of any family, whose length its family alone knows. */
  private void generic(Span in, boolean addPath, Consumer<MrtEntry> to) throws MrtException {
    in.u32("Sequence Number");
    AfiSafi family = new AfiSafi(in.u16("Address Family"), in.u8("Subsequent Address Family"));
    boolean prefixed = family.afi() <= 2 && family.afi() > 0 && family.safi() <= 2;
    if (prefixed) {
      Prefix prefix = in.prefix(family.afi() == 2, "NLRI");
      int count = in.u16("Entry Count");
      for (int i = 0; i < count; i++) {
        MrtEntry.Peer peer = peer(in);
        in.u32("Originated Time");
        long pathId = addPath ? in.u32("Path Identifier") : MrtEntry.NO_PATH_ID;
        Span attributes = in.part(in.u16("Attribute Length"), "BGP Attributes");
        to.accept(
            new MrtEntry.Held(peer, family, prefix, pathId, Attributes.ofTable(attributes, true)));
      }
    } else {
      MrtEntry.Peer nobody = new MrtEntry.Peer(IpAddress.v4(0), 0);
      String hex = HexFormat.of().formatHex(in.rest());
      to.accept(new MrtEntry.Opaque(nobody, family, false, hex, MrtAttributes.NONE));
    }
  }

  private MrtEntry.Peer peer(Span in) throws MrtException {
    int number = in.u16("Peer Index");
    if (number >= index.size()) {
      throw new MrtException(
          "Peer Index " + number + " where the index holds " + index.size() + " peers");
    }
    return index.get(number);
  }
}
