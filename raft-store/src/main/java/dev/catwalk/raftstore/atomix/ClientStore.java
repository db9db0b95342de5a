package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.Applied;
import dev.catwalk.raftstore.machine.Machine;
import dev.catwalk.raftstore.machine.MalformedException;
import dev.catwalk.raftstore.machine.MemberChange;
import dev.catwalk.raftstore.machine.MembersMachine;
import dev.catwalk.raftstore.machine.News;
import dev.catwalk.raftstore.machine.News.Ask;
import dev.catwalk.raftstore.machine.ReplicatedCore;
import dev.catwalk.raftstore.machine.Reply;
import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.machine.StateMark;
import dev.catwalk.raftstore.pki.Identity;
import dev.catwalk.raftstore.store.Door;
import dev.catwalk.raftstore.store.Entrance;
import dev.catwalk.raftstore.store.Feed;
import dev.catwalk.raftstore.store.LocalReplica;
import dev.catwalk.raftstore.store.NewerCommands;
import dev.catwalk.raftstore.store.Store;
import dev.catwalk.raftstore.store.StoreConfig;
import dev.catwalk.raftstore.store.StoreException;
import dev.catwalk.raftstore.store.StoreException.Kind;
import dev.catwalk.raftstore.store.StoreStatus;
import dev.catwalk.raftstore.store.Subscription;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store of a node that is no member: a replica of its own, which follows one member after the
 * other, and a door whose commands that member brings to the leader. A member that does not answer,
 * or has no majority, is left for the next one. The state is kept in {@code dataDir/client}, so that
 * a start fetches only what has changed since. It never follows another store than the one it began
 * with.
 */
public final class ClientStore implements Store {
  private static final Logger LOG = LoggerFactory.getLogger(ClientStore.class);

  private static final long COMMIT_MS = 2000;
  private static final long CHANGE_MS = 18_000;
  private static final long AGAIN_MS = 100;

  /** So long a member may take to bring its whole state. */
  private static final long FETCH_MS = 20_000;

  private static final long KEEP_S = 60;

  private final StoreConfig config;
  private final DataDir dir;
  private final Path kept;
  private final Origin origin;
  private final MembersMachine taken = new MembersMachine();
  private final LocalReplica replica;
  private final ScheduledExecutorService helper = StoreThread.start();
  private final ClientLink link;
  private final SnapshotTransfer copies;
  private final Entrance entrance;

  // The event loop's own.
  private boolean atOnce = true;
  private long fetchingSinceMs;
  private int passedBy;

  private final Hearing hearing = new Hearing(Contact.nowMs());
  private volatile @Nullable String problem;
  private volatile @Nullable String doubt;
  private volatile boolean closed;
  private long keptRevision;

  /**
   * Begins to follow.
   *
   * @param config names members, and this node is none of them
   * @param machines fresh ones; they belong to the store from now on
   * @throws StoreException saying what is wrong with directory or certificates
   */
  public static ClientStore open(StoreConfig config, List<Machine> machines) {
    StoreConfig own = new StoreConfig(
        config.memberName(),
        null,
        config.members(),
        config.dataDir().resolve("client"),
        config.clusterId(),
        config.insecure(),
        config.tls());
    DataDir dir = DataDir.open(own);
    try {
      ClientStore store = new ClientStore(own, machines, dir);
      store.start();
      return store;
    } catch (IOException e) {
      dir.close();
      throw new StoreException(
          Kind.CANNOT_OPEN, "the store in " + own.dataDir() + " cannot be opened: " + e, e);
    } catch (RuntimeException e) {
      dir.close();
      throw e;
    }
  }

  private ClientStore(StoreConfig config, List<Machine> machines, DataDir dir) throws IOException {
    this.config = config;
    this.dir = dir;
    this.kept = config.dataDir().resolve("state");
    TlsGate tls = config.tls() == null
        ? null
        : new TlsGate(config.tls(), new Identity(config.clusterId(), config.memberName()));
    List<Machine> all = new ArrayList<>(machines);
    all.add(taken);
    this.replica = new LocalReplica(all, helper);
    this.origin = new Origin(dir.origin(), replica);
    restoreKept();
    this.link = new ClientLink(config, tls, this::voters);
    this.copies = new SnapshotTransfer(
        (member, request, timeoutMs) -> link.request(Packet.Kind.SNAPSHOT, request, timeoutMs),
        () -> null,
        snapshot -> fetched(snapshot.bytes()));
    Door.Later later = (delayMs, task) -> {
      var unused = helper.schedule(task, delayMs, TimeUnit.MILLISECONDS);
    };
    this.entrance = new Entrance(replica, () -> doubt, new ThroughMember(), later, Contact::nowMs);
  }

