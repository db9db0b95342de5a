package dev.catwalk.felix.agent;

import dev.catwalk.bgp.netty.BgpService;
import dev.catwalk.bgp.netty.Inquiry;
import dev.catwalk.bgp.speaker.PeerTotals;
import dev.catwalk.felix.alloc.LocalAddresses;
import dev.catwalk.felix.kernel.KernelService;
import dev.catwalk.felix.kernel.Repairs;
import dev.catwalk.felix.metrics.Metrics;
import dev.catwalk.felix.model.PoolUse;
import dev.catwalk.raftstore.store.Store;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Which numbers the parts of an agent show. */
final class Gauges {
  /** A scrape waits so long for a speaker that is busy; then its numbers are NaN. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private Gauges() {}

  static void register(
      Metrics metrics,
      AgentLoop loop,
      Store store,
      LocalAddresses addresses,
      KernelService kernel,
      @Nullable BgpService speaker) {
    metrics.gauge(
        "catwalk.endpoints", "pods of this node", () -> loop.view().local().size());
    metrics.gauge("catwalk.loop.age.ms", "since the loop's last turn", loop::sinceTurnMs);
    metrics.gauge(
        "catwalk.store.revision", "commands applied here", () -> store.status().revision());
    metrics.gauge(
        "catwalk.store.quorum",
        "1 while a majority answers",
        () -> store.status().quorum() ? 1 : 0);
    metrics.gauge(
        "catwalk.ipam.blocks", "blocks of this node", () -> addresses.blocks().size());
    metrics.gauge("catwalk.ipam.free", "addresses free in them", addresses::free);
    metrics.gauge(
        "catwalk.ipam.pool.used.percent",
        "of the pool that is nearest to its end: blocks with an owner, or addresses of its blocks"
            + " in use once all have one",
        () -> PoolUse.fullestPercent(loop.view().cluster().ipam()));
    metrics.gauge(
        "catwalk.ipam.pending", "changes that the store does not know", addresses::pending);
    metrics.gauge(
        "catwalk.kernel.in.sync",
        "1 while nothing desired is missing",
        () -> kernel.status().inSync() ? 1 : 0);
    metrics.gauge(
        "catwalk.kernel.routes", "routes of ours", () -> kernel.status().routesInstalled());
    metrics.gauge(
        "catwalk.kernel.repairs",
        "what others changed and was put right",
        () -> kernel.status().repairs().total());
    repairs(metrics, kernel, "routes", Repairs::routes);
    repairs(metrics, kernel, "links", Repairs::links);
    repairs(metrics, kernel, "sysctls", Repairs::sysctls);
    repairs(metrics, kernel, "rules", Repairs::rules);
    repairs(metrics, kernel, "sets", Repairs::sets);
    if (speaker != null) {
      bgp(metrics, speaker.inquiry());
    }
  }

  private static void repairs(
      Metrics metrics, KernelService kernel, String kind, ToLongFunction<Repairs> part) {
    metrics.gauge(
        "catwalk.kernel.repairs." + kind,
        "of these, " + kind,
        () -> part.applyAsLong(kernel.status().repairs()));
  }

  /** Six numbers, however many peers there are, and one question for all of them. */
  private static void bgp(Metrics metrics, Inquiry speaker) {
    Supplier<Optional<PeerTotals>> totals = metrics.once(() -> speaker.totals(PATIENCE));
    bgp(metrics, totals, "established", "sessions that are up", PeerTotals::established);
    bgp(metrics, totals, "bfd.sessions", "paths that BFD watches", PeerTotals::bfdSessions);
    bgp(metrics, totals, "bfd.up", "of these, those that work", PeerTotals::bfdUp);
    bgp(metrics, totals, "peers", "sessions that are wanted", PeerTotals::peers);
    bgp(metrics, totals, "routes.in", "accepted", PeerTotals::routesIn);
    bgp(metrics, totals, "routes.out", "told", PeerTotals::routesOut);
  }

  private static void bgp(
      Metrics metrics,
      Supplier<Optional<PeerTotals>> totals,
      String name,
      String help,
      ToLongFunction<PeerTotals> part) {
    metrics.gauge("catwalk.bgp." + name, help, () -> {
      PeerTotals now = totals.get().orElse(null);
      return now == null ? (Number) Double.NaN : part.applyAsLong(now);
    });
  }
}
