package dev.catwalk.lab;

import dev.catwalk.felix.alloc.LocalAddresses;
import dev.catwalk.felix.alloc.NodeIdentity;
import dev.catwalk.felix.alloc.Submitter;
import dev.catwalk.ipam.machine.AddressRequest;
import dev.catwalk.ipam.machine.Applied;
import dev.catwalk.ipam.machine.Command;
import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Command.CreatePools;
import dev.catwalk.ipam.machine.Command.FromPools;
import dev.catwalk.ipam.machine.Command.RecordAllocations;
import dev.catwalk.ipam.machine.Command.RegisterNode;
import dev.catwalk.ipam.machine.CommandCodec;
import dev.catwalk.ipam.machine.Grants;
import dev.catwalk.ipam.machine.Ipam;
import dev.catwalk.ipam.machine.Ledger;
import dev.catwalk.ipam.machine.Ledger.Decision;
import dev.catwalk.ipam.machine.Outcome;
import dev.catwalk.ipam.machine.Outcome.Granted;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.lab.check.Measurement;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.Prefix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * How fast addresses are handed out: durably by many callers on one node, on a real disk with a
 * store that answers at once; by a hundred nodes of a cluster, without disks; and what a claim and
 * its record cost the replicated machine among few and among many blocks.
 */
final class IpamBench {
  private static final int CALLERS = 64;
  private static final double DURABLE_PER_S = 5_000;
  private static final int NODES = 100;
  private static final int ROUNDS = 20_000;

  /** A tree of 100,000 is a few levels deeper than one of 10, and no longer in the cache. */
  private static final double FLAT = 8;

  private IpamBench() {}

  @picocli.CommandLine.Command(name = "ipam", description = "How fast addresses are handed out.")
  static final class Verb extends Bench.Verb {
    @Option(names = "--addresses", description = "how many by the callers of one node")
    int addresses = 30_000;

    @Option(names = "--cluster", description = "how many by the nodes of a cluster")
    int cluster = 1_000_000;

    @Option(names = "--dir", paramLabel = "DIR", description = "on which disk; else /var/tmp")
    Path dir = Path.of("/var/tmp");

    @Override
    Bench.Run run() {
      return (site, progress) ->
          of(dir, Math.max(CALLERS, addresses), Math.max(NODES, cluster), ROUNDS);
    }
  }

  /**
   * @param rounds how often each cost is measured
   */
  static List<Measurement> of(Path dir, int addresses, int cluster, int rounds)
      throws LabException {
    List<Measurement> all = new ArrayList<>();
    try {
      Path data = Files.createTempDirectory(dir, "catwalk-bench");
      try {
        all.addAll(durable(data, addresses));
      } finally {
        remove(data);
      }
    } catch (IOException e) {
      throw new LabException(dir + " is of no use: " + e.getMessage());
    }
    all.addAll(cluster(cluster));
    double few = costNs(10, rounds);
    all.add(Measurement.of("claim and record among 10 blocks", few / 1000, "µs"));
    for (int blocks = 1_000; blocks <= 100_000; blocks *= 10) {
      double cost = costNs(blocks, rounds);
      all.add(Measurement.of("the same among " + blocks, cost / 1000, "µs").aim(FLAT * few / 1000));
    }
    return all;
  }

  /** A store of one that answers at once. */
  private static final class Log implements Submitter {
    private IpamState state = IpamState.empty();
    private long revision;

    @Override
    public synchronized CompletableFuture<Outcome> submit(Command command) {
      Applied applied =
          Ipam.apply(state, ++revision, CommandCodec.decode(CommandCodec.encode(command)));
      state = applied.next();
      return CompletableFuture.completedFuture(applied.outcome());
    }
  }

  private static Pool pool(int blockSize) {
    return new Pool("p", Prefix.parse("10.0.0.0/8"), blockSize, true, false);
  }

  private static AddressRequest request(String id, String pod) {
    return new AddressRequest(new Handle(id, "eth0"), Family.IPV4, null, "shop", pod, 1);
  }

