package dev.catwalk.felix.agent;

import dev.catwalk.bgp.rib.Path;
import dev.catwalk.bgp.rib.Source;
import dev.catwalk.felix.calc.Gateway;
import dev.catwalk.felix.calc.Leftover;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What peers have told, as next hops by prefix; until they have told all, and a moment longer, what
 * an earlier agent left in the kernel too. Times in nanoseconds of one clock. Of the agent's loop.
 */
final class LearnedRoutes {
  private static final Logger log = LoggerFactory.getLogger(LearnedRoutes.class);

  /**
   * A peer that was itself started a while ago still marks itself as restarting, and its End-of-RIB is
   * not waited for (RFC 4724 §4.1): its routes follow those of the others by the time that a router
   * takes to collect its first updates, which is a second in some.
   */
  static final long LINGER_NANOS = 3_000_000_000L;

  private final TreeMap<Prefix, List<Gateway>> learned = new TreeMap<>();
  private final TreeSet<Prefix> summed = new TreeSet<>();
  private final boolean carries;
  private Leftover leftover;
  private boolean converged;
  private long convergedAt;

  /** @param carries whether others' packets pass this node */
  LearnedRoutes(Leftover leftover, boolean carries) {
    this.leftover = leftover;
    this.carries = carries;
    if (!leftover.gateways().isEmpty()) {
      log.info(
          "routes found are kept until peers have told theirs count={}",
          leftover.gateways().size());
    }
  }

  /** The newest selection for a prefix; empty: it is gone. */
  void learn(Prefix prefix, List<Path> paths) {
    if (!paths.isEmpty() && isAggregate(paths.getFirst())) {
      summed.add(prefix);
    } else {
      summed.remove(prefix);
    }
    List<Gateway> nextHops = new ArrayList<>();
    for (Path path : paths) {
      Source source = path.source();
      if (source.kind() != Source.Kind.LOCAL) {
        path.via().forEach(via -> nextHops.add(new Gateway(via.address(), via.link())));
      }
    }
    if (nextHops.isEmpty()) {
      learned.remove(prefix);
    } else {
      learned.put(prefix, nextHops);
    }
  }

  private static boolean isAggregate(Path path) {
    return path.source().kind() == Source.Kind.LOCAL
        && path.attributes().aggregator().isPresent();
  }

  /** What the speaker tells as an aggregate at the moment. */
  SortedSet<Prefix> summed() {
    return Collections.unmodifiableSortedSet(summed);
  }

  /** Peers have told all, as far as they are waited for. */
  void converged(long now) {
    converged = true;
    convergedAt = now;
  }

  /** Lets go of what was left when its time has come. */
  void tick(long now) {
    if (converged && now - convergedAt >= LINGER_NANOS && !leftover.equals(Leftover.NONE)) {
      long gone = leftover.gateways().keySet().stream()
          .filter(p -> !learned.containsKey(p))
          .count();
      log.info(
          "routes found are given up that no peer has told learned={} gone={}",
          learned.size(),
          gone);
      leftover = Leftover.NONE;
    }
  }

  /** Whether {@link #now} is what peers have told, all of it and nothing else. */
  boolean isSettled() {
    return converged && leftover.equals(Leftover.NONE);
  }

  SortedMap<Prefix, List<Gateway>> now() {
    return Collections.unmodifiableSortedMap(leftover.with(learned, carries));
  }
}
