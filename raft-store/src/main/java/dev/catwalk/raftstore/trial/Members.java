package dev.catwalk.raftstore.trial;

import dev.catwalk.raftstore.atomix.Format;
import dev.catwalk.raftstore.pki.ClusterPki;
import dev.catwalk.raftstore.pki.Identity;
import dev.catwalk.raftstore.store.StoreStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The members of one store, each a process in a network namespace of its own, all on one bridge:
 * {@code cw-st<pid>-n1} and so on, {@code cw-st<pid>-sw}. A process of its own removes namespaces
 * and whatever runs in them when this one closes it or ends, be it by kill -9. Needs root, {@code ip}
 * and {@code nft}.
 */
public final class Members implements AutoCloseable {
  private static final Duration VALIDITY = Duration.ofDays(60);
  private static final int PORT = 7420;
  private static final long COMMAND_S = 30;

  /** Starts processes. */
  @FunctionalInterface
  public interface Launcher {
    /**
     * Starts one.
     *
     * @param errors what it writes to its standard error is appended there
     */
    Process start(List<String> command, Path errors) throws IOException;
  }

  private final Path directory;
  private final Launcher launcher;
  private final List<String> jvm;
  private final String log;
  private final String tag = "cw-st" + ProcessHandle.current().pid();
  private final Process keeper;
  private final TreeMap<String, Member> members = new TreeMap<>();
  private final TreeSet<String> narrow = new TreeSet<>();
  private String program = MemberProcess.class.getName();

  /**
   * Makes the namespaces; nothing runs yet.
   *
   * @param directory holds data, certificates and logs of all
   * @param jvm the JVM's options for every member
   * @param log {@code small} segments of the log, or {@code usual}
   */
  public Members(Path directory, Launcher launcher, int count, List<String> jvm, String log)
      throws IOException {
    this(directory, launcher, count, 0, jvm, log);
  }

  /**
   * The same with clients of the members, {@code c4} and so on behind three.
   *
   * @param clients processes that do not vote
   */
  public Members(
      Path directory, Launcher launcher, int count, int clients, List<String> jvm, String log)
      throws IOException {
    this.directory = directory;
    this.launcher = launcher;
    this.jvm = List.copyOf(jvm);
    this.log = log;
    ClusterPki pki = ClusterPki.create(directory.resolve("pki"), VALIDITY);
    StringBuilder spaces = new StringBuilder(space("sw"));
    StringBuilder make = new StringBuilder("set -e; ip netns add " + space("sw")
        + "; ip -n " + space("sw") + " link add name bridge type bridge; ip -n " + space("sw")
        + " link set dev bridge up;");
    for (int i = 1; i <= count + clients; i++) {
      String name = (i <= count ? "n" : "c") + i;
      String space = space(name);
      spaces.append(' ').append(space);
      make.append(" ip netns add ").append(space);
      make.append("; ip -n ").append(space).append(" link set lo up; ip -n ").append(space);
      make.append(" link add eth0 type veth peer name ").append(name).append(" netns ");
      make.append(space("sw")).append("; ip -n ").append(space("sw")).append(" link set ");
      make.append(name).append(" master bridge up; ip -n ").append(space);
      make.append(" addr add ").append(address(name)).append("/24 dev eth0; ip -n ");
      make.append(space).append(" link set eth0 up;");
      members.put(name, new Member(name));
      pki.issue(new Identity(MemberProcess.CLUSTER, name), VALIDITY);
    }
    this.keeper = launcher.start(
        List.of(
            "setsid",
            "sh",
            "-c",
            "cat > /dev/null; for n in " + spaces
                + "; do ip netns pids $n 2> /dev/null | xargs -r kill -9; ip netns del $n; done;"
                + " for d in " + directory + "/n*; do"
                + " mountpoint -q $d && umount -l $d; done; true"),
        directory.resolve("keeper.log"));
    run("sh", "-c", make.toString());
  }

  private String space(String name) {
    return tag + "-" + name;
  }

