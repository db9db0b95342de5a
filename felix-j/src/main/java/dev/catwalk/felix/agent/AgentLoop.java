package dev.catwalk.felix.agent;

import dev.catwalk.bgp.netty.BgpService;
import dev.catwalk.bgp.speaker.Origination;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.felix.agent.Wishes.Wish;
import dev.catwalk.felix.alloc.LocalAddresses;
import dev.catwalk.felix.calc.AddressPlan;
import dev.catwalk.felix.calc.Leftover;
import dev.catwalk.felix.calc.NodePlanner;
import dev.catwalk.felix.calc.NodePlanner.Plan;
import dev.catwalk.felix.config.AgentConfig;
import dev.catwalk.felix.config.BgpSection;
import dev.catwalk.felix.kernel.KernelService;
import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.felix.model.Endpoint;
import dev.catwalk.felix.model.NodeInfo;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.raftstore.machine.Applied;
import dev.catwalk.raftstore.machine.Change;
import dev.catwalk.raftstore.store.Store;
import dev.catwalk.raftstore.store.Subscription;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes the agent's state. Each turn takes what has come, has the plan made for
 * it, hands that to kernel, peers and store, and publishes a view. A turn that throws ends the
 * process: the kernel keeps its state and the supervisor starts us again.
 */
final class AgentLoop {
  /** A turn happens at least so often, milliseconds. */
  private static final long TURN_MS = 500;

  /** The same where nothing is expected: all that a turn looks at wakes the loop when it changes. */
  private static final long REST_MS = 3_000;

  /** After a failed attempt at the store, milliseconds. */
  private static final long RETRY_MS = 1_000;

  /** Pods are told of so far apart at least, those of a burst together, milliseconds. */
  private static final long APART_MS = 100;

  private static final Logger log = LoggerFactory.getLogger(AgentLoop.class);

  /** What the loop works with, all of it running already. */
  record Parts(
      NodeInfo self,
      List<Pool> pools,
      List<Prefix> blocks,
      AgentConfig.Ipam ipam,
      Optional<BgpSection> bgp,
      Store store,
      LocalAddresses addresses,
      KernelService kernel,
      @Nullable BgpService speaker,
      Leftover leftover,
      EarlierLife earlier,
      KnownNodes nodes,
      SortedSet<Long> earlierLives) {}

  private final Parts parts;
  private @Nullable BgpSection bgp;
  private final Mailbox mailbox;
  private final NodePlanner planner = new NodePlanner();
  private final LinkedHashMap<Handle, LocalEndpoint> local = new LinkedHashMap<>();
  private final LearnedRoutes learned;

  /** Who waits for the plan that has their pods. */
  private final List<CompletableFuture<Long>> added = new ArrayList<>();

  private ClusterState cluster = ClusterState.empty();
  private @Nullable Subscription subscription;
  private CompletableFuture<Long> barrier = new CompletableFuture<>();
  private boolean current;
  private NodePlanner.@Nullable Inputs planned;
  private @Nullable Plan plan;
  private long manifestsAt;
  private long enforced;
  private @Nullable SortedSet<Prefix> originated;
  private @Nullable SpeakerConfig spoken;
  private final Forwarding forwarding = new Forwarding();
  private final Forwarded forwarded = new Forwarded();
  private final Gone gone = new Gone();
  private final Surroundings surroundings = new Surroundings();

  private @Nullable CompletableFuture<Applied> submitted;
  private String wished = "";
  private long knownFrom;
  private long retryAt = System.nanoTime();
  private long manyAt = System.nanoTime();
  private boolean manyWait;
  private List<Problem> problems = List.of();
  private final BlockClaims claims;
  private final PoolEvents poolEvents = new PoolEvents();
  private final AddressPlans plans;
  private final Summaries summaries;

  private volatile AgentView view;
  private volatile long lastTurnAt = System.nanoTime();
  private volatile boolean stopping;

