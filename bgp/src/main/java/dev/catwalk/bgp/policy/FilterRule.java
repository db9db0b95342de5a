package dev.catwalk.bgp.policy;

import dev.catwalk.bgp.rib.Source;
import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.LargeCommunities;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * One rule of a {@link RouteFilter}, in the terms of Calico's BGPFilter: a route that meets all that
 * is said is accepted, with its operations, or rejected. What is not said is met.
 *
 * @param prefixes which prefixes
 * @param remote only routes that some peer told
 * @param link only routes of sessions over an interface of that name; {@code *} stands for any text
 * @param peer only where the filter's own peer is that
 * @param community one that the route carries
 * @param asPathPrefix what the AS_PATH begins with; empty: anything
 * @param priority the MED, an absent one being 0
 * @param operations of accepted routes; none of rejected ones
 */
public record FilterRule(
    boolean accepts,
    Optional<Prefixes> prefixes,
    boolean remote,
    Optional<String> link,
    Optional<PeerType> peer,
    Optional<Community> community,
    List<Long> asPathPrefix,
    OptionalLong priority,
    List<Operation> operations) {

  public FilterRule {
    assert accepts || operations.isEmpty();
    asPathPrefix = List.copyOf(asPathPrefix);
    operations = List.copyOf(operations);
  }

  /** That and nothing else. */
  public static FilterRule of(boolean accepts, Optional<Prefixes> prefixes) {
    return new FilterRule(
        accepts,
        prefixes,
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        OptionalLong.empty(),
        List.of());
  }

  /** How a route's prefix stands to the rule's. */
  public enum Operator {
    EQUAL,
    NOT_EQUAL,
    IN,
    NOT_IN
  }

  /** What the filter's peer is to us. */
  public enum PeerType {
    EBGP,
    IBGP
  }

  /**
   * Prefixes by their place and length.
   *
   * @param min shortest length in bits; for {@code NOT_IN} and {@code NOT_EQUAL} what is turned round
   *     includes the lengths
   * @param max longest length in bits
   */
  public record Prefixes(Operator operator, Prefix cidr, int min, int max) {
    public Prefixes {
      assert min >= 0 && min <= max && max <= cidr.family().bits();
    }

    boolean meets(long high, long low, int length) {
      boolean fits = length >= min && length <= max;
      return switch (operator) {
        case EQUAL -> fits && isSame(high, low, length);
        case NOT_EQUAL -> !(fits && isSame(high, low, length));
        case IN -> fits && contains(high, low, length);
        case NOT_IN -> !(fits && contains(high, low, length));
      };
    }

    private boolean isSame(long high, long low, int length) {
      return length == cidr.length() && contains(high, low, length);
    }

    private boolean contains(long high, long low, int length) {
      int bits = cidr.length();
      if (length < bits) {
        return false;
      }
      long ours = cidr.address().low();
      if (cidr.family() == Family.IPV4) {
        return bits == 0 || (ours ^ low) >>> 32 - bits == 0;
      }
      long upper = cidr.address().high() ^ high;
      return bits == 0
          || (bits <= 64
              ? upper >>> 64 - bits == 0
              : upper == 0 && (ours ^ low) >>> 128 - bits == 0);
    }
  }

  /** One that a route may carry. */
  public sealed interface Community {
    boolean isIn(PathAttributes attributes);

    PathAttributes addTo(PathAttributes attributes);
  }

  /** RFC 1997. */
  public record Standard(int value) implements Community {
    @Override
    public boolean isIn(PathAttributes attributes) {
      Communities all = attributes.communities().orElse(null);
      return all != null && all.contains(value);
    }

    @Override
    public PathAttributes addTo(PathAttributes attributes) {
      Communities all = attributes.communities().orElse(null);
      return attributes
          .with()
          .communities(all == null ? Communities.of(value) : all.with(value))
          .build();
    }
  }

  /** RFC 8092. */
  public record Large(LargeCommunities.Large value) implements Community {
    @Override
    public boolean isIn(PathAttributes attributes) {
      LargeCommunities all = attributes.largeCommunities().orElse(null);
      return all != null && all.values().contains(value);
    }

    @Override
    public PathAttributes addTo(PathAttributes attributes) {
      if (isIn(attributes)) {
        return attributes;
      }
      List<LargeCommunities.Large> values = new ArrayList<>();
      attributes.largeCommunities().ifPresent(all -> values.addAll(all.values()));
      values.add(value);
      return attributes.with().largeCommunities(new LargeCommunities(values)).build();
    }
  }

  /** A change of a route that is accepted. */
  public sealed interface Operation {}

  public record AddCommunity(Community community) implements Operation {}

  /** The path begins with these numbers then, in that order. */
  public record PrependAsPath(List<Long> numbers) implements Operation {
    public PrependAsPath {
      numbers = List.copyOf(numbers);
    }
  }

  /** Sets the MED: 0..2^32-1. */
  public record SetPriority(long value) implements Operation {}

  /** Whether a route meets all of it. */
  boolean meets(
      PathAttributes attributes, Source from, boolean ibgpPeer, long high, long low, int length) {
    if (prefixes.isPresent() && !prefixes.get().meets(high, low, length)) {
      return false;
    }
    if (remote && from.kind() == Source.Kind.LOCAL) {
      return false;
    }
    if (peer.isPresent() && (peer.get() == PeerType.IBGP) != ibgpPeer) {
      return false;
    }
    if (link.isPresent() && !isLike(link.get(), from.link())) {
      return false;
    }
    if (community.isPresent() && !community.get().isIn(attributes)) {
      return false;
    }
    if (priority.isPresent() && attributes.med().orElse(0) != priority.getAsLong()) {
      return false;
    }
    return asPathPrefix.isEmpty() || begins(attributes.asPath());
  }

  private static boolean isLike(String pattern, String link) {
    String[] parts = pattern.split("\\*", -1);
    StringBuilder regex = new StringBuilder(Pattern.quote(parts[0]));
    for (int i = 1; i < parts.length; i++) {
      regex.append(".*").append(Pattern.quote(parts[i]));
    }
    return !link.isEmpty() && Pattern.matches(regex.toString(), link);
  }

  private boolean begins(AsPath path) {
    int at = 0;
    for (AsPath.Segment segment : path.segments()) {
      if (segment.kind() != AsPath.Kind.SEQUENCE) {
        return false;
      }
      for (int i = 0; i < segment.size(); i++) {
        if (segment.as(i) != asPathPrefix.get(at++)) {
          return false;
        }
        if (at == asPathPrefix.size()) {
          return true;
        }
      }
    }
    return false;
  }

  /** What its operations make of a path. */
  AsPath path(AsPath path) {
    AsPath result = path;
    for (Operation operation : operations) {
      if (operation instanceof PrependAsPath(List<Long> numbers)) {
        for (int i = numbers.size() - 1; i >= 0; i--) {
          result = result.prepend(numbers.get(i));
        }
      }
    }
    return result;
  }

  /** What its operations make of all else. */
  PathAttributes rest(PathAttributes attributes) {
    PathAttributes result = attributes;
    for (Operation operation : operations) {
      result = switch (operation) {
        case AddCommunity(Community added) -> added.addTo(result);
        case SetPriority(long value) -> result.with().med(value).build();
        case PrependAsPath p -> result;
      };
    }
    return result;
  }
}
