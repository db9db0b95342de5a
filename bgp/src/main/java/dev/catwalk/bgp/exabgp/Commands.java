package dev.catwalk.bgp.exabgp;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Octets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * ExaBGP's text commands (of its fourth API) as the messages that they send: {@code announce} and
 * {@code withdraw} of routes, attributes, families, {@code eor}, {@code route-refresh}, and {@code
 * group} of several in one UPDATE.
 */
public final class Commands {
  private final EncodeContext context;

  public Commands(EncodeContext context) {
    this.context = context;
  }

  /**
   * The messages, each with its header, in the order in which they are sent.
   *
   * @throws MalformedException if that is no command; it names the word
   */
  public List<byte[]> encode(String line) throws MalformedException {
    Words words = Words.of(line);
    skipSelectors(words);
    List<byte[]> messages = new ArrayList<>();
    List<Route> routes = new ArrayList<>();
    read(words, routes, messages);
    for (Route route : routes) {
      if (route.isAnnounced() && route.isPrefix() && !route.hasNextHop()) {
        throw new MalformedException(route.name() + " needs a next-hop: ADDRESS or self");
      }
    }
    RouteWriter writer = new RouteWriter(context, RouteWriter.MOST);
    for (List<Route> together : together(routes, writer)) {
      messages.add(writer.update(together));
    }
    if (messages.isEmpty()) {
      throw new MalformedException("the command says nothing to a peer");
    }
    return messages;
  }

  /**
   * The routes of an {@code announce}, a {@code withdraw} or a {@code group} of both, without
   * selectors.
   *
   * @throws MalformedException if that is no such command; it names the word
   */
  public static List<Route> routes(String line) throws MalformedException {
    List<Route> routes = new ArrayList<>();
    List<byte[]> others = new ArrayList<>();
    read(Words.of(line), routes, others);
    if (routes.isEmpty() || !others.isEmpty()) {
      throw new MalformedException("the command names no route");
    }
    return routes;
  }

  /** The family of {@code announce eor} and {@code announce route-refresh}. */
  public static AfiSafi family(String line) throws MalformedException {
    Words words = Words.of(line);
    words.expect("announce", "announce");
    words.next("eor or route-refresh");
    return words.hasMore() ? family(words.next("an AFI"), words) : AfiSafi.IPV4_UNICAST;
  }

  /** The two words of a family, as in {@code ipv4 unicast}. */
  public static String familyName(AfiSafi family) {
    return FamilyName.of(family, " ", JsonVersion.V5);
  }

  private static void read(Words words, List<Route> routes, List<byte[]> others)
      throws MalformedException {
    AttributeWords common = new AttributeWords();
    List<Words> commands = words.take("group") ? words.split() : List.of(words);
    for (Words command : commands) {
      String verb = command.next("announce or withdraw");
      if (verb.equals("attributes")) {
        readAll(command, common);
      } else if (verb.equals("announce") && command.peek().equals("eor")) {
        command.expect("eor", "announce eor");
        others.add(RouteWriter.endOfRib(
            command.hasMore() ? family(command.next("an AFI"), command) : AfiSafi.IPV4_UNICAST));
      } else if (verb.equals("announce") && command.peek().equals("route-refresh")) {
        command.expect("route-refresh", "announce route-refresh");
        others.add(RouteWriter.routeRefresh(family(command.next("an AFI"), command), 0));
      } else if (verb.equals("announce") || verb.equals("withdraw")) {
        routes.addAll(routes(verb.equals("announce"), command, common));
      } else {
        throw new MalformedException("'" + verb + "' is no command: announce, withdraw or group");
      }
    }
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

  /**
   * What stands behind the verb.
   *
   * @param common what all of them have besides
   */
  static List<Route> routes(boolean announced, Words words, AttributeWords common)
      throws MalformedException {
    AttributeWords attributes = new AttributeWords(common);
    RouteWords reader = new RouteWords(attributes);
    String kind = words.next("what it is about").toLowerCase(Locale.ROOT);
    String said = words.rest();
    List<RouteWords.Named> read = switch (kind) {
      case "route", "attributes", "attribute" -> reader.prefixes(words, null);
      case "vpls" -> reader.vpls(words);
      case "flow" -> {
        if (words.take("route")) {
          words.skipName();
        }
        yield reader.flow(words, new AfiSafi(FamilyName.IPV4, FamilyName.FLOW));
      }
      default -> ofFamily(reader, family(kind, words), words);
    };
    Octets signature = attributes.signature();
    return read.stream()
        .map(one -> new Route(announced, one.key(), one.name(), said, attributes, signature))
        .toList();
  }

  private static AfiSafi family(String afi, Words words) throws MalformedException {
    String safi = words.next("a SAFI");
    return FamilyName.parse(afi, safi)
        .orElseThrow(() -> new MalformedException("there is no family " + afi + " " + safi));
  }

  private static List<RouteWords.Named> ofFamily(RouteWords routes, AfiSafi family, Words words)
      throws MalformedException {
    return switch (family.safi()) {
      case FamilyName.UNICAST, FamilyName.MULTICAST, FamilyName.LABELLED, FamilyName.VPN ->
        routes.prefixes(words, family);
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

  /** Neighbouring routes that differ in nothing else travel in one message. */
  private static List<List<Route>> together(List<Route> routes, RouteWriter writer) {
    List<List<Route>> groups = new ArrayList<>();
    for (Route route : routes) {
      if (!groups.isEmpty() && writer.together(groups.getLast().getFirst(), route)) {
        groups.getLast().add(route);
      } else {
        groups.add(new ArrayList<>(List.of(route)));
      }
    }
    return groups;
  }
}
