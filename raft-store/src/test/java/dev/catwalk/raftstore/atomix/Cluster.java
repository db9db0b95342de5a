package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.Machine;
import dev.catwalk.raftstore.pki.Tls;
import dev.catwalk.raftstore.store.Store;
import dev.catwalk.raftstore.store.StoreConfig;
import dev.catwalk.raftstore.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Real members in this JVM: own directories and ports on loopback. */
public final class Cluster implements AutoCloseable {
  static final Tuning SMALL =
      new Tuning(256 * 1024, 192 * 1024, Duration.ofMillis(150), Duration.ofMillis(600));

  final Map<String, AtomixStore> open = new TreeMap<>();
  final Queue<Throwable> fatal = new ConcurrentLinkedQueue<>();
  /** By member: what the configuration of those that are started from now on says. */
  final TreeMap<String, String> addresses = new TreeMap<>();

  private final Path directory;
  private final Tuning tuning;

  /** Makes the machine of a member that is started from now on. */
  Function<String, Machine> machine = name -> new KvMachine();

  /** Where the certificates are; null for plain text. */
  Path pki;

  /** Whether one that is alone opens a port. */
  boolean serving;

  /** Put around the disk of the members that are started from now on. */
  UnaryOperator<LogSync.Disk> disk = UnaryOperator.identity();

  /** The newest format that a member admits to know, where it is not this program's. */
  final Map<String, Integer> formats = new TreeMap<>();

  /** Members of usual size. */
  public Cluster(Path directory, int members) throws IOException {
    this(directory, members, Tuning.CLUSTER);
  }

  Cluster(Path directory, int members, Tuning tuning) throws IOException {
    this.directory = directory;
    this.tuning = tuning;
    for (int i = 1; i <= members; i++) {
      addresses.put("n" + i, "127.0.0.1:" + freePort());
    }
  }

  /** A port below those that the kernel gives to outgoing connections, which could take it. */
  static int freePort() throws IOException {
    IOException taken = new IOException("no attempt");
    for (int attempt = 0; attempt < 100; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (BindException e) {
        taken = e;
      }
    }
    throw taken;
  }

  StoreConfig config(String name) {
    String address = addresses.get(name);
    int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    return new StoreConfig(
        name,
        addresses.size() == 1 && !serving
            ? null
            : new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
        addresses,
        directory.resolve(name),
        "test",
        pki == null,
        pki == null ? null : Tls.in(pki, name));
  }

  /** The configuration of those that are started from now on names one more. */
  String name(String name) throws IOException {
    return addresses.computeIfAbsent(name, n -> {
      try {
        return "127.0.0.1:" + freePort();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
  }

  /** Makes the members' directories as if they had begun together once, so that one may begin alone. */
  void found() throws IOException {
    TreeMap<String, Long> roster = new TreeMap<>();
    addresses.keySet().forEach(name -> roster.put(name, (long) name.hashCode()));
    for (String name : addresses.keySet()) {
      Files.createDirectories(directory.resolve(name));
      Standing.fresh(name.hashCode()).member(roster).store(directory.resolve(name + "/standing"));
    }
  }

  AtomixStore start(String name) {
    // Another run on this machine may be trying this very port as its own just now.
    await("the port of " + name, () -> {
      try {
        open.put(
            name,
            AtomixStore.open(
                config(name),
                List.of(machine.apply(name)),
                tuning.knowing(formats.getOrDefault(name, Format.NEWEST)),
                fatal::add,
                disk));
        return true;
      } catch (StoreException e) {
        if (e.getMessage().contains("in use")) {
          return false;
        }
        throw e;
      }
    });
    return open.get(name);
  }

  /** A node that is no member. */
  public ClientStore client(String name) {
    return ClientStore.open(clientConfig(name), List.of(machine.apply(name)));
  }

  StoreConfig clientConfig(String name) {
    return new StoreConfig(
        name,
        null,
        addresses,
        directory.resolve(name),
        "test",
        pki == null,
        pki == null ? null : Tls.in(pki, name));
  }

  public void startAll() {
    addresses.keySet().stream().filter(name -> !open.containsKey(name)).forEach(this::start);
  }

  /** The doors of the members that are open, in the order of their names. */
  public List<Store> stores() {
    return List.copyOf(open.values());
  }

  public void stopAll() {
    List.copyOf(open.keySet()).forEach(this::stop);
  }

  void stop(String name) {
    open.remove(name).close();
  }

  String leader() {
    await(
        "a leader",
        () -> open.values().stream()
            .anyMatch(
                s -> s.status().leader() != null && open.containsKey(s.status().leader())));
    return open.values().stream()
        .map(s -> s.status().leader())
        .filter(name -> name != null && open.containsKey(name))
        .findFirst()
        .orElseThrow();
  }

  String follower() {
    String leader = leader();
    return open.keySet().stream()
        .filter(name -> !name.equals(leader))
        .findFirst()
        .orElseThrow();
  }

  /** Waits until all open members have the same revision, at least this one, and compares. */
  void assertAgreement(long revision) {
    await(
        "all at revision " + revision,
        () -> open.values().stream().allMatch(s -> s.status().revision() >= revision));
    await(
        "one state hash",
        () -> open.values().stream()
                .map(s -> s.status().revision() + " " + s.status().stateHash())
                .distinct()
                .count()
            == 1);
    await("no complaint", () -> open.values().stream().allMatch(s -> s.status().problem() == null));
  }

  public static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + 60_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("waited 60 s in vain for " + what);
      }
      LockSupport.parkNanos(5_000_000);
    }
  }

  @Override
  public void close() {
    List.copyOf(open.keySet()).forEach(this::stop);
    if (!fatal.isEmpty()) {
      throw new AssertionError("a member was halted", fatal.peek());
    }
  }
}