  AgentLoop(Parts parts, Mailbox mailbox, List<LocalEndpoint> kept) {
    this.parts = parts;
    this.mailbox = mailbox;
    boolean carries = parts.bgp().map(b -> b.speaker().transit()).orElse(false);
    this.learned = new LearnedRoutes(parts.leftover(), carries);
    kept.forEach(e -> local.put(e.handle(), e));
    claims = new BlockClaims(
        parts.addresses(), parts.blocks(), parts.ipam(), parts.earlierLives(), this::wake);
    plans = new AddressPlans(parts.self().name(), parts.self().labels());
    summaries = new Summaries(parts.self().name());
    bgp = parts.bgp().orElse(null);
    spoken = parts.bgp().map(b -> Summaries.early(b.speaker())).orElse(null);
    view = new AgentView(cluster, new TreeMap<>(local), null, 0, List.of());
  }

  /** Begins; the thread ends with {@link #stop} or with the process. */
  Thread start() {
    return Thread.ofPlatform().name("cw-loop").start(() -> {
      try {
        run();
      } catch (InterruptedException e) {
        log.warn("the loop was interrupted");
      } catch (Throwable e) {
        log.error("the loop failed: this process ends, the kernel keeps its state", e);
        Runtime.getRuntime().halt(Agent.FAULT);
      }
    });
  }

  void stop() {
    stopping = true;
    wake();
  }

  /** As it was after the last turn. Any thread. */
  AgentView view() {
    return view;
  }

  /** What manifests say of addresses. Any thread. */
  AddressPlan addressPlan() {
    return plans.of(view.cluster());
  }

  /** How long ago the last turn ended, milliseconds. Any thread. */
  long sinceTurnMs() {
    return (System.nanoTime() - lastTurnAt) / 1_000_000;
  }

  /** Peers are those from now on. Any thread. */
  void configure(BgpSection section) {
    var unused = mailbox.call(() -> {
      bgp = section;
      BgpService speaker = parts.speaker();
      if (speaker != null) {
        speaker.monitor(section.monitors());
        speaker.record(section.mrt());
      }
    });
  }

  /** Has the next turn happen now. Any thread. */
  void wake() {
    var unused = mailbox.call(() -> {});
  }

  /**
   * This node has this pod now. Any thread.
   *
   * @return the revision of the desired kernel state that includes it, one for all that come
   *     together; completed by the loop's thread
   */
  CompletableFuture<Long> add(LocalEndpoint endpoint) {
    CompletableFuture<Long> answer = new CompletableFuture<>();
    CompletableFuture<Void> taken = ask(() -> {
      local.remove(endpoint.handle()); // the newest is last
      local.put(endpoint.handle(), endpoint);
      added.add(answer);
      return null;
    });
    return taken.thenCompose(done -> answer);
  }

  /** This node has it no more: tells what it was, if anything. */
  CompletableFuture<Optional<LocalEndpoint>> remove(Handle handle) {
    return ask(() -> Optional.ofNullable(local.remove(handle)));
  }

  /** This node's pods. Any thread. */
  CompletableFuture<SortedMap<Handle, LocalEndpoint>> pods() {
    return ask(() -> new TreeMap<>(local));
  }

