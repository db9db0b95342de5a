package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.Applied;
import dev.catwalk.raftstore.machine.Machine;
import dev.catwalk.raftstore.machine.MemberChange;
import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.store.Feed;
import dev.catwalk.raftstore.store.Store;
import dev.catwalk.raftstore.store.StoreConfig;
import dev.catwalk.raftstore.store.StoreException;
import dev.catwalk.raftstore.store.StoreException.Kind;
import dev.catwalk.raftstore.store.StoreStatus;
import dev.catwalk.raftstore.store.Subscription;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store of a node that may be chosen to vote: a client until the roster seats it, then a member,
 * and a client again when it has left. It says that it is there; whoever leads decides ({@link
 * VoterKeeper}). What it becomes is opened beside what it is, and taken into use when it knows as
 * much: callers and followers notice nothing.
 *
 * <p>A member believes that it has left only from a roster that is newer than what it knows and is
 * committed, as a client of the others hears it. Only then does it forget its log; when it is chosen
 * again it comes with an empty directory, as one that is new.
 */
public final class ChosenStore implements Store {
  private static final Logger LOG = LoggerFactory.getLogger(ChosenStore.class);
  private static final long LOOK_MS = 200;

  /** A member that has had no majority for so long asks whether it still is one. */
  private static final long DOUBT_MS = 5000;

  /** After a change of this node's part that did not work. */
  private static final long AGAIN_MS = 5000;

  /** What callers have under way in the store that is left may take so long. */
  private static final long LINGER_MS = 3000;

  private final StoreConfig config;
  private final StoreConfig.Voting voting;
  private final Supplier<List<Machine>> machines;
  private final Tuning tuning;
  private final Followers followers;
  private final ScheduledExecutorService looking = StoreThread.start();
  private volatile Store current;

  // The looking thread's own, but for what is volatile.
  private volatile @Nullable Store next;
  private @Nullable Store leaving;
  private long wellMs = Contact.nowMs();
  private long closeMs;
  private long againMs = Long.MIN_VALUE / 2;
  private volatile boolean closed;

  private ChosenStore(
      StoreConfig config, Supplier<List<Machine>> machines, Tuning tuning, Store first) {
    this.config = config;
    this.voting = Objects.requireNonNull(config.voting());
    this.machines = machines;
    this.tuning = tuning;
    this.current = first;
    this.followers = new Followers(first);
  }

  /**
   * Opens it as what it was last, or as what the configuration says.
   *
   * @param config with {@code voting}; names founders: one that is not among them is a client first
   * @param machines makes fresh ones, which are the store's alone
   * @throws StoreException as those that it opens do
   */
  public static ChosenStore open(StoreConfig config, Supplier<List<Machine>> machines) {
    return open(config, machines, Tuning.CLUSTER);
  }

  /** The same with other sizes. */
  public static ChosenStore open(
      StoreConfig config, Supplier<List<Machine>> machines, Tuning tuning) {
    try {
      Role role = Role.read(config.dataDir());
      StoreConfig first = role == null ? config : config.with(role.addresses());
      boolean asMember = role == null ? !config.client() : role.member();
      // One that was not let in yet knows nothing: until it does it goes on as a client.
      boolean client = !asMember || role != null && !Role.votedHere(config.dataDir());
      ChosenStore store = new ChosenStore(
          config,
          machines,
          tuning,
          client
              ? ClientStore.open(without(first), machines.get())
              : AtomixStore.open(first, machines.get(), tuning));
      store.begin();
      return store;
    } catch (IOException e) {
      throw new StoreException(Kind.CANNOT_OPEN, String.valueOf(e.getMessage()), e);
    }
  }

  private static StoreConfig without(StoreConfig config) {
    TreeMap<String, String> others = new TreeMap<>(config.members());
    others.remove(config.memberName());
    return config.with(others);
  }

