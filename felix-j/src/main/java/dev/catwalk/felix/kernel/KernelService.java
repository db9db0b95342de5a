package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.DesiredKernel;
import dev.catwalk.felix.calc.FoundPod;
import dev.catwalk.felix.calc.Leftover;
import dev.catwalk.felix.calc.PodWiring;
import dev.catwalk.felix.calc.RouteTarget;
import dev.catwalk.felix.calc.Ruleset;
import dev.catwalk.felix.kernel.NetlinkSocket.OverflowException;
import dev.catwalk.felix.netlink.wire.Request;
import dev.catwalk.felix.netlink.wire.Sink;
import dev.catwalk.net.addr.Prefix;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The door to the kernel: give it the whole desired state, as often as you like, and it makes the
 * kernel so and keeps it so. Calls return at once and may come from any thread. Closing it leaves
 * the kernel as it is: packets flow on, and the next start finds all in place.
 */
public final class KernelService implements AutoCloseable {
  /** Pods that may wait to be wired or unwired at one time. */
  private static final int MAX_WAITING_PODS = 1000;

  private static final long FIRST_LOOK_MS = 10_000;
  private static final long STOP_MS = 5_000;

  private final Board board;
  private final RouteLoop routes;
  private final RuleLoop rules;
  private final PodWirer wirer;
  private final ThreadPoolExecutor podThread;
  private final ExecutorService callbacks;
  private final Thread routeThread;
  private final Thread ruleThread;

  private final PendingPods pods = new PendingPods();

  /**
   * Works in the calling process's own network namespace; see {@link #start(Optional, Optional)}.
   */
  public static KernelService start(Optional<Iptables> iptables) throws KernelException {
    return start(Optional.empty(), iptables);
  }

  /**
   * Opens its sockets, reads the kernel's state and starts its threads. Writes nothing before the
   * first desired state.
   *
   * @param netns path of the network namespace to keep; nothing for the process's own
   * @param iptables which one to use; nothing for the one that the machine's other programs use
   * @throws KernelException where the rights, the namespace or a usable iptables are lacking
   */
  static KernelService start(Optional<Path> netns, Optional<Iptables> iptables)
      throws KernelException {
    return new KernelService(netns, iptables);
  }

  private KernelService(Optional<Path> netns, Optional<Iptables> iptables) throws KernelException {
    this.callbacks = Executors.newSingleThreadExecutor(
        Thread.ofPlatform().name("cw-kernel-done").daemon().factory());
    this.board = new Board(callbacks);
    CompletableFuture<RouteLoop> routesReady = new CompletableFuture<>();
    CompletableFuture<RuleLoop> rulesReady = new CompletableFuture<>();
    this.routeThread =
        KernelThread.start("cw-routes", netns, routesReady, () -> new RouteLoop(board, pods));
    this.ruleThread = KernelThread.start(
        "cw-rules", netns, rulesReady, () -> new RuleLoop(board, choice(iptables)));
    this.podThread = new ThreadPoolExecutor(
        1,
        1,
        0,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(MAX_WAITING_PODS),
        Thread.ofPlatform().name("cw-pods").daemon().factory());
    try {
      this.routes = KernelThread.await(routesReady);
      this.rules = KernelThread.await(rulesReady);
      this.wirer = KernelThread.await(onPodThread(() -> {
        Netns process = Netns.current();
        KernelThread.enter(netns);
        return new PodWirer(process);
      }));
      board.awaitConnected(FIRST_LOOK_MS);
    } catch (KernelException e) {
      var unused = routesReady.thenAccept(RouteLoop::close);
      unused = rulesReady.thenAccept(RuleLoop::close);
      podThread.shutdownNow();
      callbacks.shutdown();
      throw e;
    }
  }

  private static IptablesChoice choice(Optional<Iptables> named) throws KernelException {
    return named.isPresent()
        ? new IptablesChoice(named.get(), "the configuration names it")
        : KernelProbe.choose();
  }

  /**
   * Takes the place of all earlier desired states.
   *
   * @param desired complete: what is ours and not in it is removed
   */
  public void desire(DesiredKernel desired) {
    routes.desire(desired);
    rules.desire(desired);
  }