  private <T> CompletableFuture<T> ask(Supplier<T> what) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    if (!mailbox.call(() -> answer.complete(what.get()))) {
      answer.completeExceptionally(new IllegalStateException("the agent has too much to do"));
    }
    return answer;
  }

  private void run() throws InterruptedException {
    subscription = parts.store().subscribe(0, mailbox::changed);
    parts.kernel().whenConnectedChanges(this::wake);
    barrier = askBarrier();
    BgpService speaker = parts.speaker();
    if (speaker != null) {
      speaker.forwarding(new TreeSet<>(), new TreeSet<>()); // what the kernel has is said later
      lookAround(speaker);
    }
    tellPeers(); // what this node's own record says waits for no store
    while (!stopping) {
      turn(mailbox.take(manyWait ? untilManyMs() : isAtRest() ? REST_MS : TURN_MS));
      lastTurnAt = System.nanoTime();
    }
    subscription.close();
  }

  /** Whether nothing waits for time to pass, and all that is known is done and told. */
  private boolean isAtRest() {
    return current
        && submitted == null
        && System.nanoTime() - retryAt >= 0
        && problems.isEmpty()
        && claims.isAtRest()
        && enforced == cluster.revision()
        && (parts.speaker() == null || learned.isSettled());
  }

  private void turn(Mailbox.Batch batch) {
    batch.changes().forEach(this::follow);
    if (batch.changesLost()) {
      subscribeAgain();
    }
    batch.routes().forEach(learned::learn);
    if (batch.converged()) {
      learned.converged(System.nanoTime());
    }
    learned.tick(System.nanoTime());
    gone.look(local, parts.kernel());
    catchUp();
    parts.addresses().observe(cluster.ipam(), cluster.revision());
    batch.calls().forEach(Runnable::run);
    tellPeers();
    BgpService speaker = parts.speaker();
    if (speaker != null) {
      lookAround(speaker);
    }
    plan();
    Plan wanted = plan;
    added.forEach(a -> a.complete(wanted == null ? 0 : wanted.kernel().revision()));
    added.clear();
    if (wanted != null) {
      compare(wanted.kernel().revision(), parts.kernel().status().revision());
    }
    wish();
    if (current) {
      claims.turn(cluster.ipam(), plans.of(cluster));
      poolEvents.look(cluster.ipam(), cluster.revision(), System.nanoTime());
    }
    List<Problem> all = new ArrayList<>(problems);
    all.addAll(claims.problems());
    all.addAll(summaries.problems());
    for (String what : plans.of(cluster).problems(cluster.ipam())) {
      all.add(new Problem(what, "change the manifest"));
    }
    view = new AgentView(cluster, new TreeMap<>(local), plan, enforced, all);
  }

  /** Which next hops are reached without BGP. */
  private void lookAround(BgpService speaker) {
    TreeSet<IpAddress> pods = new TreeSet<>();
    local.values().forEach(e -> pods.addAll(e.endpoint().addresses()));
    surroundings.look(parts.kernel().otherRoutes(), pods).ifPresent(speaker::reaches);
  }

  private void compare(long desired, long applied) {
    if (applied >= desired) {
      enforced = cluster.revision();
    }
    BgpService speaker = parts.speaker();
    if (speaker != null) {
      forwarded
          .look(applied, parts.kernel().refusedRoutes())
          .ifPresent(news -> speaker.forwarding(news.more(), news.fewer()));
    }
    if (speaker != null && forwarding.begins(learned.isSettled(), desired, applied)) {
      speaker.forwards();
      log.info("the kernel has what peers told: others are told of it");
    }
  }

  private void follow(Change change) {
    boolean next = change instanceof Change.Replaced
        ? change.revision() >= cluster.revision()
        : change.revision() == cluster.revision() + 1;
    if (next) {
      ClusterState before = cluster;
      cluster = before.apply(change);
      // Of what was skipped nobody knows: a manifest that was deleted leaves no trace.
      if (change instanceof Change.Replaced || !cluster.manifests().equals(before.manifests())) {
        manifestsAt = cluster.revision();
      }
    } else if (change.revision() > cluster.revision()) {
      subscribeAgain();
    }
  }

  private void subscribeAgain() {
    if (subscription != null) {
      subscription.close();
    }
    log.info("following the store anew from={}", cluster.revision());
    subscription = parts.store().subscribe(cluster.revision(), mailbox::changed);
  }

  /** Until the state is that of the whole cluster, nothing is asked of the kernel. */
  private void catchUp() {
    if (current || !barrier.isDone()) {
      return;
    }
    if (barrier.isCompletedExceptionally()) {
      if (System.nanoTime() - retryAt > 0) {
        barrier = askBarrier();
      }
    } else if (barrier.join() <= cluster.revision()) {
      current = true;
      retryAt = System.nanoTime(); // What this node has to tell waits for nothing more.
      log.info("the cluster's state is known revision={}", cluster.revision());
    }
  }

  private CompletableFuture<Long> askBarrier() {
    retryAt = System.nanoTime() + RETRY_MS * 1_000_000;
    CompletableFuture<Long> asked = parts.store().barrier();
    var unused = asked.whenComplete((revision, e) -> wake());
    return asked;
  }

  private void tellPeers() {
    BgpService speaker = parts.speaker();
    if (speaker == null) {
      return;
    }
    SortedSet<Prefix> own = new TreeSet<>(parts.addresses().blocks());
    if (!own.equals(originated)) {
      originated = own;
      TreeMap<Prefix, Origination> routes = new TreeMap<>();
      own.forEach(block -> routes.put(block, Origination.PLAIN));
      speaker.originate(routes);
      log.info("originating blocks={}", own);
    }
    BgpSection section = bgp;
    if (section != null) {
      SpeakerConfig config = summaries.of(
          MeshPeers.with(section, parts.self().name(), otherNodes()), current ? cluster : null);
      if (!config.equals(spoken)) {
        spoken = config;
        try {
          speaker.reconfigure(config);
          log.info("peers configured count={}", config.peers().size());
        } catch (IllegalArgumentException e) {
          log.error("peers stay as they were why={}", e.getMessage());
        }
      }
    }
  }

  /** Until the store says more, those of the last life: sessions wait for no quorum. */
  private Collection<NodeInfo> otherNodes() {
    if (current) {
      parts.nodes().remember(cluster.nodes().values());
    }
    return parts.nodes().nodes();
  }

  private void plan() {
    if (!current) {
      return;
    }
    NodePlanner.Inputs inputs = new NodePlanner.Inputs(
        cluster,
        parts.self().name(),
        endpoints(),
        new TreeSet<>(parts.addresses().blocks()),
        parts.kernel().connected(),
        learned.now(),
        summaries.discarded(parts.addresses().blocks(), learned.summed()));
    if (inputs.equals(planned)) {
      return;
    }
    Plan before = plan;
    Plan now = planner.plan(inputs);
    planned = inputs;
    plan = now;
    forwarded.plan(now.kernel().revision(), inputs.learned().keySet());
    if (before == null || before.kernel().revision() != now.kernel().revision()) {
      parts.kernel().desire(now.kernel());
      var unused = parts.kernel().applied(now.kernel().revision()).thenRun(this::wake);
      if (before == null) {
        var unusedToo = parts
            .kernel()
            .applied(now.kernel().revision())
            .thenRun(parts.earlier()::kernelComplete);
      }
    }
  }

  private List<Endpoint> endpoints() {
    return local.values().stream()
        .filter(e -> !e.gone())
        .map(LocalEndpoint::endpoint)
        .toList();
  }

  private long untilManyMs() {
    return Math.clamp((manyAt - System.nanoTime()) / 1_000_000, 0, TURN_MS);
  }

  /** Sends the store what it does not know of this node, one command at a time. */
  private void wish() {
    CompletableFuture<Applied> under = submitted;
    boolean waits = manyWait && untilManyMs() > 0; // then it is not put together each time
    manyWait = false;
    if (!current || under != null && !under.isDone() || System.nanoTime() - retryAt < 0) {
      return;
    }
    if (under != null) {
      submitted = null;
      if (under.isCompletedExceptionally()) {
        retryAt = System.nanoTime() + RETRY_MS * 1_000_000;
        String why = String.valueOf(under.exceptionNow().getMessage());
        if (problems.isEmpty()) {
          log.warn("the store did not take a command what={} why={}", wished, why);
        }
        problems =
            List.of(new Problem("cannot " + wished + ": " + why, "see the store's problems"));
        return;
      }
      problems = List.of();
      knownFrom = under.join().revision();
    }
    if (cluster.revision() < knownFrom) {
      return;
    }
    Optional<Wish> next =
        waits ? Optional.empty() : Wishes.next(cluster, parts.self(), parts.pools(), endpoints());
    manyWait = waits || next.isPresent() && next.get().many() && untilManyMs() > 0;
    if (manyWait || next.isEmpty()) {
      next = Wishes.enforced(cluster, parts.self(), manifestsAt, enforced);
    }
    if (next.isEmpty()) {
      next = Wishes.ofPools(cluster, parts.self(), plans.of(cluster).wish(cluster.ipam()));
    }
    if (next.isPresent()) {
      if (next.get().many()) {
        manyAt = System.nanoTime() + APART_MS * 1_000_000;
      }
      wished = next.get().what();
      log.debug("telling the store what={}", wished);
      CompletableFuture<Applied> sent =
          parts.store().submit(next.get().machine(), next.get().command());
      submitted = sent;
      var unused = sent.whenComplete((applied, e) -> wake());
    }
  }
}
