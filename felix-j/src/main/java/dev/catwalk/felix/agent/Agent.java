package dev.catwalk.felix.agent;

import dev.catwalk.bgp.netty.BgpService;
import dev.catwalk.bgp.speaker.SpeakerConfig.ListenAddress;
import dev.catwalk.bgp.speaker.SpeakerListener;
import dev.catwalk.bgp.speaker.StopMode;
import dev.catwalk.felix.agent.StartException.Kind;
import dev.catwalk.felix.alloc.LocalAddresses;
import dev.catwalk.felix.alloc.NodeIdentity;
import dev.catwalk.felix.alloc.Submitter;
import dev.catwalk.felix.calc.Leftover;
import dev.catwalk.felix.cni.Requests;
import dev.catwalk.felix.cni.SocketServer;
import dev.catwalk.felix.config.AgentConfig;
import dev.catwalk.felix.config.BgpSection;
import dev.catwalk.felix.config.ConfigException;
import dev.catwalk.felix.kernel.Iptables;
import dev.catwalk.felix.kernel.KernelException;
import dev.catwalk.felix.kernel.KernelProbe;
import dev.catwalk.felix.kernel.KernelService;
import dev.catwalk.felix.metrics.Metrics;
import dev.catwalk.felix.metrics.MetricsServer;
import dev.catwalk.felix.model.IpamMachine;
import dev.catwalk.felix.model.NodeInfo;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.raftstore.atomix.AtomixStore;
import dev.catwalk.raftstore.atomix.ChosenStore;
import dev.catwalk.raftstore.atomix.ClientStore;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.Machine;
import dev.catwalk.raftstore.pki.Tls;
import dev.catwalk.raftstore.store.Store;
import dev.catwalk.raftstore.store.StoreConfig;
import dev.catwalk.raftstore.store.StoreException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running agent. Start order: lock, identity and records of the data directory, kernel, store,
 * speaker, loop, socket, metrics; a part that cannot start ends all that did. Stopping leaves the
 * kernel as it is.
 */
public final class Agent {
  private static final Logger log = LoggerFactory.getLogger(Agent.class);

  /** What the process ends with after a fault of its own: EX_SOFTWARE of sysexits(3). */
  public static final int FAULT = 70;

  /** What every store is called: clusters differ by their authority. */
  private static final String CLUSTER = "catwalk";

  /** For those who heard from us that we leave to look for other ways. */
  private static final Duration LEAVE_WAIT = Duration.ofSeconds(2);

  private static final long LEAVE_WITHIN_S = 10;

  /** How an agent ends. The kernel keeps its state in every case. */
  public enum Ending {
    /** Silently: a supervisor starts it again, and peers wait for that. */
    STOP,
    /** As {@link #STOP}, to be started again at once by whoever runs it. */
    RESTART,
    /** After it has withdrawn its routes. */
    DRAIN
  }

  private final AgentConfig config;
  private final Places places;
  private final String version;
  private final ArrayDeque<AutoCloseable> running = new ArrayDeque<>();
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile Ending ending = Ending.STOP;
  private volatile @Nullable AgentLoop loop;
  private volatile AgentConfig taken;

  private Agent(AgentConfig config, Places places, String version) {
    this.config = config;
    this.taken = config;
    this.places = places;
    this.version = version;
  }

