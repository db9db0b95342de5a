package dev.catwalk.bgp.exabgp;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Octets;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The routes of one command in their octets, and the family that their words make them belong to. */
final class RouteWords {
  private static final long MOST_LABEL = 0xfffff;
  private static final List<String> PUNCTUATION =
      List.of("{", "}", ";", "match", "then", "scope", "route");
  private static final List<String> FLOW_PREFIXES = List.of(
      "source",
      "destination",
      "source-ipv4",
      "destination-ipv4",
      "source-ipv6",
      "destination-ipv6");

  private final AttributeWords attributes;
  private final List<Prefix> prefixes = new ArrayList<>();
  private final List<Long> labels = new ArrayList<>();
  private byte[] distinguisher = new byte[0];
  private Octets path = Octets.EMPTY;

  RouteWords(AttributeWords attributes) {
    this.attributes = attributes;
  }

  private static List<Subject> one(AfiSafi family, String name, byte... octets) {
    return List.of(new Subject.Rule(family, Octets.of(octets), name));
  }

  /** The rest of {@code route PREFIX ...}, {@code attributes ... nlri PREFIX ...} and of a family's name. */
  List<Subject> prefixes(Words words, @Nullable AfiSafi family) throws MalformedException {
    while (words.hasMore()) {
      String word = words.next("a route");
      switch (word) {
        case "nlri" -> {
          while (words.hasMore()) {
            prefixes.add(network(words.next("a prefix")));
          }
        }
        case "label" -> {
          labels.clear();
          for (String label : words.list(word)) {
            labels.add(Words.number(label, MOST_LABEL, word));
          }
        }
        case "rd", "route-distinguisher" -> distinguisher = distinguisher(words.next(word));
        case "path-information" -> path = Octets.of(pathIdentifier(words.next(word)));
        default -> {
          if (!isBracing(word) && !attributes.read(word, words)) {
            prefixes.add(network(word));
          }
        }
      }
    }
    if (prefixes.isEmpty()) {
      throw new MalformedException("the command names no prefix");
    }
    List<Subject> routes = new ArrayList<>();
    AfiSafi before = null;
    Octets head = Octets.EMPTY;
    for (Prefix prefix : prefixes) {
      AfiSafi of = family != null ? family : family(prefix);
      head = of.equals(before) ? head : head(prefix, of);
      before = of;
      routes.add(network(of, head, PrefixParts.of(prefix, attributes.split())));
    }
    return routes;
  }

  /** A prefix whose bits behind its length are zero: else it is a slip, as in ExaBGP. */
  private static Prefix network(String word) throws MalformedException {
    Prefix prefix = Words.prefix(word);
    int slash = word.indexOf('/');
    String address = slash < 0 ? word : word.substring(0, slash);
    if (!Words.address(address, "a prefix").equals(prefix.address())) {
      throw new MalformedException(
          "'" + word + "' has bits behind its length: is " + prefix + " meant?");
    }
    return prefix;
  }

  private AfiSafi family(Prefix prefix) {
    int afi = prefix.address().isV4() ? FamilyName.IPV4 : FamilyName.IPV6;
    int safi = distinguisher.length > 0
        ? FamilyName.VPN
        : labels.isEmpty() ? FamilyName.UNICAST : FamilyName.LABELLED;
    return new AfiSafi(afi, safi);
  }

  private Subject network(AfiSafi family, Octets head, PrefixParts parts)
      throws MalformedException {
    if (parts.whole().address().isV4() != (family.afi() == FamilyName.IPV4)) {
      throw new MalformedException(
          parts.whole() + " is not of the family " + FamilyName.of(family, " ", JsonVersion.V5));
    }
    Subject.Network network = new Subject.Network(family, path, head, parts);
    if (network.bits() > Subject.Network.MOST_BITS) {
      throw new MalformedException(parts.whole() + " has too many labels: a route has "
          + Subject.Network.MOST_BITS + " bits at most, labels and rd among them");
    }
    return network;
  }

  /** Labels and route distinguisher, as far as the family has them. */
  private Octets head(Prefix prefix, AfiSafi family) throws MalformedException {
    boolean vpn = family.safi() == FamilyName.VPN;
    if (vpn && distinguisher.length == 0) {
      throw new MalformedException(prefix + " needs an rd in this family");
    }
    boolean labelled = vpn || family.safi() == FamilyName.LABELLED;
    Output out = new Output();
    int count = labelled ? labels.size() : 0;
    for (int i = 0; i < count; i++) {
      out.u24(labels.get(i) << 4 | (i == count - 1 ? 1 : 0));
    }
    return Octets.of((vpn ? out.add(distinguisher) : out).toBytes());
  }

  /** {@code AS:NUMBER} or {@code ADDRESS:NUMBER}, RFC 4364 §4.2. */
  static byte[] distinguisher(String word) throws MalformedException {
    int colon = word.lastIndexOf(':');
    if (colon < 0) {
      throw new MalformedException(
          "'" + word + "' is no route distinguisher, which is AS:NUMBER or ADDRESS:NUMBER");
    }
    String first = word.substring(0, colon);
    String second = word.substring(colon + 1);
    if (first.chars().filter(c -> c == '.').count() == 3) {
      return new Output()
          .u16(1)
          .address(Words.address(first, "a route distinguisher"))
          .u16(Words.number(second, 0xffff, "number"))
          .toBytes();
    }
    long as = Words.as(first);
    return as > 0xffff
        ? new Output()
            .u16(2)
            .u32(as)
            .u16(Words.number(second, 0xffff, "number"))
            .toBytes()
        : new Output()
            .u16(0)
            .u16(as)
            .u32(Words.number(second, 0xffffffffL, "number"))
            .toBytes();
  }

