package dev.catwalk.bgp.policy;

import dev.catwalk.bgp.rib.Exporter;
import dev.catwalk.bgp.rib.Source;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What peers are told where aggregates stand for their parts: the same, without routes that
 * contribute to one of these. As long as there is such a route, the aggregate is told too.
 *
 * @param aggregates those with {@code summaryOnly}
 * @param ownOnly whether our own routes alone contribute
 */
public record SummaryOnly(Exporter rest, List<Aggregate> aggregates, boolean ownOnly)
    implements Exporter {
  public SummaryOnly {
    aggregates = List.copyOf(aggregates);
  }

  /** The policy with those of the aggregates that are told in place of their parts. */
  public static Exporter over(Exporter policy, List<Aggregate> aggregates, boolean ownOnly) {
    List<Aggregate> alone = aggregates.stream().filter(Aggregate::summaryOnly).toList();
    return alone.isEmpty() ? policy : new SummaryOnly(policy, alone, ownOnly);
  }

  @Override
  public boolean draws(PathAttributes attributes, Source from) {
    return rest.draws(attributes, from);
  }

  @Override
  public boolean filters() {
    return true;
  }

  @Override
  public int verdict(
      PathAttributes attributes, Source from, Family family, long high, long low, int length) {
    boolean counts = !ownOnly || from.kind() == Source.Kind.LOCAL;
    if (counts && !Aggregate.isBound(attributes)) {
      IpAddress address = family == Family.IPV4 ? IpAddress.v4((int) low) : IpAddress.v6(high, low);
      Prefix prefix = Prefix.of(address, length);
      for (Aggregate aggregate : aggregates) {
        if (aggregate.covers(prefix)) {
          return REJECTED;
        }
      }
    }
    return rest.filters() ? rest.verdict(attributes, from, family, high, low, length) : 0;
  }

  @Override
  public @Nullable PathAttributes export(PathAttributes attributes, Source from) {
    return rest.export(attributes, from);
  }

  @Override
  public @Nullable PathAttributes export(
      PathAttributes attributes, Source from, Family family, int verdict) {
    return rest.export(attributes, from, family, verdict);
  }
}
