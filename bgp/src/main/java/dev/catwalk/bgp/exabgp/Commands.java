package dev.catwalk.bgp.exabgp;

import dev.catwalk.bgp.wire.AfiSafi;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * ExaBGP's text commands (of its fourth API) as the messages that they send: {@code announce} and
 * {@code withdraw} of routes, attributes, families, {@code eor}, {@code route-refresh}, and {@code
 * group} of several in one UPDATE.
 */
public final class Commands {
  /** How many routes a command, or all lines of a file, may stand for beside the one that each names. */
  static final int MOST_PARTS = 1 << 18;

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
    List<RouteBlock> routes = new ArrayList<>();
    read(words, routes, messages);
    for (RouteBlock block : routes) {
      if (!block.isComplete()) {
        throw new MalformedException(block.name() + " needs a next-hop: ADDRESS or self");
      }
    }
    new RouteWriter(context, RouteWriter.MOST).write(routes, messages);
    if (messages.isEmpty()) {
      throw new MalformedException("the command says nothing to a peer");
    }
    return messages;
  }

  /**
   * The routes of an {@code announce}, a {@code withdraw} or a {@code group} of both, without
   * selectors. They are no larger than the command: what they stand for is made later.
   *
   * @throws MalformedException if that is no such command; it names the word
   */
  public static List<RouteBlock> routes(String line) throws MalformedException {
    List<RouteBlock> routes = new ArrayList<>();
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

  private static void read(Words words, List<RouteBlock> routes, List<byte[]> others)
      throws MalformedException {
    AttributeWords common = new AttributeWords();
    long parts = 0;
    List<Words> commands = words.take("group") ? words.split() : List.of(words);
    for (Words command : commands) {
      String verb = command.next("announce or withdraw");
      if (verb.equals("attributes")) {
        common = common.continued();
        readAll(command, common);
      } else if (verb.equals("announce") && command.peek().equals("eor")) {
        command.expect("eor", "announce eor");
        others.add(RouteWriter.endOfRib(
            command.hasMore() ? family(command.next("an AFI"), command) : AfiSafi.IPV4_UNICAST));
      } else if (verb.equals("announce") && command.peek().equals("route-refresh")) {
        command.expect("route-refresh", "announce route-refresh");
        others.add(RouteWriter.routeRefresh(family(command.next("an AFI"), command), 0));
      } else if (verb.equals("announce") || verb.equals("withdraw")) {
        List<RouteBlock> said = routes(verb.equals("announce"), command, common);
        parts += size(said) - 1;
        if (parts > MOST_PARTS) {
          throw new MalformedException("split and nlri make more than " + MOST_PARTS
              + " routes of this command: say it as several");
        }
        routes.addAll(said);
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
  static List<RouteBlock> routes(boolean announced, Words words, AttributeWords common)
      throws MalformedException {
    AttributeWords attributes = new AttributeWords(common);
    RouteWords reader = new RouteWords(attributes);
    String kind = words.next("what it is about").toLowerCase(Locale.ROOT);
    Phrase said = new Phrase(words.rest());
    List<Subject> read = switch (kind) {
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
    AttributeWords all = attributes.isChanged() ? attributes : common;
    return read.stream().map(one -> new RouteBlock(announced, one, said, all)).toList();
  }

  /** How many routes they stand for. */
  static long size(List<RouteBlock> blocks) {
    return blocks.stream().mapToLong(RouteBlock::size).sum();
  }

  private static AfiSafi family(String afi, Words words) throws MalformedException {
    String safi = words.next("a SAFI");
    return FamilyName.parse(afi, safi)
        .orElseThrow(() -> new MalformedException("there is no family " + afi + " " + safi));
  }

  private static List<Subject> ofFamily(RouteWords routes, AfiSafi family, Words words)
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
}