  private static byte[] pathIdentifier(String word) throws MalformedException {
    return word.contains(".")
        ? Words.address(word, "path-information").toBytes()
        : new Output().u32(Words.number(word, 0xffffffffL, "path-information")).toBytes();
  }

  List<Subject> flow(Words words, AfiSafi family) throws MalformedException {
    boolean v6 = family.afi() == FamilyName.IPV4 && words.names(FLOW_PREFIXES, ':');
    int afi = v6 ? FamilyName.IPV6 : family.afi();
    String name = words.rest();
    FlowWords flow = new FlowWords(afi);
    FlowActions actions = new FlowActions(attributes);
    while (words.hasMore()) {
      String word = words.next("a flow rule");
      if (word.equals("rd") || word.equals("route-distinguisher")) {
        distinguisher = distinguisher(words.next(word));
      } else if (!isPunctuation(word)
          && !actions.read(word, words)
          && !flow.read(word, words)
          && !attributes.read(word, words)) {
        throw new MalformedException("'" + word + "' belongs to no flow rule");
      }
    }
    int safi = distinguisher.length > 0 ? FamilyName.FLOW_VPN : family.safi();
    return one(new AfiSafi(afi, safi), name, flow.toBytes(distinguisher));
  }

  /** As in a file, where a route may be written like a section. */
  private static boolean isBracing(String word) {
    return word.equals("{") || word.equals("}") || word.equals(";");
  }

  /** What a rule or a VPLS is divided by where it is written as in a file. */
  private static boolean isPunctuation(String word) {
    return PUNCTUATION.contains(word);
  }

  List<Subject> vpls(Words words) throws MalformedException {
    String name = words.rest();
    long endpoint = 0;
    long base = 0;
    long offset = 0;
    long size = 0;
    while (words.hasMore()) {
      String word = words.next("a VPLS");
      switch (word) {
        case "rd", "route-distinguisher" -> distinguisher = distinguisher(words.next(word));
        case "endpoint" -> endpoint = words.number(0xffff, word);
        case "base" -> base = words.number(MOST_LABEL, word);
        case "offset" -> offset = words.number(0xffff, word);
        case "size" -> size = words.number(0xffff, word);
        default -> {
          if (!isPunctuation(word)) {
            attribute(word, words);
          }
        }
      }
    }
    Output out = new Output()
        .u16(17)
        .add(needed(distinguisher))
        .u16(endpoint)
        .u16(offset)
        .u16(size);
    out.u24(base << 4 | 1);
    return one(new AfiSafi(FamilyName.L2VPN, FamilyName.VPLS), name, out.toBytes());
  }

  private void attribute(String word, Words words) throws MalformedException {
    if (!attributes.read(word, words)) {
      throw new MalformedException("'" + word + "' is not known here");
    }
  }

  private static byte[] needed(byte[] distinguisher) throws MalformedException {
    if (distinguisher.length == 0) {
      throw new MalformedException("the route needs an rd");
    }
    return distinguisher;
  }

  List<Subject> multicast(Words words, AfiSafi family) throws MalformedException {
    String name = words.rest();
    String kind = words.next("shared-join, source-join or source-ad");
    int type = switch (kind) {
      case "source-ad" -> 5;
      case "shared-join" -> 6;
      case "source-join" -> 7;
      default ->
        throw new MalformedException(
            "'" + kind + "' is none of shared-join, source-join and source-ad");
    };
    IpAddress source = null;
    IpAddress group = null;
    long as = 0;
    while (words.hasMore()) {
      String word = words.next("a multicast route");
      switch (word) {
        case "rp", "source" -> source = words.address(word);
        case "group" -> group = words.address(word);
        case "source-as" -> as = Words.as(words.next(word));
        case "rd", "route-distinguisher" -> distinguisher = distinguisher(words.next(word));
        default -> attribute(word, words);
      }
    }
    if (source == null || group == null) {
      throw new MalformedException("a multicast route needs a source (or rp) and a group");
    }
    Output out = new Output().add(needed(distinguisher));
    if (type != 5) {
      out.u32(as);
    }
    for (IpAddress address : List.of(source, group)) {
      out.u8(address.toBytes().length * 8L).address(address);
    }
    return one(family, name, new Output().u8(type).u8(out.size()).add(out).toBytes());
  }

  List<Subject> mobile(Words words, AfiSafi family) throws MalformedException {
    String name = words.rest();
    MobileWords mobile = new MobileWords(words);
    while (words.hasMore()) {
      String word = words.next("a mobile user plane route");
      if (word.equals("rd") || word.equals("route-distinguisher")) {
        distinguisher = distinguisher(words.next(word));
      } else if (!mobile.read(word, words)) {
        attribute(word, words);
      }
    }
    return one(family, name, mobile.toBytes(needed(distinguisher)));
  }

  List<Subject> policy(Words words, AfiSafi family) throws MalformedException {
    String name = words.rest();
    PolicyWords policy = new PolicyWords();
    while (words.hasMore()) {
      String word = words.next("a segment routing policy");
      if (!policy.read(word, words)) {
        attribute(word, words);
      }
    }
    attributes.put(23, 0xc0, policy.tunnel());
    return one(family, name, policy.route());
  }
}
