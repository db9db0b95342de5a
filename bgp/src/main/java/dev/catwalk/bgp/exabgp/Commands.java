package dev.catwalk.bgp.exabgp;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * ExaBGP's text commands (of its fourth API) as the messages that they send: {@code announce} and
 * {@code withdraw} of routes, attributes, families, {@code eor}, {@code route-refresh}, and {@code
 * group} of several in one UPDATE.
 */
public final class Commands {
  /** The longest message, RFC 8654. */
  private static final int MOST = 65535;

  private static final int HEADER = 19;
  private static final int UPDATE = 2;
  private static final int ROUTE_REFRESH = 5;
  private static final int OPTIONAL = 0x80;
  private static final int EXTENDED_LENGTH = 0x10;
  private static final int MP_REACH = 14;
  private static final int MP_UNREACH = 15;

  private final EncodeContext context;

  public Commands(EncodeContext context) {
    this.context = context;
  }

  /** One of a command's parts. */
  private record Part(boolean announced, RouteWords.Routes routes, AttributeWords attributes) {}

  /**
   * The messages, each with its header, in the order in which they are sent.
   *
   * @throws MalformedException if that is no command; it names the word
   */
  public List<byte[]> encode(String line) throws MalformedException {
    Words words = Words.of(line);
    skipSelectors(words);
    AttributeWords common = new AttributeWords();
    List<Part> parts = new ArrayList<>();
    List<byte[]> messages = new ArrayList<>();
    List<Words> commands = words.take("group") ? words.split() : List.of(words);
    for (Words command : commands) {
      String verb = command.next("announce or withdraw");
      if (verb.equals("attributes")) {
        readAll(command, common);
      } else if (verb.equals("announce") && command.peek().equals("eor")) {
        messages.add(endOfRib(command));
      } else if (verb.equals("announce") && command.peek().equals("route-refresh")) {
        messages.add(routeRefresh(command));
      } else {
        parts.add(part(verb, command, common));
      }
    }
    for (List<Part> together : together(parts)) {
      messages.add(update(together));
    }
    if (messages.isEmpty()) {
      throw new MalformedException("the command says nothing to a peer");
    }
    return messages;
  }

  /** {@code neighbor ADDRESS ...,} says whom a command is for, not what it says. */
  private static void skipSelectors(Words words) throws MalformedException {
    while (words.peek().equals("neighbor")) {
      words.next("neighbor");
      while (!List.of("announce", "withdraw", "group", "neighbor").contains(words.peek())) {
        words.next("announce, withdraw or group");
      }
    }
  }

  private static void readAll(Words words, AttributeWords into) throws MalformedException {
    while (words.hasMore()) {
      String word = words.next("an attribute");
      if (!into.read(word, words)) {
        throw new MalformedException("'" + word + "' is no attribute");
      }
    }
  }

  private Part part(String verb, Words words, AttributeWords common) throws MalformedException {
    if (!verb.equals("announce") && !verb.equals("withdraw")) {
      throw new MalformedException("'" + verb + "' is no command: announce, withdraw or group");
    }
    AttributeWords attributes = new AttributeWords(common);
    RouteWords routes = new RouteWords(attributes);
    String kind = words.next("what it is about").toLowerCase(Locale.ROOT);
    return new Part(
        verb.equals("announce"),
        switch (kind) {
          case "route", "attributes", "attribute" -> routes.prefixes(words, null, context);
          case "vpls" -> routes.vpls(words);
          case "flow" -> {
            words.take("route");
            yield routes.flow(words, new AfiSafi(FamilyName.IPV4, FamilyName.FLOW));
          }
          default -> ofFamily(routes, family(kind, words), words);
        },
        attributes);
  }

  private static AfiSafi family(String afi, Words words) throws MalformedException {
    String safi = words.next("a SAFI");
    return FamilyName.parse(afi, safi)
        .orElseThrow(() -> new MalformedException("there is no family " + afi + " " + safi));
  }

  private RouteWords.Routes ofFamily(RouteWords routes, AfiSafi family, Words words)
      throws MalformedException {
    return switch (family.safi()) {
      case FamilyName.UNICAST, FamilyName.MULTICAST, FamilyName.LABELLED, FamilyName.VPN ->
        routes.prefixes(words, family, context);
      case FamilyName.FLOW, FamilyName.FLOW_VPN -> routes.flow(words, family);
      case FamilyName.MCAST_VPN -> routes.multicast(words, family);
      case FamilyName.MUP -> routes.mobile(words, family);
      case FamilyName.SR_POLICY -> routes.policy(words, family);
      case FamilyName.VPLS -> routes.vpls(words);
      default ->
        throw new MalformedException(
            "there are no words for routes of " + FamilyName.of(family, " ", JsonVersion.V5));
    };
  }

