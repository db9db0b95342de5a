package dev.catwalk.bgp.exabgp;

import dev.catwalk.bgp.wire.AfiSafi;
import java.util.Iterator;
import java.util.stream.IntStream;

/**
 * What a command or a line of a file says of one prefix, rule or service: one route, or with {@code
 * split} all parts of the prefix. It is no larger than what was said; its routes are made when they
 * are asked for.
 */
public final class RouteBlock implements Iterable<Route> {
  private final boolean announced;
  private final Subject subject;
  private final Phrase said;
  private final AttributeWords attributes;

  /**
   * @param said the words, which blocks of one command share
   * @param attributes which nothing changes any more; shared, too
   */
  RouteBlock(boolean announced, Subject subject, Phrase said, AttributeWords attributes) {
    this.announced = announced;
    this.subject = subject;
    this.said = said;
    this.attributes = attributes;
  }

  public boolean isAnnounced() {
    return announced;
  }

  public AfiSafi family() {
    return subject.family();
  }

  /** Its family's two words, as in {@code ipv4 unicast}. */
  public String familyName() {
    return FamilyName.of(family(), " ", JsonVersion.V5);
  }

  /** What it is about: the prefix, be it split or not, or a rule's words. */
  public String name() {
    return subject.name();
  }

  /** Whether its routes can be announced as far as that is about their next hop: prefixes need one. */
  public boolean isComplete() {
    return !announced || !RouteWriter.isOfPrefixes(family()) || attributes.hasNextHop();
  }

  /** How many routes it stands for. */
  public int size() {
    return subject.size();
  }

  /** One of them, made for the caller. */
  public Route get(int index) {
    return new Route(this, index, announced, subject.key(index));
  }

  @Override
  public Iterator<Route> iterator() {
    return IntStream.range(0, size()).mapToObj(this::get).iterator();
  }

  Subject subject() {
    return subject;
  }

  Phrase said() {
    return said;
  }

  AttributeWords attributes() {
    return attributes;
  }
}
