package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.store.LocalReplica;
import dev.catwalk.raftstore.store.StoreConfig;
import dev.catwalk.raftstore.store.StoreException;
import dev.catwalk.raftstore.store.StoreException.Kind;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Map;
import java.util.TreeMap;

/** What a member reads and verifies in its directory before it begins, and what it refuses. */
final class Opening {
  private final StoreConfig config;
  private final DataDir dir;
  private final LocalReplica replica;

  Opening(StoreConfig config, DataDir dir, LocalReplica replica) {
    this.config = config;
    this.dir = dir;
    this.replica = replica;
  }

  /** Goes on from the newest snapshot, if there is one. */
  void restoreNewest(SnapshotFiles snapshots, Origin origin) throws IOException {
    SnapshotFiles.Snapshot newest = snapshots.newest();
    if (newest != null) {
      try {
        replica.restore(newest.bytes());
        origin.note();
      } catch (IllegalArgumentException e) {
        throw new StoreException(
            Kind.CANNOT_OPEN,
            "the snapshot at entry " + newest.index() + " in " + dir.log() + " cannot be used: "
                + e.getMessage(),
            e);
      }
    }
  }

  /** Before anything is touched: whatever the disk has held is still there. */
  void checkLogReaches(long mark) throws IOException {
    String remedy = ". Nothing was changed. "
        + (config.alone()
            ? "Bring the directory back from a copy"
            : "While the other members run, remove the directory and start this member again: it"
                + " fetches their state");
    long last;
    try {
      last = LogCheck.lastIntact(dir.log(), RaftEngine.PREFIX);
    } catch (IOException e) {
      throw new StoreException(
          Kind.CANNOT_OPEN, "the log in " + dir.log() + ": " + e.getMessage() + remedy, e);
    }
    if (mark > Math.max(last, replica.index())) {
      throw new StoreException(
          Kind.CANNOT_OPEN,
          "the log in " + dir.log() + " can be read to entry " + last + ", but entry " + mark
              + " was on this disk: records are damaged or missing" + remedy);
    }
  }

  /** The log and the newest snapshot fit together. */
  void checkLogReachesState(RaftEngine raft) {
    long first = raft.getLogReader().getFirstIndex();
    if (first > replica.index() + 1) {
      throw new StoreException(
          Kind.CANNOT_OPEN,
          "the log in " + dir.log() + " begins at entry "
              + first + " but the newest whole snapshot ends at " + replica.index()
              + ": remove this directory and let the member join anew");
    }
    if (replica.index() > raft.getLogWriter().getLastIndex()) {
      raft.getLogWriter().reset(replica.index() + 1);
    }
  }

  /** What the log asks of its readers is no more than this program knows. */
  void checkKnown(Roster roster, int format) {
    if (roster.needs() > format) {
      throw new StoreException(
          Kind.CANNOT_OPEN,
          "the store in " + dir.log() + " holds what came with format " + roster.needs()
              + ", and this program knows " + format + ": install the newer program again");
    }
  }

  /** What the directory was to the cluster when it was last used. */
  Standing found() throws IOException {
    boolean inUse = LogCheck.exists(dir.log(), RaftEngine.PREFIX);
    return Standing.load(dir.standing(), new SecureRandom().nextLong(), inUse);
  }

  /** With whom it was begun. */
  Founders founders(Standing found) throws IOException {
    return Founders.keep(dir.founders(), config, found);
  }

  /** Who is in the store, as the log says or its founders, has to be what the configuration goes by. */
  void checkMembers(Roster now, Founders founders) {
    if (now.number() == 0) {
      founders.check(config);
    } else if (config.alone()) {
      throw new StoreException(
          Kind.CANNOT_OPEN,
          "the members of the store in " + config.dataDir() + " are "
              + String.join(", ", now.voters())
              + ", and the configuration is that of a cluster of one: name them in store.members, and"
              + " store.listen; to begin another store, perhaps with a backup of this one, give this"
              + " member an empty directory");
    }
  }

  /** What it is to the cluster now; a cluster of one asks nobody. */
  Standing standing(Standing found) throws IOException {
    Standing standing = found;
    if (config.alone() && standing.phase() != Standing.Phase.MEMBER) {
      standing =
          standing.member(new TreeMap<>(Map.of(config.memberName(), standing.incarnation())));
      standing.store(dir.standing());
    }
    return standing.phase() == Standing.Phase.FRESH
        ? standing.restored(replica.revision(), replica.index())
        : standing;
  }
}
