package dev.catwalk.raftstore.trial;

import dev.catwalk.raftstore.atomix.AtomixStore;
import dev.catwalk.raftstore.atomix.ChosenStore;
import dev.catwalk.raftstore.atomix.ClientStore;
import dev.catwalk.raftstore.atomix.Format;
import dev.catwalk.raftstore.atomix.Tuning;
import dev.catwalk.raftstore.atomix.WatchingClients;
import dev.catwalk.raftstore.machine.Change;
import dev.catwalk.raftstore.machine.KvEntry;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.Machine;
import dev.catwalk.raftstore.machine.MemberChange;
import dev.catwalk.raftstore.pki.Tls;
import dev.catwalk.raftstore.store.KvReplica;
import dev.catwalk.raftstore.store.Store;
import dev.catwalk.raftstore.store.StoreConfig;
import dev.catwalk.raftstore.store.StoreException;
import dev.catwalk.raftstore.store.Subscription;
import dev.catwalk.raftstore.voters.VoterRule;
import java.io.DataInputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One member of a store as a process of its own, which does what its standard input asks for and
 * ends with it. Driven by {@link RemoteStore}.
 */
public final class MemberProcess {
  static final String CLUSTER = "trial";

  /** The store cannot be opened; standard error says why. */
  static final int CANNOT_OPEN = 71;

  /** In the environment: how members are chosen. */
  static final String CHOICE = "CW_VOTERS";

  private final StoreConfig config;
  private final Tuning tuning;
  private final Pipe pipe;
  private final Map<Long, Subscription> subscriptions = new ConcurrentHashMap<>();
  private volatile @Nullable KvReplica local;
  private volatile @Nullable Store store;
  private @Nullable WatchingClients watching;
  private @Nullable Change newest;
  private byte[] newestBytes = new byte[0];

  private MemberProcess(StoreConfig config, Tuning tuning, Pipe pipe) {
    this.config = config;
    this.tuning = tuning;
    this.pipe = pipe;
  }

  /**
   * Arguments: name, data directory, that of the certificates or - for plain text, small or usual
   * (log segments), the newest {@link Format} that it admits to know, then name=host:port of every
   * member; who is not among them is a client. With {@value #CHOICE} in the environment, as {@link
   * #choice} makes it, members are chosen by themselves.
   */
  public static void main(String[] args) {
    OutputStream out = new FileOutputStream(FileDescriptor.out);
    System.setOut(System.err); // Whatever prints must not print between the answers.
    TreeMap<String, String> members = new TreeMap<>();
    for (String member : List.of(args).subList(5, args.length)) {
      members.put(
          member.substring(0, member.indexOf('=')), member.substring(member.indexOf('=') + 1));
    }
    String mine = members.get(args[0]);
    int colon = mine == null ? 0 : mine.lastIndexOf(':');
    InetSocketAddress listen = mine == null
        ? null
        : new InetSocketAddress(
            mine.substring(0, colon), Integer.parseInt(mine.substring(colon + 1)));
    boolean insecure = args[2].equals("-");
    StoreConfig config = new StoreConfig(
        args[0],
        listen,
        members,
        Path.of(args[1]),
        CLUSTER,
        insecure,
        insecure ? null : Tls.in(Path.of(args[2]), args[0]));
    config = chosen(config, String.valueOf(mine));
    Tuning sizes = args[3].equals("small") ? Tuning.CLUSTER.small() : Tuning.CLUSTER;
    Tuning tuning = sizes.knowing(Integer.parseInt(args[4]));
    Pipe pipe = new Pipe("driver", System.in, out);
    MemberProcess process = new MemberProcess(config, tuning, pipe);
    process.open();
    pipe.read(process::answer);
    Runtime.getRuntime().halt(0);
  }

  /**
   * What to start a member with, so that three are chosen, spread by {@code rack}.
   *
   * @param founder the first that votes
   */
  public static String choice(String founder, String rack, long replaceAfterMs) {
    return CHOICE + "=" + founder + "," + rack + "," + replaceAfterMs;
  }

  private static StoreConfig chosen(StoreConfig config, String address) {
    String choice = System.getenv(CHOICE);
    if (choice == null) {
      return config;
    }
    List<String> said = List.of(choice.split(",", -1));
    TreeMap<String, String> founder = new TreeMap<>(config.members());
    founder.keySet().retainAll(List.of(said.get(0)));
    VoterRule rule = new VoterRule(3, List.of("rack"), Long.parseLong(said.get(2)));
    TreeMap<String, String> labels = new TreeMap<>(Map.of("rack", said.get(1)));
    return config.with(founder).with(new StoreConfig.Voting(rule, address, labels));
  }

  private static List<Machine> machines() {
    return List.of(new KvMachine());
  }

  private void open() {
    try {
      Store opened = config.voting() != null
          ? ChosenStore.open(config, MemberProcess::machines, tuning)
          : config.client()
              ? ClientStore.open(config, machines())
              : AtomixStore.open(config, machines(), tuning);
      local = new KvReplica(opened);
      store = opened;
    } catch (StoreException e) {
      System.err.println(e.getMessage());
      Runtime.getRuntime().halt(CANNOT_OPEN);
    }
  }

