package dev.catwalk.bgp.exabgp;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Octets;

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

  private final RouteBlock block;
  private final int index;
  private final boolean announced;
  private final Key key;

  /** @param index which of its block */
  Route(RouteBlock block, int index, boolean announced, Key key) {
    this.block = block;
    this.index = index;
    this.announced = announced;
    this.key = key;
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
    return attributes().watchdog();
  }

  /** Whether it waits for its watchdog. */
  public boolean isHeld() {
    return attributes().isHeld();
  }

  /** Whether its family is one of prefixes, which cannot do without a next hop. */
  private boolean isPrefix() {
    return RouteWriter.isOfPrefixes(key.family);
  }

  /** The same route, announced or withdrawn. */
  public Route as(boolean announcement) {
    return new Route(block, index, announcement, key);
  }

  /** Whether both say the same of the same route. */
  public boolean isSame(Route other) {
    return announced == other.announced && key.equals(other.key) && isLike(other);
  }

  /** Whether both can go in one message as far as their attributes are concerned. */
  boolean isLike(Route other) {
    return said().equals(other.said());
  }

  /** What it says, apart from what a session adds: equal where two can go in one message. */
  public SaidAttributes said() {
    return attributes().all();
  }

  AttributeWords attributes() {
    return block.attributes();
  }

  /** Its family's two words, as in {@code ipv4 unicast}. */
  public String familyName() {
    return block.familyName();
  }

  /** What it is about: a prefix, or a rule's words. */
  public String name() {
    return block.subject().name(index);
  }

  /** The route and its next hop. */
  public String brief() {
    AttributeWords attributes = attributes();
    return name() + (attributes.hasNextHop() ? " next-hop " + attributes.nextHopText() : "");
  }

  /** The route, its next hop and the other words with which it was said. */
  public String extensive() {
    if (!isPrefix() || !attributes().hasNextHop()) {
      return block.said().text();
    }
    String beside = block.said().beside();
    return beside.isEmpty() ? brief() : brief() + " " + beside;
  }

  @Override
  public String toString() {
    return (announced ? "announce " : "withdraw ") + familyName() + " " + name();
  }
}