  private void begin() {
    var unused =
        looking.scheduleWithFixedDelay(this::look, LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
    looking.execute(this::offer);
  }

  /** Says that this node is there, and again later. */
  private void offer() {
    if (closed) {
      return;
    }
    MemberChange offer =
        new MemberChange.Offer(config.memberName(), voting.address(), voting.labels());
    long periodMs = VoterKeeper.periodMs(voting.rule());
    var unused = current.change(offer, false).whenComplete((roster, error) -> {
      if (error != null) {
        LOG.debug("nobody hears that this node is there: {}", error.getMessage());
      }
      if (!closed) {
        var unusedLater = looking.schedule(this::offer, periodMs, TimeUnit.MILLISECONDS);
      }
    });
  }

  private void look() {
    if (Contact.nowMs() < againMs) {
      return;
    }
    try {
      Store left = leaving;
      if (left != null) {
        if (Contact.nowMs() < closeMs) {
          return;
        }
        leaving = null;
        left.close();
        if (left instanceof AtomixStore) {
          Role.forgetMember(config.dataDir());
        }
      }
      if (current instanceof AtomixStore member) {
        asMember(member);
      } else {
        asClient();
      }
    } catch (IOException | RuntimeException e) {
      if (!closed) {
        LOG.warn("this node's part in the store cannot be changed yet: {}", e.toString());
        againMs = Contact.nowMs() + AGAIN_MS;
      }
    }
  }

  private void asClient() throws IOException {
    Roster roster = current.roster();
    Roster.Seat seat = roster.number() == 0 ? null : roster.seats().get(config.memberName());
    Store coming = next;
    if (coming == null && seat != null) {
      becomeMember(roster, seat);
    } else if (coming != null && seat == null && current.status().quorum()) {
      LOG.info("this node is not to be a member after all");
      next = null;
      asked(roster).write(config.dataDir());
      coming.close();
      Role.forgetMember(config.dataDir());
    } else if (coming != null && knowsAll(coming)) {
      take(coming);
      LOG.info("this node is a member of the store now");
    }
  }

  private void becomeMember(Roster roster, Roster.Seat seat) throws IOException {
    Role role = Role.read(config.dataDir());
    if (role != null && !role.member()) {
      Role.forgetMember(config.dataDir());
    }
    if (role == null || !role.member() || !Role.votedHere(config.dataDir())) {
      TreeMap<String, String> all = voters(roster);
      all.put(config.memberName(), seat.address());
      role = new Role(true, all);
      role.write(config.dataDir());
    }
    LOG.info("this node was chosen: it becomes a member of the store, roster {}", roster.number());
    next = AtomixStore.open(config.with(role.addresses()), machines.get(), tuning);
  }

  private static TreeMap<String, String> voters(Roster roster) {
    TreeMap<String, String> voters = new TreeMap<>();
    roster.seats().forEach((name, seat) -> {
      if (seat.votes()) {
        voters.put(name, seat.address());
      }
    });
    return voters;
  }

  /** Whom to ask first from now on. */
  private Role asked(Roster roster) {
    SortedMap<String, String> others = voters(roster);
    others.remove(config.memberName());
    return new Role(false, others);
  }

  private boolean knowsAll(Store coming) {
    StoreStatus status = coming.status();
    return status.quorum()
        && !coming.origin().isEmpty()
        && status.revision() >= current.status().revision();
  }

  private void take(Store coming) {
    leaving = current;
    closeMs = Contact.nowMs() + LINGER_MS;
    current = coming;
    next = null;
    followers.goTo(coming);
  }

  /** As long as a majority answers this member, it is one. */
  private void asMember(AtomixStore member) throws IOException {
    Store asking = next;
    if (member.fenced()) {
      return; // What it holds is not to be lost before somebody has looked at it.
    }
    Roster known = member.committed();
    boolean out = known.number() > 0 && !known.seats().containsKey(config.memberName());
    if (member.status().quorum() && !out) {
      wellMs = Contact.nowMs();
      if (asking != null) {
        next = null;
        asking.close();
      }
    } else if (asking == null && (out || Contact.nowMs() - wellMs > doubtMs())) {
      TreeMap<String, String> others = new TreeMap<>(config.members());
      others.putAll(voters(member.roster()));
      others.putAll(voters(known));
      others.remove(config.memberName());
      if (!others.isEmpty()) {
        LOG.info("no majority answers this member: it asks others whether it still is one");
        next = ClientStore.open(config.with(others), machines.get());
      }
    } else if (asking != null && knowsAll(asking)) {
      leaveIfOut(member, known, asking);
    }
  }

  private long doubtMs() {
    return Math.min(DOUBT_MS, voting.rule().replaceAfterMs());
  }

  private void leaveIfOut(AtomixStore member, Roster known, Store asking) throws IOException {
    Roster now = asking.roster();
    boolean sameStore = member.origin().isEmpty() || member.origin().equals(asking.origin());
    if (sameStore
        && now.number() >= known.number()
        && now.number() > 0
        && !now.seats().containsKey(config.memberName())) {
      asked(now).write(config.dataDir());
      take(asking);
      LOG.info("this node has left the members of the store, and follows them: {}", now.voters());
    }
  }

  @Override
  public CompletableFuture<Applied> submit(String machine, byte[] command) {
    return current.submit(machine, command);
  }

  @Override
  public CompletableFuture<Long> barrier() {
    return current.barrier();
  }

  @Override
  public Subscription subscribe(long fromRevision, Feed feed) {
    return followers.add(fromRevision, feed);
  }

  @Override
  public CompletableFuture<byte[]> backup() {
    return current.backup();
  }

  @Override
  public Roster roster() {
    return current.roster();
  }

  @Override
  public CompletableFuture<Roster> change(MemberChange change, boolean evenWithoutMajority) {
    return current.change(change, evenWithoutMajority);
  }

  @Override
  public boolean requires(int format) {
    return current.requires(format);
  }

  @Override
  public CompletableFuture<Void> require(int format) {
    return current.require(format);
  }

  @Override
  public String origin() {
    return current.origin();
  }

  @Override
  public String choice() {
    Store coming = next;
    if (coming instanceof AtomixStore) {
      String waits = coming.status().problem();
      return "this node was chosen and learns" + (waits == null ? "" : ": " + waits);
    }
    if (coming != null) {
      return "this member hears no majority and asks whether it still is one";
    }
    return current instanceof ClientStore client
        ? VoterKeeper.elsewhere(client.status().leader())
        : current.choice();
  }

  @Override
  public StoreStatus status() {
    return current.status();
  }

  @Override
  public void close() {
    closed = true;
    looking.shutdownNow();
    try {
      if (!looking.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.warn("the choice of this store's part hangs: closing without it");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (Store store : new Store[] {next, leaving, current}) {
      if (store != null) {
        store.close();
      }
    }
  }
}