  /**
   * Starts one in this process's network namespace.
   *
   * @throws StartException if it cannot; nothing is left running then
   */
  public static Agent start(AgentConfig config, Places places, String version)
      throws StartException {
    Agent agent = new Agent(config, places, version);
    try {
      agent.start();
      return agent;
    } catch (StartException | RuntimeException e) {
      agent.closeAll();
      throw e;
    } catch (KernelException e) {
      agent.closeAll();
      throw new StartException(Kind.MACHINE, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      agent.closeAll();
      throw new StartException(Kind.TAKEN, String.valueOf(e.getMessage()));
    }
  }

  /**
   * The file that it was started with has changed: peers, ranges and filters follow, each session
   * that it does not change stays. All else takes a restart; what cannot be taken is logged. Any
   * thread.
   */
  public void reload(Path file, String text) {
    AgentConfig next;
    try {
      next = AgentConfig.parse(file.toString(), text);
    } catch (ConfigException e) {
      log.error("the changed configuration is not taken why={}", e.getMessage());
      return;
    }
    if (next.equals(taken)) {
      return;
    }
    taken = next;
    AgentLoop running = loop;
    BgpSection before = config.bgp().orElse(null);
    BgpSection after = next.bgp().orElse(null);
    boolean same = before != null
        && after != null
        && before.speaker().as() == after.speaker().as()
        && before.speaker().routerId().equals(after.speaker().routerId())
        && before.speaker().listen().equals(after.speaker().listen());
    if (!same && !Objects.equals(before, after) || !next.with(config.bgp()).equals(config)) {
      log.warn(
          "some of the changed configuration waits for a restart: all but bgp's peers, dynamic,"
              + " groups, filters, aggregates, mesh, multipath and transit");
    }
    if (same && running != null) {
      running.configure(Objects.requireNonNull(after));
      log.info("configuration taken file={}", file);
    }
  }

  private void start() throws StartException, KernelException, IOException {
    running.push(DataLock.take(places));
    Electorate.check(config, places);
    // Longer than what is looked at and read meanwhile: log, certificates, Netty and Raft.
    Beside<Store> opening = Beside.open("cw-store-open", this::openStore);
    running.push(opening::close);
    for (KernelProbe.Problem lack : KernelProbe.problems()) {
      throw new StartException(Kind.MACHINE, lack.what() + "; " + lack.remedy());
    }
    Optional<Iptables> iptables = iptables(config.dataplane());
    Records records = Records.open(places.endpoints());
    EarlierLife earlier = EarlierLife.read(places);
    KernelService kernel = KernelService.start(iptables);
    running.push(kernel);
    RuntimeCache runtime = new RuntimeCache(places);
    if (!NodeIdentity.exists(places.data()) && !kernel.foundPods().isEmpty()) {
      LostDisk.restore(kernel.foundPods(), runtime.adds(), config.node().name(), records);
    }
    NodeEpoch life = NodeIdentity.open(places.data(), config.node().name());
    List<LocalEndpoint> kept = kept(records, earlier.machineStoppedSince());
    Store store = opening.take();
    running.push(store);
    LocalAddresses addresses = LocalAddresses.open(places.data(), life, Submitter.to(store));
    running.push(addresses);
    if (earlier.machineStoppedSince()) {
      forgetUnheld(kept, addresses, records);
    }
    if (kept.size() == records.all().size()) {
      releaseOrphans(addresses, kept);
    } else {
      log.warn("no address is released at this start: a damaged record may be its pod's");
    }
    disk(addresses.adopt(LostDisk.unheld(kept, addresses)));
    Mailbox mailbox = new Mailbox();
    List<LocalEndpoint> pods = Gone.marked(kept, earlier.machineStoppedSince());
    BgpService service = startSpeaker(mailbox, earlier, kernel.leftover(), addresses.blocks());
    NodeInfo self = new NodeInfo(
        config.node().name(),
        config.node().addresses(),
        config.bgp().map(b -> b.speaker().as()).orElse(0L),
        config.node().labels(),
        life.epoch(),
        version);
    AgentLoop loop = new AgentLoop(
        new AgentLoop.Parts(
            self,
            config.pools(),
            config.blocks(),
            config.ipam(),
            config.bgp(),
            store,
            addresses,
            kernel,
            service,
            service == null ? Leftover.NONE : kernel.leftover(),
            earlier,
            earlier.nodes(),
            LostDisk.earlierLives(kernel.foundPods(), life)),
        mailbox,
        pods);
    this.loop = loop;
    Thread thread = loop.start();
    running.push(() -> {
      loop.stop();
      thread.join();
    });
    AgentStatus status = new AgentStatus(self, loop, store, addresses, kernel, service);
    Metrics metrics = new Metrics();
    running.push(metrics);
    Gauges.register(metrics, loop, store, addresses, kernel, service);
    openSocket(
        new Verbs(
            status,
            loop,
            service,
            new ManifestStore(loop, store),
            new StoreVerb(store, config),
            new IpamVerb(loop, addresses, kernel, store, runtime),
            this::stopSoon),
        new CniService(
            self.name(), loop, addresses, kernel, records, () -> store.status().quorum(), metrics));
    if (config.metrics().isPresent()) {
      ListenAddress at = config.metrics().get();
      running.push(MetricsServer.open(at.address(), at.port(), metrics, status::health));
    }
    CniRehearsal.beginWhenIdle(self.name(), kernel);
    log.info(
        "agent started node={} epoch={} socket={}", life.node(), life.epochText(), places.socket());
  }

  /** The one that the configuration names. */
  private static Optional<Iptables> iptables(AgentConfig.Dataplane dataplane)
      throws StartException {
    Optional<Iptables> named = switch (dataplane.backend()) {
      case AUTO -> Optional.empty();
      case IPTABLES_NFT -> Optional.of(Iptables.NFT);
      case IPTABLES_LEGACY -> Optional.of(Iptables.LEGACY);
    };
    Optional<KernelProbe.Problem> lack = named.flatMap(KernelProbe::problem);
    if (lack.isPresent()) {
      throw new StartException(
          Kind.MACHINE,
          dataplane.place() + ": " + lack.get().what() + "; " + lack.get().remedy());
    }
    return named;
  }

  /**
   * What is recorded of this node's pods.
   *
   * @param mayBeTorn whether a record may be of an ADD that was under way when the machine stopped
   */
  static List<LocalEndpoint> kept(Records records, boolean mayBeTorn) throws IOException {
    List<LocalEndpoint> kept = new ArrayList<>();
    for (Map.Entry<String, byte[]> record : records.all().entrySet()) {
      try {
        kept.add(LocalEndpoint.decode(record.getValue()));
      } catch (IOException e) {
        if (mayBeTorn) {
          log.warn(
              "the record of a pod that went with its machine is torn name={}", record.getKey());
          records.remove(record.getKey());
          continue;
        }
        log.error(
            "the record of a pod is damaged and left out name={} why={}",
            record.getKey(),
            e.getMessage());
      }
    }
    return kept;
  }

  private static void disk(CompletableFuture<Void> written) throws IOException {
    try {
      written.join();
    } catch (CompletionException e) {
      throw new IOException(String.valueOf(e.getCause() == null ? e : e.getCause()), e);
    }
  }

  /** Records of an ADD that was under way when the machine stopped, which no address outlived. */
  private static void forgetUnheld(
      List<LocalEndpoint> kept, LocalAddresses addresses, Records records) throws IOException {
    for (LocalEndpoint pod : List.copyOf(kept)) {
      List<IpAddress> held =
          addresses.heldBy(pod.handle()).stream().map(Allocation::ip).toList();
      if (!held.containsAll(pod.endpoint().addresses())) {
        log.warn("the record of a pod that went with its machine has no address {}", pod.handle());
        records.remove(LocalEndpoint.recordName(pod.handle()));
        kept.remove(pod);
      }
    }
  }

  /** Addresses of an ADD that broke off before the pod was recorded: the runtime asks again. */
  private static void releaseOrphans(LocalAddresses addresses, List<LocalEndpoint> kept) {
    List<Handle> recorded = kept.stream().map(LocalEndpoint::handle).toList();
    for (Allocation held : addresses.held()) {
      if (!recorded.contains(held.handle())) {
        log.info(
            "address released, its pod was never made address={} container={}",
            held.ip(),
            held.handle().containerId());
        var unused = addresses.release(held.handle());
      }
    }
  }

  private Store openStore() throws StartException {
    AgentConfig.Store wanted = config.store();
    TreeMap<String, String> members = new TreeMap<>();
    wanted.members().forEach((name, address) -> members.put(name, address.toString()));
    try {
      StoreConfig storeConfig = members.isEmpty()
          ? alone(wanted)
          : new StoreConfig(
              config.node().name(),
              wanted.listen().map(Agent::socketAddress).orElse(null),
              members,
              places.store(),
              CLUSTER,
              wanted.insecure(),
              wanted.insecure() ? null : tls(wanted));
      List<Machine> machines = machines();
      if (wanted.voters().isPresent()) {
        return ChosenStore.open(
            storeConfig.with(Electorate.voting(config, wanted.voters().get())), Agent::machines);
      }
      return storeConfig.client()
          ? ClientStore.open(storeConfig, machines)
          : AtomixStore.open(storeConfig, machines);
    } catch (StoreException e) {
      throw new StartException(Kind.TAKEN, String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException e) {
      throw new StartException(Kind.CONFIGURATION, String.valueOf(e.getMessage()));
    }
  }

  private static List<Machine> machines() {
    return List.of(new KvMachine(), new IpamMachine());
  }

  /** A cluster of one talks to nobody; certificates that it is given are looked at all the same. */
  private StoreConfig alone(AgentConfig.Store wanted) {
    StoreConfig alone = StoreConfig.single(config.node().name(), places.store());
    return wanted.tls().isEmpty() ? alone : alone.with(tls(wanted));
  }

  private Tls tls(AgentConfig.Store wanted) {
    Path beside = Objects.requireNonNull(places.config().getParent());
    return wanted
        .tls()
        .map(tls -> new Tls(
            beside.resolve(tls.ca()), beside.resolve(tls.cert()), beside.resolve(tls.key())))
        .orElseGet(() -> Tls.in(places.pki(), config.node().name()));
  }

  private static InetSocketAddress socketAddress(ListenAddress at) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(at.address().toBytes()), at.port());
    } catch (java.net.UnknownHostException e) {
      throw new IllegalStateException(e); // an address of 4 or 16 bytes is always known
    }
  }

  private @Nullable BgpService startSpeaker(
      Mailbox mailbox, EarlierLife earlier, Leftover found, List<Prefix> ownBlocks)
      throws IOException {
    if (config.bgp().isEmpty()) {
      return null;
    }
    BgpSection section = config.bgp().get();
    BgpService service = BgpService.start(
        Summaries.early(section.speaker()),
        earlier.restart(found, ownBlocks, section.mesh()),
        new SpeakerListener() {
          @Override
          public void changed(List<RouteChange> changes) {
            mailbox.routesChanged(changes);
          }

          @Override
          public void converged() {
            mailbox.converged();
          }
        });
    service.monitor(section.monitors());
    service.record(section.mrt());
    running.push(() -> stop(service));
    var unused = service.ended().whenComplete((done, fault) -> {
      if (fault != null) {
        log.error("the speaker failed: this process ends, the kernel keeps its state", fault);
        Runtime.getRuntime().halt(FAULT);
      }
    });
    return service;
  }

  private void stop(BgpService service)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (ending != Ending.DRAIN) {
      service.stop(StopMode.RESTART);
      return;
    }
    try {
      service.drain(LEAVE_WAIT).get(LEAVE_WITHIN_S, TimeUnit.SECONDS);
    } finally {
      service.stop(StopMode.STOP);
    }
  }

  private void openSocket(Verbs verbs, CniService cni) throws IOException {
    running.push(SocketServer.open(places.socket(), new Requests() {
      @Override
      public byte[] json(byte[] question) {
        return verbs.answer(question);
      }

      @Override
      public byte[] cni(byte[] question) {
        return cni.answer(question);
      }
    }));
  }

  private void stopSoon(Ending how) {
    ending = how;
    asked.countDown();
  }

  /** Waits until somebody asks it to stop by a verb, stops it, and says how it was asked. */
  public Ending run() throws InterruptedException {
    asked.await();
    stop();
    ended.await();
    return ending;
  }

  /** Stops all parts; the kernel keeps its state. A second call waits for the first. */
  public void stop() {
    if (!stopped.compareAndSet(false, true)) {
      return;
    }
    log.info("agent stopping how={}", ending);
    closeAll();
    asked.countDown();
    ended.countDown();
  }

  private void closeAll() {
    while (!running.isEmpty()) {
      try {
        running.pop().close();
      } catch (Exception e) { // what cannot be closed must not keep the rest open
        log.warn("a part did not stop cleanly why={}", e.toString());
      }
    }
  }
}