  /**
   * Completes when a desired state of that or a newer revision has been written: its rules and sets
   * whole, its routes but for those that the kernel refuses ({@link KernelStatus#lastErrors}).
   */
  public CompletableFuture<Void> applied(long revision) {
    return board.applied(revision);
  }

  /** As {@link #applied}, of rules and sets alone. */
  public CompletableFuture<Void> rulesApplied(long revision) {
    return board.rulesApplied(revision);
  }

  /**
   * Says that {@link #wirePod} will follow: a desired state that names the pod may come before its
   * link, so that its rules are written meanwhile.
   */
  public void expectPod(PodWiring pod) {
    pods.wiring(pod.hostName(), pod.addresses());
  }

  /**
   * Makes a pod's interface; a second call finds what the first one made. Its link and routes are
   * safe from removal until a desired state names them. A platform thread does so itself, one at a
   * time: it must be where the process is.
   *
   * @return completes when packets can flow, or with a {@link KernelException}
   */
  public CompletableFuture<Void> wirePod(PodWiring pod) {
    pods.wiring(pod.hostName(), pod.addresses());
    return forPod(() -> {
          try {
            wirer.wire(pod);
            pods.wired(pod.hostName());
          } catch (KernelException | OverflowException e) {
            pods.forget(pod.hostName());
            throw e;
          } finally {
            routes.wake(); // it settles what is wired, and sweeps what was made of what failed
          }
          return pod;
        })
        .thenAccept(p -> {});
  }

  /**
   * Compares a pod's interface with what {@link #wirePod} made; writes nothing.
   *
   * @return what differs, or a {@link KernelException} where the pod's namespace is gone
   */
  public CompletableFuture<List<Difference>> inspectPod(PodWiring pod) {
    return forPod(() -> wirer.inspect(pod));
  }

  /** Compares rules and sets with the newest desired state; writes nothing. */
  public CompletableFuture<List<Difference>> inspectRules() {
    return rules.inspect();
  }

  /**
   * Whether a path names a network namespace that may be a pod's. Any thread.
   *
   * @throws KernelException if it names something else, or this process's own namespace
   */
  public static void requirePodNamespace(Path path) throws KernelException {
    try (Netns netns = Netns.open(path)) {
      if (netns.isProcess()) {
        throw new KernelException(path + " is the node's own network namespace, not a pod's");
      }
    }
  }

  /**
   * Whether nothing is left of a pod: neither its network namespace nor its link in that of the
   * calling thread. Any thread.
   *
   * @param elsewhere whether what is at the path of its namespace by now is another one
   */
  public static boolean isGone(PodWiring pod, boolean elsewhere) {
    try {
      if (NetworkInterface.getByName(pod.hostName()) != null) {
        return false;
      }
    } catch (SocketException e) {
      return false; // not known: then it is kept
    }
    if (elsewhere) {
      return true;
    }
    try {
      Netns.open(Path.of(pod.netns())).close();
      return false;
    } catch (KernelException e) {
      return true;
    }
  }

  /**
   * Removes a pod's interface; there may be none.
   *
   * @return completes when it is gone, or with a {@link KernelException}
   */
  public CompletableFuture<Void> unwirePod(String containerId, String ifName) {
    String hostName = PodWiring.hostName(containerId, ifName);
    return onPodThread(() -> {
          pods.unwired(hostName);
          return wirer.alone(() -> {
            wirer.unwire(hostName);
            return hostName;
          });
        })
        .thenAccept(n -> {});
  }

  /** What a pod's start asks of the kernel, put together and not asked. */
  public static final class Rehearsal implements AutoCloseable {
    private final NetlinkSocket socket;
    private final Sink out = new Sink();
    private RuleState rules = RuleState.of(Ruleset.EMPTY);

    private Rehearsal(NetlinkSocket socket) {
      this.socket = socket;
    }

    /** As {@link KernelService#wirePod} and the rules that name the pod. */
    public void wire(PodWiring pod, Ruleset desired) throws KernelException {
      out.clear();
      for (Request request : PodWirer.freshRequests(pod)) {
        Request.encode(request, 1, true, out);
      }
      var unused = RulePlan.ofSets(desired, rules);
      rules = RuleState.of(desired);
      try {
        var unusedLink = socket.link(pod.hostName()); // the one thing that is asked
      } catch (OverflowException e) {
        throw new KernelException("one link is more than netlink can tell", e);
      }
    }

