package dev.catwalk.felix.agent;

import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.felix.calc.OwnAggregates;
import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.net.tree.SortedTree;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code bgp.aggregates} of an agent, as far as they can be told by now. Of the agent's loop. */
final class Summaries {
  private static final Logger log = LoggerFactory.getLogger(Summaries.class);

  private final String node;
  private OwnAggregates aggregates = OwnAggregates.NONE;
  private @Nullable SpeakerConfig configured;
  private @Nullable SortedTree<Prefix, Block> blocks;
  private @Nullable SortedTree<String, Pool> pools;

  Summaries(String node) {
    this.node = node;
  }

  /** What a speaker starts with, before the cluster's state is known. */
  static SpeakerConfig early(SpeakerConfig config) {
    return with(config, OwnAggregates.early(config.aggregates(), config.transit()));
  }

  /** The configuration with those aggregates that this node tells; {@code null}: not known yet. */
  SpeakerConfig of(SpeakerConfig config, @Nullable ClusterState cluster) {
    if (cluster == null) {
      aggregates = OwnAggregates.early(config.aggregates(), config.transit());
    } else if (isNews(config, cluster)) {
      OwnAggregates before = aggregates;
      aggregates = OwnAggregates.of(config.aggregates(), config.transit(), node, cluster.ipam());
      if (!aggregates.withheld().equals(before.withheld())) {
        log.warn("aggregates not told={}", aggregates.withheld());
      }
    }
    return with(config, aggregates);
  }

  @SuppressWarnings("ReferenceEquality") // an unchanged tree is the same one; another costs a look
  private boolean isNews(SpeakerConfig config, ClusterState cluster) {
    SpeakerConfig before = configured;
    boolean news = before == null
        || !before.aggregates().equals(config.aggregates())
        || before.transit() != config.transit()
        || blocks != cluster.ipam().blocks()
        || pools != cluster.ipam().pools();
    configured = config;
    blocks = cluster.ipam().blocks();
    pools = cluster.ipam().pools();
    return news;
  }

  private static SpeakerConfig with(SpeakerConfig config, OwnAggregates aggregates) {
    return config.aggregates().equals(aggregates.told())
        ? config
        : config.aggregating(aggregates.told());
  }

  /**
   * Where the kernel shall drop what it knows no way for.
   *
   * @param summed what the speaker tells as an aggregate
   */
  SortedSet<Prefix> discarded(Collection<Prefix> ownBlocks, SortedSet<Prefix> summed) {
    return aggregates.discarded(new TreeSet<>(ownBlocks), summed);
  }

  List<Problem> problems() {
    List<Problem> problems = new ArrayList<>();
    aggregates
        .withheld()
        .forEach((prefix, why) -> problems.add(new Problem(
            "the aggregate " + prefix + " is not told: " + why + ", whose packets would be lost"
                + " here",
            "take it out of bgp.aggregates of this node, or give the node a pool of its own")));
    return problems;
  }
}