  private Store store() {
    Store now = store;
    if (now == null) {
      throw new StoreException(StoreException.Kind.CLOSED, "the store is being opened");
    }
    return now;
  }

  private KvReplica local() {
    KvReplica now = local;
    if (now == null) {
      throw new StoreException(StoreException.Kind.CLOSED, "the store is being opened");
    }
    return now;
  }

  private void answer(Pipe.Message message) {
    long id = message.id();
    try {
      DataInputStream in = Pipe.body(message.body());
      switch (message.kind()) {
        case SUBMIT ->
          answer(id, store().submit(in.readUTF(), Pipe.blob(in)), (out, applied) -> {
            out.writeLong(applied.revision());
            Pipe.blob(out, applied.outcome());
          });
        case BARRIER -> answer(id, store().barrier(), (out, revision) -> out.writeLong(revision));
        case BACKUP -> answer(id, store().backup(), (out, bytes) -> out.write(bytes));
        case STATUS ->
          pipe.send(id, Pipe.Kind.DONE, out -> Pipe.write(out, store().status()));
        case SUBSCRIBE ->
          subscriptions.put(
              id,
              store()
                  .subscribe(
                      in.readLong(), change -> pipe.send(id, Pipe.Kind.CHANGED, bytes(change))));
        case UNSUBSCRIBE -> {
          Subscription subscription = subscriptions.remove(id);
          if (subscription != null) {
            subscription.close();
          }
        }
        case LIST -> list(id, in.readUTF());
        case READ_LOCALLY -> {
          String key = in.readUTF();
          int ms = in.readInt();
          Thread.ofPlatform().start(() -> readLocally(id, key, ms));
        }
        case READ ->
          answer(id, local().read(in.readUTF()), (out, read) -> {
            KvEntry entry = read.entry();
            out.writeLong(entry == null ? 0 : entry.modRevision());
            Pipe.blob(out, entry == null ? new byte[0] : entry.value());
          });
        case ROSTER -> pipe.send(id, Pipe.Kind.DONE, store().roster().bytes());
        case CHANGE -> {
          boolean force = in.readBoolean();
          MemberChange change = MemberChange.of(Pipe.blob(in));
          answer(id, store().change(change, force), (out, roster) -> out.write(roster.bytes()));
        }
        case WATCH -> {
          watching = new WatchingClients(config, in.readInt());
          pipe.send(id, Pipe.Kind.DONE, new byte[0]);
        }
        case WATCHED ->
          answer(
              id,
              Objects.requireNonNull(watching, "nobody watches").reached(in.readLong()),
              (out, lost) -> out.writeInt(lost));
        case RESET -> Thread.ofPlatform().start(() -> reset(id));
        case DONE, FAILED, CHANGED ->
          throw new IllegalArgumentException(message.kind() + " is no question");
      }
    } catch (StoreException e) {
      failed(id, e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A change is encoded once, however many are told of it, one after the other. Feeds' thread. */
  private byte[] bytes(Change change) {
    if (!change.equals(newest)) {
      newest = change;
      newestBytes = Pipe.bytes(out -> Pipe.write(out, change));
    }
    return newestBytes;
  }

  /** Writes an answer of its kind. */
  @FunctionalInterface
  private interface Writer<T> {
    void write(java.io.DataOutputStream out, T value) throws IOException;
  }

  private <T> void answer(long id, CompletableFuture<T> future, Writer<T> writer) {
    var unused = future.whenComplete((value, error) -> {
      if (error == null) {
        pipe.send(id, Pipe.Kind.DONE, out -> writer.write(out, value));
      } else {
        failed(id, error.getCause() == null ? error : error.getCause());
      }
    });
  }

  private void failed(long id, Throwable error) {
    StoreException.Kind kind =
        error instanceof StoreException known ? known.kind() : StoreException.Kind.CLOSED;
    pipe.send(id, Pipe.Kind.FAILED, out -> {
      out.writeUTF(kind.name());
      out.writeUTF(String.valueOf(error.getMessage()));
    });
  }

  /** The replica follows the member: what was acknowledged has to have come to it first. */
  private void list(long id, String prefix) {
    KvReplica replica = local();
    answer(id, replica.read(prefix).thenApply(reached -> replica.list(prefix)), (out, found) -> {
      out.writeInt(found.size());
      for (KvEntry entry : found) {
        out.writeUTF(entry.key());
        Pipe.blob(out, entry.value());
      }
    });
  }

  private void readLocally(long id, String key, int ms) {
    KvReplica replica = local();
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
    long count = 0;
    while (System.nanoTime() < end) {
      if (replica.local(key).entry() == null) {
        break;
      }
      count++;
    }
    long done = count;
    pipe.send(id, Pipe.Kind.DONE, out -> out.writeLong(done));
  }

  private void reset(long id) {
    store().close();
    store = null;
    subscriptions.clear();
    try (Stream<Path> files = Files.walk(config.dataDir())) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    open();
    pipe.send(id, Pipe.Kind.DONE, new byte[0]);
  }
}