  /** What cannot be read is fetched again. */
  private void restoreKept() throws IOException {
    if (Files.exists(kept) && !origin.text().isEmpty()) {
      try {
        replica.restore(Files.readAllBytes(kept));
        keptRevision = replica.revision();
      } catch (MalformedException e) {
        LOG.warn("{} is passed over: {}", kept, e.getMessage());
      } catch (IllegalArgumentException e) {
        throw new IOException(kept + " cannot be read (" + e.getMessage() + "): remove it", e);
      }
    }
  }

  private void start() {
    var unused = helper.scheduleWithFixedDelay(this::keep, KEEP_S, KEEP_S, TimeUnit.SECONDS);
    link.loop().execute(() -> {
      link.next();
      follow();
    });
  }

  private SortedMap<String, String> voters() {
    TreeMap<String, String> voters = new TreeMap<>();
    roster().seats().forEach((name, seat) -> {
      if (seat.votes()) {
        voters.put(name, seat.address());
      }
    });
    if (passedBy >= voters.size()) { // Voters may all be others by now.
      config.members().forEach(voters::putIfAbsent);
    }
    return voters;
  }

  /** Asks for what comes next, on and on. On the event loop. */
  private void follow() {
    if (closed || doubt != null) {
      return;
    }
    StateMark newest = Objects.requireNonNull(replica.mark(Long.MAX_VALUE), "always known");
    Ask ask = new Ask(origin.text(), newest, atOnce);
    var unused = link.request(Packet.Kind.NEWS, ask.bytes(), Hearing.NEWS_MS)
        .whenCompleteAsync(
            (answer, error) -> {
              try {
                heard(error == null ? News.of(answer) : null);
              } catch (RuntimeException e) { // Of a machine, or news that are none.
                inDoubt("what " + link.member() + " says cannot be followed: " + e.getMessage());
              }
            },
            link.loop());
  }

  private void heard(@Nullable News news) {
    if (closed) {
      return;
    }
    long now = Contact.nowMs();
    atOnce = news == null || !take(news);
    boolean fetching =
        news != null && news.kind() == News.Kind.FETCH && now - fetchingSinceMs < FETCH_MS;
    passedBy = news == null ? passedBy : 0;
    if (hearing.heard(news, fetching, now)) {
      passedBy++;
      atOnce = true;
      link.next();
    }
    if (atOnce) {
      var unused = link.loop().schedule(this::follow, AGAIN_MS, TimeUnit.MILLISECONDS);
    } else {
      follow();
    }
  }

  /** Whether that can be gone on with at once. */
  private boolean take(News news) {
    switch (news.kind()) {
      case CHANGES -> {
        if (replica.origin().isEmpty() && !news.origin().isEmpty()) {
          replica.begin(news.origin());
          origin.note();
        }
        if (!replica.follow(news.changes())) {
          inDoubt("a command came out otherwise here than at " + link.member()
              + ": run one version on all nodes");
        } else if (!news.changes().isEmpty()) {
          StateMark now = replica.mark(Long.MAX_VALUE);
          if (now == null || now.hash() != news.hash()) {
            inDoubt("its state is not that of " + link.member());
          }
        }
        problem = null;
        fetchingSinceMs = 0;
        return true;
      }
      case FETCH -> {
        long now = Contact.nowMs();
        fetchingSinceMs = fetchingSinceMs == 0 ? now : fetchingSinceMs;
        copies.fetch(link.member());
        return false;
      }
      case OTHER_STORE ->
        problem = link.member() + " is a member of another store than the one that "
            + config.dataDir() + " is of: correct store.members, or, if that one was begun anew,"
            + " stop this agent and remove that directory";
      case DIFFERS -> problem = "not in this client's state: " + link.member() + "; see its status";
    }
    return false;
  }

  /** A whole state is here. On the event loop. */
  private void fetched(byte[] snapshot) {
    if (closed || doubt != null || ReplicatedCore.revisionOf(snapshot) < replica.revision()) {
      return;
    }
    replica.restore(snapshot);
    origin.note();
  }

  /** This replica tells nobody anything more, and takes no commands. */
  private void inDoubt(String why) {
    if (doubt == null) {
      LOG.error("this node's copy of the store is in doubt: {}", why);
      doubt = why + ". Start this agent again: it fetches the state anew";
      entrance.refuse(why);
      try {
        Files.deleteIfExists(kept);
      } catch (IOException e) {
        LOG.warn("{} cannot be removed: {}", kept, e.getMessage());
      }
    }
  }

  /** Writes the state, if there is a newer one. */
  private synchronized void keep() {
    long revision = replica.revision();
    if (doubt == null && revision > keptRevision) {
      try {
        DataDir.writeDurably(kept, replica.snapshot());
        keptRevision = revision;
      } catch (IOException e) {
        LOG.warn("{} cannot be written: {}", kept, e.getMessage());
      }
    }
  }