    @Override
    public void close() {
      socket.close();
    }
  }

  /** For one thread, in the namespace that it is in. */
  public static Rehearsal rehearsal() throws KernelException {
    return new Rehearsal(NetlinkSocket.brief(new NetlinkSocket.Buffers()));
  }

  /** Subnets of this node's own interfaces. */
  public SortedSet<Prefix> connected() {
    return board.connected();
  }

  /** Where routes of the main table lead that are not ours; nothing where there are too many. */
  public Optional<SortedMap<Prefix, RouteTarget>> otherRoutes() {
    return board.others();
  }

  /** Has this run, in a thread of the kernel's, when {@link #connected} or {@link #otherRoutes} change. */
  public void whenConnectedChanges(Runnable task) {
    board.whenConnectedChanges(task);
  }

  /** Prefixes whose route the kernel has not taken as of {@link KernelStatus#revision}. */
  public SortedSet<Prefix> refusedRoutes() {
    return board.refusedRoutes();
  }

  /** What the kernel had of ours when this started. */
  public Leftover leftover() {
    return board.leftover();
  }

  /** Pods that an earlier agent had made and that were there when this service started. */
  public List<FoundPod> foundPods() {
    return board.foundPods();
  }

  public KernelStatus status() {
    return board.status();
  }

  /** Stops all threads and leaves the kernel as it is. */
  @Override
  public void close() {
    routes.close();
    rules.close();
    podThread.shutdown();
    try {
      if (podThread.awaitTermination(STOP_MS, TimeUnit.MILLISECONDS)) {
        wirer.close();
      }
      routeThread.join(STOP_MS);
      ruleThread.join(STOP_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    callbacks.shutdown();
  }

  /**
   * Removes everything of ours from the kernel, and nothing else: rules and sets, routes, pods'
   * links. Forwarding switches stay as they are.
   */
  public static void clean() throws KernelException {
    clean(Optional.empty());
  }

  static void clean(Optional<Path> netns) throws KernelException {
    CompletableFuture<Runnable> cleaned = new CompletableFuture<>();
    KernelThread.start("cw-clean", netns, cleaned, () -> {
      DesiredKernel nothing =
          new DesiredKernel(0, new TreeMap<>(), new TreeSet<>(), new TreeSet<>(), Ruleset.EMPTY);
      try (NetlinkSocket socket = NetlinkSocket.open()) {
        for (Iptables backend : KernelProbe.usable()) {
          try (RuleTracer tracer = new RuleTracer(backend);
              SetWriter sets = new SetWriter()) {
            new RuleKeeper(new Programs(), backend, tracer, sets).reconcile(nothing.rules(), false);
          }
        }
        RouteKeeper keeper = new RouteKeeper(socket);
        keeper.resync();
        keeper.reconcile(nothing, new PendingPods());
        if (!keeper.failures().isEmpty()) {
          throw new KernelException(String.join("; ", keeper.failures().values()));
        }
      }
      return () -> {};
    });
    KernelThread.await(cleaned);
  }

  private <T> CompletableFuture<T> forPod(KernelThread.Opening<T> work) {
    if (Thread.currentThread().isVirtual()) {
      return onPodThread(() -> wirer.alone(work));
    }
    try {
      return CompletableFuture.completedFuture(wirer.visiting(work));
    } catch (KernelException | OverflowException | LinkageError e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private <T> CompletableFuture<T> onPodThread(KernelThread.Opening<T> work) {
    CompletableFuture<T> done = new CompletableFuture<>();
    try {
      podThread.execute(() -> {
        try {
          T result = work.open();
          callbacks.execute(() -> done.complete(result));
        } catch (KernelException | OverflowException | LinkageError e) {
          callbacks.execute(() -> done.completeExceptionally(e));
        }
      });
    } catch (RejectedExecutionException e) {
      done.completeExceptionally(new KernelException(
          "no more than " + MAX_WAITING_PODS + " pods may wait for their interface", e));
    }
    return done;
  }
}