  /** Neighbouring parts that differ in their routes alone travel in one message. */
  private List<List<Part>> together(List<Part> parts) {
    List<List<Part>> groups = new ArrayList<>();
    for (Part part : parts) {
      Part first = groups.isEmpty() ? null : groups.getLast().getFirst();
      if (first != null
          && first.announced == part.announced
          && first.routes.family().equals(part.routes.family())
          && Arrays.equals(attributes(first), attributes(part))) {
        groups.getLast().add(part);
      } else {
        groups.add(new ArrayList<>(List.of(part)));
      }
    }
    return groups;
  }

  /** A next hop of IPv4 stands among the attributes, except where a family has no use for it there. */
  private byte[] attributes(Part part) {
    IpAddress hop = part.attributes.nextHop(context);
    int safi = part.routes.family().safi();
    boolean elsewhere = safi == FamilyName.FLOW
        || safi == FamilyName.FLOW_VPN
        || safi == FamilyName.VPLS
        || safi == FamilyName.SR_POLICY;
    return part.attributes.toBytes(context, hop != null && hop.isV4() && !elsewhere);
  }

  private byte[] update(List<Part> parts) throws MalformedException {
    Part first = parts.getFirst();
    AfiSafi family = first.routes.family();
    Output routes = new Output();
    parts.forEach(part -> part.routes.octets().forEach(routes::add));
    IpAddress hop = first.attributes.nextHop(context);
    if (family.equals(AfiSafi.IPV4_UNICAST) && (!first.announced || hop == null || hop.isV4())) {
      return first.announced
          ? message(
              UPDATE,
              sections(new Output(), new Output().add(attributes(first))).add(routes))
          : message(UPDATE, sections(routes, new Output()));
    }
    Output attributes = new Output();
    if (first.announced) {
      attributes.add(attributes(first));
      AttributeWords.write(
          attributes, MP_REACH, OPTIONAL, reach(family, hop, routes).toBytes());
    } else {
      Output gone = new Output().u16(family.afi()).u8(family.safi()).add(routes);
      AttributeWords.write(attributes, MP_UNREACH, OPTIONAL, gone.toBytes());
      if (family.safi() != FamilyName.UNICAST && family.safi() != FamilyName.MULTICAST) {
        attributes.add(attributes(first));
      }
    }
    return message(UPDATE, sections(new Output(), attributes));
  }

  private Output reach(AfiSafi family, @Nullable IpAddress hop, Output routes) {
    Output next = new Output();
    if (hop != null) {
      if (family.safi() == FamilyName.VPN) {
        next.unsigned(0, 8);
      }
      next.address(hop);
      IpAddress beside = context.linkLocal();
      if (beside != null
          && family.safi() == FamilyName.UNICAST
          && !hop.isV4()
          && !hop.isLinkLocal()) {
        next.address(beside);
      }
    }
    return new Output()
        .u16(family.afi())
        .u8(family.safi())
        .u8(next.size())
        .add(next)
        .u8(0)
        .add(routes);
  }

  private static Output sections(Output withdrawn, Output attributes) {
    return new Output()
        .u16(withdrawn.size())
        .add(withdrawn)
        .u16(attributes.size())
        .add(attributes);
  }

  private static byte[] endOfRib(Words words) throws MalformedException {
    words.expect("eor", "announce eor");
    AfiSafi family = words.hasMore() ? family(words.next("an AFI"), words) : AfiSafi.IPV4_UNICAST;
    Output attributes = new Output();
    if (!family.equals(AfiSafi.IPV4_UNICAST)) {
      AttributeWords.write(
          attributes,
          MP_UNREACH,
          OPTIONAL | EXTENDED_LENGTH, // as ExaBGP writes it
          new Output().u16(family.afi()).u8(family.safi()).toBytes());
    }
    return message(UPDATE, sections(new Output(), attributes));
  }

  private static byte[] routeRefresh(Words words) throws MalformedException {
    words.expect("route-refresh", "announce route-refresh");
    AfiSafi family = family(words.next("an AFI"), words);
    return message(ROUTE_REFRESH, new Output().u16(family.afi()).u8(0).u8(family.safi()));
  }

  private static byte[] message(int type, Output body) throws MalformedException {
    int length = HEADER + body.size();
    if (length > MOST) {
      throw new MalformedException("a message of " + length + " octets, it can have " + MOST);
    }
    byte[] marker = new byte[16];
    Arrays.fill(marker, (byte) 0xff);
    return new Output().add(marker).u16(length).u8(type).add(body).toBytes();
  }
}