  private static List<Measurement> durable(Path data, int count) throws IOException {
    NodeEpoch node = NodeIdentity.open(data, "node1");
    Log log = new Log();
    var unused = log.submit(new CreatePools(List.of(pool(20)), true));
    unused = log.submit(new RegisterNode(node));
    try (LocalAddresses addresses = LocalAddresses.open(data, node, log)) {
      addresses.claim(new FromPools(List.of("p"))).join();
      addresses.observe(log.state, log.revision);
      double add = perSecond(count, i -> {
        Grants grants = addresses.allocate(List.of(request("c" + i, "p" + i))).join();
        if (!(grants instanceof Grants.All)) {
          throw new IllegalStateException(grants.toString());
        }
      });
      double del =
          perSecond(count, i -> addresses.release(new Handle("c" + i, "eth0")).join());
      return List.of(
          Measurement.of("durable allocations of " + CALLERS + " callers", add, "/s"),
          Measurement.of("one of them, of the time that is aimed at", DURABLE_PER_S / add, "")
              .aim(1),
          Measurement.of("durable releases of " + CALLERS + " callers", del, "/s"));
    }
  }

  private interface Call {
    void number(int i);
  }

  private static double perSecond(int count, Call call) {
    AtomicInteger next = new AtomicInteger();
    long began = System.nanoTime();
    List<Thread> callers = new ArrayList<>();
    for (int c = 0; c < CALLERS; c++) {
      callers.add(Thread.ofPlatform().start(() -> {
        for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
          call.number(i);
        }
      }));
    }
    for (Thread caller : callers) {
      try {
        caller.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    return count * 1e9 / (System.nanoTime() - began);
  }

  /** Every node keeps half of a block in use; what it does is told in commands of the log. */
  private static List<Measurement> cluster(int count) {
    Log log = new Log();
    var unused = log.submit(new CreatePools(List.of(pool(24)), true));
    List<Ledger> ledgers = new ArrayList<>();
    for (int n = 0; n < NODES; n++) {
      NodeEpoch node = new NodeEpoch("node" + n, n);
      unused = log.submit(new RegisterNode(node));
      Ledger ledger = new Ledger(node);
      Outcome claim =
          log.submit(new ClaimBlock(node, new FromPools(List.of("p")), 1)).join();
      ledger.onDisk(ledger.take((Granted) claim));
      ledgers.add(ledger);
    }
    long began = System.nanoTime();
    for (int i = 0; i < count; i++) {
      Ledger ledger = ledgers.get(i % NODES);
      int mine = i / NODES;
      Decision decision = ledger.allocate(List.of(request("c" + mine, "p")));
      ledger.onDisk(decision.entries());
      if (mine >= 100) {
        ledger.onDisk(ledger.release(new Handle("c" + (mine - 100), "eth0"), 1));
      }
      if (mine % 50 == 49) {
        tell(log, ledger);
      }
    }
    ledgers.forEach(ledger -> tell(log, ledger));
    double seconds = (System.nanoTime() - began) / 1e9;
    return List.of(Measurement.of(
        count + " allocations and releases by " + NODES + " nodes, told to the log", seconds, "s"));
  }

  private static void tell(Log log, Ledger ledger) {
    for (@Nullable RecordAllocations batch = ledger.nextBatch();
        batch != null;
        batch = ledger.nextBatch()) {
      ledger.onDisk(ledger.answered(batch, log.submit(batch).join()));
    }
  }

  /** One block claimed, an address recorded in it, all given back: nanoseconds. */
  private static double costNs(int blocks, int rounds) {
    Log log = new Log();
    var unused = log.submit(new CreatePools(List.of(pool(26)), true));
    NodeEpoch node = new NodeEpoch("node1", 1);
    unused = log.submit(new RegisterNode(node));
    for (int i = 0; i < blocks; i++) {
      unused = log.submit(new ClaimBlock(node, new FromPools(List.of("p")), i));
    }
    double cost = 0;
    for (int repeat = 0; repeat < 3; repeat++) { // the last counts: what is compiled is warm
      long began = System.nanoTime();
      for (int i = 0; i < rounds; i++) {
        Ledger ledger = new Ledger(node);
        Outcome claim = log.submit(
                new ClaimBlock(node, new FromPools(List.of("p")), blocks + 1L + i))
            .join();
        ledger.onDisk(ledger.take((Granted) claim));
        ledger.onDisk(ledger.allocate(List.of(request("c", "p"))).entries());
        tell(log, ledger);
        unused = log.submit(new Command.ReleaseBlock(node, ((Granted) claim).block(), true));
      }
      cost = (System.nanoTime() - began) / (double) rounds;
    }
    return cost;
  }

  private static void remove(Path data) throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
