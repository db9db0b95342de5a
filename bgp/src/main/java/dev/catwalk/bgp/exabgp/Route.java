package dev.catwalk.bgp.exabgp;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Octets;
import java.util.ArrayList;
import java.util.List;

/**
 * One route of a command or a file: announced or withdrawn, of any family. What a session adds (AS
 * path, path identifiers, {@code next-hop self}) comes when it is written for one: {@link RouteWriter}.
 */
public final class Route {

  /**
   * What makes two routes the same one, whatever they say.
   *
   * @param path its path identifier in four octets; empty: none was said
   * @param nlri its octets without the path identifier
   */
  public record Key(AfiSafi family, Octets path, Octets nlri) {}

  private final boolean announced;
  private final Key key;
  private final String name;
  private final String said;
  private final AttributeWords attributes;
  private final Octets signature;

  /** @param signature that of the attributes, which routes that were said together share */
  Route(
      boolean announced,
      Key key,
      String name,
      String said,
      AttributeWords attributes,
      Octets signature) {
    this.announced = announced;
    this.key = key;
    this.name = name;
    this.said = said;
    this.attributes = attributes;
    this.signature = signature;
  }

  public boolean isAnnounced() {
    return announced;
  }

  public Key key() {
    return key;
  }

  public AfiSafi family() {
    return key.family;
  }

  /** The watchdog that has it announced and withdrawn; empty: none has. */
  public String watchdog() {
    return attributes.watchdog();
  }

  /** Whether it waits for its watchdog. */
  public boolean isHeld() {
    return attributes.isHeld();
  }

  /** Whether there is a next hop, which announced prefixes need. */
  public boolean hasNextHop() {
    return attributes.hasNextHop();
  }

  /** Whether its family is one of prefixes, which cannot do without a next hop. */
  public boolean isPrefix() {
    return RouteWriter.isOfPrefixes(key.family);
  }

  /** The same route, announced or withdrawn. */
  public Route as(boolean announcement) {
    return new Route(announcement, key, name, said, attributes, signature);
  }

  /** Whether both say the same of the same route. */
  public boolean isSame(Route other) {
    return announced == other.announced && key.equals(other.key) && isLike(other);
  }

  /** Whether both can go in one message as far as their attributes are concerned. */
  boolean isLike(Route other) {
    return signature.equals(other.signature);
  }

  /** What it says, apart from what a session adds: equal where two can go in one message. */
  public Octets signature() {
    return signature;
  }

  AttributeWords attributes() {
    return attributes;
  }

  /** Its family's two words, as in {@code ipv4 unicast}. */
  public String familyName() {
    return FamilyName.of(key.family, " ", JsonVersion.V5);
  }

  /** What it is about: a prefix, or a rule's words. */
  public String name() {
    return name;
  }

  /** The route and its next hop. */
  public String brief() {
    return name + (attributes.hasNextHop() ? " next-hop " + attributes.nextHopText() : "");
  }

  /** The route, its next hop and the other words with which it was said. */
  public String extensive() {
    if (!isPrefix() || !attributes.hasNextHop()) {
      return said;
    }
    List<String> words = new ArrayList<>(List.of(said.strip().split("\\s+")));
    int list = words.indexOf("nlri");
    if (list >= 0) { // of several that were said at once
      words.subList(list, words.size()).clear();
    } else {
      words.removeFirst();
    }
    int hop = words.indexOf("next-hop");
    if (hop >= 0) {
      words.subList(hop, Math.min(hop + 2, words.size())).clear();
    }
    return words.isEmpty() ? brief() : brief() + " " + String.join(" ", words);
  }

  /** The words with which it was said. */
  public String said() {
    return said;
  }

  @Override
  public String toString() {
    return (announced ? "announce " : "withdraw ") + familyName() + " " + name;
  }
}