  /** Only a member that this replica follows is asked: another may be one of another store. */
  private CompletableFuture<byte[]> ask(Packet.Kind kind, byte[] body, long timeoutMs) {
    return hearing.following()
        ? link.request(kind, body, timeoutMs)
        : CompletableFuture.failedFuture(new IOException("no member is followed"));
  }

  /** How what callers want comes to a member, which brings it to the leader. */
  private final class ThroughMember implements Entrance.Way {
    @Override
    public CompletableFuture<List<Reply>> commit(byte[] frame) {
      return ask(Packet.Kind.COMMIT, frame, COMMIT_MS).thenApply(CommitPath::replies);
    }

    @Override
    public CompletableFuture<Long> read(Supplier<CompletableFuture<Long>> byEntry) {
      return ask(Packet.Kind.READ, new byte[0], COMMIT_MS)
          .thenApply(answer -> ByteBuffer.wrap(answer).getLong());
    }

    @Override
    public boolean quorum() {
      return ClientStore.this.quorum();
    }
  }

  private boolean quorum() {
    return !closed && doubt == null && hearing.majority(Contact.nowMs());
  }

  @Override
  public CompletableFuture<Applied> submit(String machine, byte[] command) {
    return NewerCommands.submit(
        this, replica, machine, command, () -> entrance.submit(machine, command));
  }

  @Override
  public CompletableFuture<Long> barrier() {
    return entrance.barrier();
  }

  @Override
  public Subscription subscribe(long fromRevision, Feed feed) {
    return entrance.subscribe(fromRevision, feed);
  }

  @Override
  public CompletableFuture<byte[]> backup() {
    return entrance.backup(barrier());
  }

  @Override
  public Roster roster() {
    Roster now = replica.read(taken::roster);
    return now == null ? Roster.founders(config.members()) : now;
  }

  @Override
  public CompletableFuture<Roster> change(MemberChange change, boolean evenWithoutMajority) {
    if (change instanceof MemberChange.Offer && link.format() < Format.CHOICE) {
      return CompletableFuture.failedFuture(tooOld());
    }
    byte[] request = Membership.answer((byte) (evenWithoutMajority ? 1 : 0), change.bytes());
    return change(request, Contact.nowMs());
  }

  @Override
  public boolean requires(int format) {
    return roster().needs() >= format;
  }

  @Override
  public CompletableFuture<Void> require(int format) {
    return requires(format) || link.format() >= Format.NEEDS
        ? Store.super.require(format)
        : CompletableFuture.failedFuture(tooOld());
  }

  private StoreException tooOld() {
    return new StoreException(
        Kind.REFUSED, link.member() + " runs an older program, or has not been met: upgrade it");
  }

  @Override
  public String origin() {
    return origin.text();
  }

  /** Asks one member after the other; the same change twice is the same as once. */
  private CompletableFuture<Roster> change(byte[] request, long sinceMs) {
    Executor later = task -> {
      var unused = helper.schedule(task, AGAIN_MS, TimeUnit.MILLISECONDS);
    };
    return ask(Packet.Kind.CHANGE, request, CHANGE_MS)
        .thenApply(ClientRequests::changed)
        .exceptionallyCompose(error -> {
          Throwable cause = error instanceof CompletionException ? error.getCause() : error;
          if (cause instanceof StoreException) {
            return CompletableFuture.failedFuture(cause);
          }
          if (closed || Contact.nowMs() - sinceMs > CHANGE_MS) {
            return CompletableFuture.failedFuture(new StoreException(
                Kind.NO_QUORUM,
                "the change is not made, or nobody can tell: " + error.getMessage()
                    + ". Look at the members again"));
          }
          return CompletableFuture.runAsync(() -> {}, later)
              .thenCompose(waited -> change(request, sinceMs));
        });
  }

  @Override
  public StoreStatus status() {
    boolean quorum = quorum();
    String leader = hearing.leader();
    return replica.status(
        closed || doubt != null ? StoreStatus.Role.STOPPED : StoreStatus.Role.CLIENT,
        quorum && !leader.isEmpty() ? leader : null,
        roster().voters(),
        origin.text(),
        quorum,
        config.insecure() ? "plain text" : "TLS",
        trouble());
  }

  private @Nullable String trouble() {
    if (doubt != null || problem != null) {
      return doubt != null ? doubt : problem;
    }
    if (link.refusal() != null) {
      return link.refusal();
    }
    return hearing.any(Contact.nowMs())
        ? null
        : "this client hears from no member; it goes on with revision " + replica.revision();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    entrance.close();
    link.close();
    keep();
    helper.shutdownNow();
    dir.close();
  }
}