  private static String address(String name) {
    return "198.18.0." + name.substring(1);
  }

  /** Runs a command to its end. */
  private void run(String... command) throws IOException {
    Path errors = directory.resolve("commands.log");
    Process process = launcher.start(List.of(command), errors);
    process.getOutputStream().close();
    await(process, String.join(" ", command), errors);
  }

  private static void await(Process process, String what, Path errors) throws IOException {
    try {
      if (!process.waitFor(COMMAND_S, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException(what + " failed: " + Files.readString(errors));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** One member. */
  public final class Member {
    private final String name;
    private @Nullable Process process;
    private volatile @Nullable RemoteStore store;
    private int format = Format.NEWEST;

    private Member(String name) {
      this.name = name;
    }

    public String name() {
      return name;
    }

    /** Where its log and its snapshots are. */
    public Path data() {
      return directory.resolve(name);
    }

    /** What it has said. */
    public Path log() {
      return directory.resolve(name + ".log");
    }

    /** Its door; of the process before, if it was killed. */
    public RemoteStore store() {
      return Objects.requireNonNull(store, "not started");
    }

    /** Its program, when it starts next, is one that knows no newer {@link Format}. */
    public void knowing(int newest) {
      format = newest;
    }

    /** The newest {@link Format} that its program knows. */
    public int format() {
      return format;
    }

    /** The number of its process. */
    public long pid() {
      return Objects.requireNonNull(process, "not started").pid();
    }

    /** Whether its process runs; one that hangs does. */
    public boolean runs() {
      return process != null && process.isAlive();
    }

    /** Starts its process, with more variables in its environment: NAME=VALUE. */
    public void start(String... environment) throws IOException {
      List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", space(name), "env"));
      command.addAll(List.of(environment));
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(jvm);
      command.addAll(List.of(
          "-cp",
          System.getProperty("java.class.path"),
          program,
          name,
          data().toString(),
          directory.resolve("pki").toString(),
          log,
          String.valueOf(format)));
      members.keySet().stream()
          .filter(other -> !other.startsWith("c"))
          .forEach(other -> command.add(other + "=" + address(other) + ":" + PORT));
      Process started = launcher.start(command, log());
      process = started;
      store = new RemoteStore(name, started.getInputStream(), started.getOutputStream());
    }

    /** kill -9. */
    public void kill() {
      if (process != null) {
        process.destroyForcibly().onExit().join();
      }
    }

    /** Waits for its end; false if it does not come in time. */
    public boolean awaitEnd(long seconds) {
      try {
        return process == null || process.waitFor(seconds, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }

    /** Hangs it. */
    public void stop() throws IOException {
      signal("STOP");
    }

    /** Lets it go on. */
    public void goOn() throws IOException {
      signal("CONT");
    }

    private void signal(String signal) throws IOException {
      run("kill", "-" + signal, String.valueOf(pid()));
    }

    /** Nothing that the other sends arrives here any more. */
    public void deafTo(Member other) throws IOException {
      run(
          "ip",
          "netns",
          "exec",
          space(name),
          "nft",
          "add table inet cut; add chain inet cut in { type filter hook input priority 0; };"
              + " add rule inet cut in ip saddr " + address(other.name()) + " drop");
    }

    /** So many of a hundred packets that others send do not arrive here. */
    public void lose(int percent) throws IOException {
      run(
          "ip",
          "netns",
          "exec",
          space(name),
          "nft",
          "add table inet cut; add chain inet cut in { type filter hook input priority 0; };"
              + " add rule inet cut in iif eth0 numgen random mod 100 < " + percent + " drop");
    }

    /** Its link carries so many kbit/s each way; what waits for longer than 0.2 s is dropped. */
    public void narrow(int kbits) throws IOException {
      narrow.add(name);
      String shape = " root tbf rate " + kbits + "kbit burst 8kb latency 200ms";
      run(
          "sh",
          "-c",
          "tc -n " + space(name) + " qdisc replace dev eth0" + shape + " && tc -n " + space("sw")
              + " qdisc replace dev " + name + shape);
    }
  }

  public SortedMap<String, Member> members() {
    return Collections.unmodifiableSortedMap(members);
  }

  public Collection<Member> all() {
    return members().values();
  }

  /** All but these. */
  public List<Member> without(Member... away) {
    List<Member> rest = new ArrayList<>(members.values());
    rest.removeAll(List.of(away));
    return rest;
  }

  public void startAll() throws IOException {
    for (Member member : members.values()) {
      member.start();
    }
  }

  /** Neither group hears the other. */
  public void cut(Collection<Member> one, Collection<Member> other) throws IOException {
    for (Member left : one) {
      for (Member right : other) {
        left.deafTo(right);
        right.deafTo(left);
      }
    }
  }

  /** All hear all, over links as quick as they were. */
  public void heal() throws IOException {
    for (String name : members.keySet()) {
      run("ip", "netns", "exec", space(name), "nft", "add table inet cut; delete table inet cut");
    }
    for (String name : narrow) {
      run(
          "sh",
          "-c",
          "tc -n " + space(name) + " qdisc del dev eth0 root && tc -n " + space("sw")
              + " qdisc del dev " + name + " root");
    }
    narrow.clear();
  }

  /** Gives a member that is not running a disk with what was on its own, and room for this. */
  public void putOnSmallDisk(Member member, int megabytes) throws IOException {
    Path own = directory.resolve(member.name() + ".own");
    run(
        "sh",
        "-c",
        "set -e; mv " + member.data() + " " + own + "; mkdir " + member.data()
            + "; mount -t tmpfs -o size=$(($(du -sm " + own + " | cut -f1) + " + megabytes
            + "))m cw-store " + member.data() + "; cp -a "
            + own + "/. " + member.data() + "; rm -r " + own);
  }

  /** The way back. */
  public void putOnUsualDisk(Member member) throws IOException {
    Path own = directory.resolve(member.name() + ".own");
    run(
        "sh",
        "-c",
        "set -e; cp -a " + member.data() + " " + own + "; umount -l " + member.data() + "; rmdir "
            + member.data() + "; mv " + own + " " + member.data());
  }

  /** Waits until every member sees a majority, a minute at most. */
  public void awaitQuorum() {
    await(
        60,
        "a leader that all know",
        () -> all().stream().allMatch(member -> member.store().status().quorum()));
  }

  /** The member that leads, of which all know. */
  public Member leader() {
    awaitQuorum();
    await(60, "a leader", () -> find(all()) != null);
    return Objects.requireNonNull(find(all()));
  }

  /** The one of these that leads. */
  public Member leaderAmong(Collection<Member> some) {
    await(60, "a leader", () -> find(some) != null);
    return Objects.requireNonNull(find(some));
  }

  private static @Nullable Member find(Collection<Member> some) {
    return some.stream()
        .filter(member -> member.store().status().role() == StoreStatus.Role.LEADER)
        .findFirst()
        .orElse(null);
  }

  /** Processes begin with the main method of that class from now on: it calls {@link MemberProcess}'s. */
  public void beginWith(Class<?> main) {
    program = main.getName();
  }

  /** Empties all and begins anew in the processes that run. */
  public void reset() {
    CompletableFuture.allOf(
            all().stream().map(member -> member.store().reset()).toArray(CompletableFuture[]::new))
        .join();
    awaitQuorum();
  }

  /**
   * Waits for a condition.
   *
   * @throws AssertionError if it does not come to hold
   */
  public static void await(long seconds, String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("waited " + seconds + " s in vain for " + what);
      }
      LockSupport.parkNanos(5_000_000);
    }
  }

  /** The last lines that a member wrote. */
  public static String lastWords(Member member) {
    try {
      List<String> lines = Files.readAllLines(member.log(), StandardCharsets.UTF_8);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Ends all processes and removes the namespaces. */
  @Override
  public void close() throws IOException {
    keeper.getOutputStream().close();
    await(keeper, "removing the namespaces", directory.resolve("keeper.log"));
  }
}
