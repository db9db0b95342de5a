package dev.catwalk.bgp.exabgp;

import static dev.catwalk.bgp.exabgp.AttributeValue.OPTIONAL;
import static dev.catwalk.bgp.exabgp.AttributeValue.TRANSITIVE;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.tree.SortedTree;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The path attributes of a command, and what else its words say of every one of its routes. */
final class AttributeWords {
  private static final int COMMUNITIES = 8;
  private static final int EXTENDED_COMMUNITIES = 16;
  private static final int LONG_COMMUNITIES = 25;
  private static final int LARGE_COMMUNITIES = 32;
  private static final int LONG_COMMUNITY = 20;
  private static final int LARGE_COMMUNITY = 12;

  private SortedTree<Integer, AttributeValue> values = SortedTree.empty();
  private final Members communities;
  private final Members largeCommunities;
  private final Members extendedCommunities;
  private final Members longCommunities;
  private final BitSet said = new BitSet();
  private @Nullable IpAddress nextHop;
  private boolean ourselves;
  private String watchdog = "";
  private boolean held;
  private int split;
  private boolean changed;
  private @Nullable SaidAttributes all;

  AttributeWords() {
    communities = new Members();
    largeCommunities = new Members();
    extendedCommunities = new Members();
    longCommunities = new Members();
  }

  /** With all that the other has, each of which may be said anew. */
  AttributeWords(AttributeWords other) {
    values = other.values;
    communities = other.communities.copy();
    largeCommunities = other.largeCommunities.copy();
    extendedCommunities = other.extendedCommunities.copy();
    longCommunities = other.longCommunities.copy();
    nextHop = other.nextHop;
    ourselves = other.ourselves;
    watchdog = other.watchdog;
    held = other.held;
    split = other.split;
  }

  /** The same, to be gone on with: what was said counts before what is said anew. */
  AttributeWords continued() {
    AttributeWords same = new AttributeWords(this);
    same.said.or(said);
    return same;
  }

  /** Whether anything was said beside what it had of the other. */
  boolean isChanged() {
    return changed;
  }

  /** The watchdog that has the route announced and withdrawn; empty: none has. */
  String watchdog() {
    return watchdog;
  }

  /** Whether the route waits for its watchdog. */
  boolean isHeld() {
    return held;
  }

  /** Whether there is a next hop, {@code self} included. */
  boolean hasNextHop() {
    return ourselves || nextHop != null;
  }

  /** As it was said. */
  String nextHopText() {
    return ourselves ? "self" : String.valueOf(nextHop);
  }

  /** The length of the parts that prefixes are told as; 0: they are not split. */
  int split() {
    return split;
  }

  /** The path attributes that were said. Not before all has been read. */
  SaidAttributes all() {
    if (all == null) {
      SortedTree<Integer, AttributeValue> together = values;
      together = list(COMMUNITIES, communities, together);
      together = list(EXTENDED_COMMUNITIES, extendedCommunities, together);
      together = list(LONG_COMMUNITIES, longCommunities, together);
      together = list(LARGE_COMMUNITIES, largeCommunities, together);
      all = new SaidAttributes(ourselves, nextHop, together);
    }
    return all;
  }

  private static SortedTree<Integer, AttributeValue> list(
      int type, Members members, SortedTree<Integer, AttributeValue> to) {
    MemberList list = members.list();
    return list.size() == 0 ? to : to.put(type, new AttributeValue.Listed(list));
  }

  /** Adds a community of eight octets (RFC 4360), or of twenty with an IPv6 address (RFC 5701). */
  void extended(byte... community) throws MalformedException {
    changed = true;
    (community.length == LONG_COMMUNITY ? longCommunities : extendedCommunities).add(community);
  }

  /**
   * Reads one attribute. Of one that is said twice the first counts, as in ExaBGP; the others must be
   * right, too.
   *
   * @param word its name, which has been read already
   * @return false if that is the name of none; nothing has been read then
   */
  boolean read(String word, Words words) throws MalformedException {
    switch (word) {
      case "origin" -> say(1, TRANSITIVE, (byte) origin(words.next(word)));
      case "as-path" -> say(2, TRANSITIVE, PathWords.read(words));
      case "next-hop" -> nextHop(words.next(word));
      case "med" -> say(4, OPTIONAL, u32(words.number(0xffffffffL, word)));
      case "local-preference" -> say(5, TRANSITIVE, u32(words.number(0xffffffffL, word)));
      case "atomic-aggregate" -> say(6, TRANSITIVE);
      case "aggregator" -> say(7, OPTIONAL | TRANSITIVE, aggregator(words));
      case "community" -> communities(words);
      case "originator-id" -> say(9, OPTIONAL, v4(words.next(word), word));
      case "cluster-list" -> say(10, OPTIONAL, clusters(words));
      case "extended-community" -> extendedCommunities(words, isFirst(EXTENDED_COMMUNITIES));
      case "aigp" -> say(26, OPTIONAL, aigp(words));
      case "large-community" -> largeCommunities(words);
      case "attribute" -> generic(words);
      case "bgp-prefix-sid" -> say(40, OPTIONAL | TRANSITIVE, PrefixSidWords.label(words));
      case "bgp-prefix-sid-srv6" -> say(40, OPTIONAL | TRANSITIVE, PrefixSidWords.service(words));
      case "name" -> words.next(word); // of our own book-keeping, as are the next three
      case "watchdog" -> watchdog = words.next(word);
      case "withdraw" -> held = true;
      case "split" -> {
        int length = (int) Words.number(words.next(word).replace("/", ""), 128, word);
        split = split == 0 ? length : split;
      }
      default -> {
        return false;
      }
    }
    changed = true;
    return true;
  }

  /** Whatever was said of it before. */
  void put(int type, int flags, byte... octets) {
    changed = true;
    values = values.put(type, new AttributeValue.Plain(flags, octets));
  }

  private void say(int type, int flags, byte... octets) {
    if (isFirst(type)) {
      put(type, flags, octets);
    }
  }

  /** Whether nothing was said of it before; something is now. */
  private boolean isFirst(int type) {
    boolean first = !said.get(type);
    said.set(type);
    return first;
  }

  private static byte[] v4(String word, String what) throws MalformedException {
    IpAddress address = Words.address(word, what);
    if (!address.isV4()) {
      throw new MalformedException("'" + word + "' is no IPv4 address, as " + what + " must be");
    }
    return address.toBytes();
  }

  private static byte[] clusters(Words words) throws MalformedException {
    Output out = new Output();
    for (String cluster : words.list("cluster-list")) {
      out.add(v4(cluster, "cluster-list"));
    }
    if (out.size() == 0) {
      throw new MalformedException("a cluster-list without an identifier");
    }
    return out.toBytes();
  }

  private static byte[] u32(long value) {
    return new Output().u32(value).toBytes();
  }

  private static int origin(String word) throws MalformedException {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "igp" -> 0;
      case "egp" -> 1;
      case "incomplete" -> 2;
      default ->
        throw new MalformedException("'" + word + "' is no origin: igp, egp or incomplete");
    };
  }

  private void nextHop(String word) throws MalformedException {
    boolean self = word.equalsIgnoreCase("self");
    IpAddress address = self ? null : Words.address(word, "next-hop");
    if (isFirst(3)) {
      ourselves = self;
      nextHop = address;
    }
  }

  /** The next hop that an action of a flow rule has; null: it has none, whatever was said before. */
  void turnTo(@Nullable IpAddress address) {
    changed = true;
    said.set(3);
    ourselves = false;
    nextHop = address;
  }

  private static byte[] aggregator(Words words) throws MalformedException {
    boolean parenthesis = words.take("(");
    String word = words.next("aggregator");
    if (parenthesis) {
      words.expect(")", "aggregator");
    }
    int colon = word.indexOf(':');
    if (colon < 0) {
      throw new MalformedException("'" + word + "' is no aggregator, which is AS:ADDRESS");
    }
    return new Output()
        .u32(Words.as(word.substring(0, colon)))
        .address(Words.address(word.substring(colon + 1), "aggregator"))
        .toBytes();
  }

  private void communities(Words words) throws MalformedException {
    boolean first = isFirst(COMMUNITIES);
    for (String word : words.list("community")) {
      byte[] octets = u32(community(word));
      if (first) {
        communities.add(octets);
      }
    }
  }

  private static long community(String word) throws MalformedException {
    int colon = word.indexOf(':');
    if (colon >= 0) {
      return Words.number(word.substring(0, colon), 0xffff, "community's first half") << 16
          | Words.number(word.substring(colon + 1), 0xffff, "community's second half");
    }
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "no-export", "no_export" -> 0xffffff01L;
      case "no-advertise", "no_advertise" -> 0xffffff02L;
      case "no-export-subconfed", "local-as" -> 0xffffff03L;
      case "no-peer", "nopeer" -> 0xffffff04L;
      case "blackhole" -> 0xffff029aL;
      default -> Words.number(word, 0xffffffffL, "community");
    };
  }

  private void largeCommunities(Words words) throws MalformedException {
    boolean first = isFirst(LARGE_COMMUNITIES);
    for (String word : words.list("large-community")) {
      byte[] octets = largeCommunity(word);
      if (first && !largeCommunities.contains(octets)) {
        largeCommunities.add(octets);
      }
    }
  }

  /** Three numbers, or all of it as one. */
  private static byte[] largeCommunity(String word) throws MalformedException {
    String[] parts = word.split(":", -1);
    if (parts.length == 1) {
      return Words.large(word, LARGE_COMMUNITY, "large community");
    }
    Output out = new Output();
    for (String part : parts) {
      out.u32(Words.number(part, 0xffffffffL, "part of a large community"));
    }
    if (parts.length != 3) {
      throw new MalformedException("'" + word + "' is no large community, which has three parts");
    }
    return out.toBytes();
  }

  /** @param counts whether they are added to those that there are, as those of a flow rule always are */
  void extendedCommunities(Words words, boolean counts) throws MalformedException {
    boolean list = words.take("[");
    while (!list || !words.take("]")) {
      byte[] octets = ExtendedCommunityWord.read(words);
      if (counts) {
        extended(octets);
      }
      if (!list) {
        return;
      }
    }
  }

  private static byte[] aigp(Words words) throws MalformedException {
    return new Output()
        .u8(1)
        .u16(11)
        .add(Words.large(words.next("aigp"), 8, "aigp"))
        .toBytes();
  }

  /** {@code [ TYPE FLAGS VALUE ]}, all in hexadecimal digits. */
  private void generic(Words words) throws MalformedException {
    List<String> parts = words.list("attribute");
    if (parts.size() != 3) {
      throw new MalformedException("an attribute is [ TYPE FLAGS VALUE ]");
    }
    int type = (int) Words.number(parts.get(0), 255, "attribute type");
    say(type, (int) Words.number(parts.get(1), 255, "attribute's flags"), Output.hex(parts.get(2)));
  }
}
