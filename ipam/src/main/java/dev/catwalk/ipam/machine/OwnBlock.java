package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.machine.Command.GiveBack;
import dev.catwalk.ipam.machine.Command.RecordAllocations;
import dev.catwalk.ipam.machine.LedgerEntry.Changed;
import dev.catwalk.ipam.machine.LedgerEntry.Image;
import dev.catwalk.ipam.model.Ask;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.StickyName;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A block in the ledger of its owner, and how far each of its changes has come: made, on disk, sent,
 * acknowledged by the store.
 */
final class OwnBlock {
  /** So many changes travel in one command at most; each takes some 500 bytes at most. */
  static final int MAX_BATCH = 100;

  final long claimedAt;
  final BlockAllocator addresses;

  /** Changes that the store has not acknowledged, oldest first; the last is number {@code made}. */
  private final ArrayDeque<Change> pending = new ArrayDeque<>();

  private long made;
  private long onDisk;
  private boolean underWay;

  /** Why nothing is handed out of this block; null if all is well. */
  @Nullable
  String problem;

  /** The pool that it is of, as the store said last; null before it has. */
  @Nullable
  String pool;

  /** Whom its one address is kept for, as the store said last; null: nobody. */
  @Nullable
  StickyName name;

  /** The pool gives nothing out now. */
  boolean closed;

  private boolean takenOnDisk;
  private boolean giving;
  private boolean givingOnDisk;

  /** Since when nothing is in use, as far as somebody looked; negative: something is. */
  private long emptySince = -1;

  OwnBlock(Prefix block, long claimedAt) {
    this.claimedAt = claimedAt;
    this.addresses = new BlockAllocator(block);
  }

  /** As its owner takes it from its disk. */
  OwnBlock fromDisk() {
    takenOnDisk = true;
    return this;
  }

  OwnBlock(Image image) {
    this.claimedAt = image.claimedAt();
    this.addresses =
        new BlockAllocator(image.block(), image.held(), image.freeOrder(), image.apart());
    this.made = image.sequence();
    this.onDisk = made;
    this.pending.addAll(image.pending());
    if (pending.size() > made) {
      throw new IllegalArgumentException("the record of block " + image.block() + " is not whole");
    }
  }

  Prefix cidr() {
    return addresses.block();
  }

  /** Whether addresses are handed out of it. */
  boolean isOpen() {
    return problem == null && !closed && !giving;
  }

  /** Whether it is being given back: nothing more is handed out of it, ever. */
  boolean isGiving() {
    return giving;
  }

  /** Whether it has been empty for so long, and the store knows. */
  boolean isIdle(long nowMs, long idleMs) {
    boolean empty = addresses.allocated() == 0
        && addresses.apart().isEmpty()
        && pending.isEmpty()
        && problem == null
        && !giving;
    if (!empty || nowMs < emptySince) {
      emptySince = -1;
    } else if (emptySince < 0) {
      emptySince = nowMs;
    }
    return emptySince >= 0 && nowMs - emptySince >= idleMs && addresses.cooling(nowMs) == 0;
  }

  LedgerEntry.Giving give() {
    assert addresses.allocated() == 0 && pending.isEmpty() : this;
    giving = true;
    return new LedgerEntry.Giving(cidr());
  }

  void givingOnDisk() {
    giving = true;
    givingOnDisk = true;
  }

  /** What tells the store to take it back; null unless that is due. */
  @Nullable
  GiveBack nextGiveBack(NodeEpoch owner) {
    if (underWay || problem != null || !givingOnDisk) {
      return null;
    }
    underWay = true;
    return new GiveBack(owner, cidr(), claimedAt, made);
  }

  long made() {
    return made;
  }

  int pending() {
    return pending.size();
  }

  /** How many changes the store has acknowledged. */
  long acknowledged() {
    return made - pending.size();
  }

  /** Whether the store has an answer to this ask, or is about to. */
  boolean hasAnswered(Ask ask) {
    for (Change change : pending) {
      boolean answers = switch (change) {
        case Change.SetApart c ->
          c.requestId() == ask.requestId() && c.asker().equals(ask.asker().node());
        case Change.Declined c ->
          c.requestId() == ask.requestId() && c.asker().equals(ask.asker().node());
        case Change.Allocated c -> false;
        case Change.Released c -> false;
        case Change.BackIn c -> false;
      };
      if (answers) {
        return true;
      }
    }
    return false;
  }

  /** Numbers a change that {@link #addresses} has seen already. */
  Changed enter(Change change) {
    pending.add(change);
    return new Changed(cidr(), ++made, change);
  }

  /** Makes a change that was made before, from the disk. */
  void replay(Changed entry) {
    if (entry.sequence() != made + 1) {
      throw new IllegalArgumentException(
          "block " + cidr() + ": change " + entry.sequence() + " comes after " + made);
    }
    switch (entry.change()) {
      case Change.Allocated allocated -> addresses.hold(allocated.allocation());
      case Change.Released released -> {
        if (addresses.release(released.handle()) == null) {
          throw new IllegalArgumentException(
              "block " + cidr() + ": " + released.handle() + " is released and had nothing");
        }
      }
      case Change.SetApart set -> addresses.setApart(set.ip(), entry.sequence());
      case Change.BackIn back -> addresses.backIn(back.ip());
      case Change.Declined declined -> {}
    }
    enter(entry.change());
    onDisk = made;
  }

  /** An entry of this block is on disk; one of an earlier claim of it counts for nothing. */
  void onDisk(LedgerEntry entry) {
    if (entry instanceof LedgerEntry.Taken taken) {
      takenOnDisk = taken.claimedAt() == claimedAt;
    } else if (takenOnDisk && entry instanceof Changed changed) {
      onDisk = Math.max(onDisk, changed.sequence());
    } else if (takenOnDisk && entry instanceof LedgerEntry.Giving) {
      givingOnDisk();
    }
  }

  /** The store has the changes up to {@code sequence}. */
  void acknowledge(long sequence) {
    long first = made - pending.size() + 1;
    for (long i = first; i <= Math.min(sequence, made); i++) {
      pending.remove();
    }
  }

  /**
   * The next changes for the store: only what is on disk, so that the store never knows more of this
   * block than its owner will after a crash; and one batch at a time, since commands may overtake
   * one another.
   */
  @Nullable
  RecordAllocations nextBatch(NodeEpoch owner) {
    long first = made - pending.size() + 1;
    if (underWay || problem != null || first > onDisk) {
      return null;
    }
    List<Change> batch = new ArrayList<>();
    for (Change change : pending) {
      if (batch.size() == Math.min(MAX_BATCH, onDisk - first + 1)) {
        break;
      }
      batch.add(change);
    }
    underWay = true;
    return new RecordAllocations(owner, cidr(), claimedAt, first, batch);
  }

  void answered() {
    underWay = false;
  }

  Stock stock(long nowMs) {
    int cooling = addresses.cooling(nowMs);
    int left = addresses.free() + addresses.reserved();
    int used = addresses.allocated() + addresses.apart().size();
    return new Stock(cidr(), used, left - cooling, cooling);
  }

  /** All of it, in as few entries as can be. */
  List<LedgerEntry> image() {
    List<LedgerEntry> all = new ArrayList<>();
    all.add(new Image(
        cidr(),
        claimedAt,
        made,
        addresses.held(),
        addresses.freeOrder(),
        new ArrayList<>(pending),
        addresses.apart()));
    addresses.releasedAt().forEach((ip, at) -> all.add(new LedgerEntry.Resting(cidr(), ip, at)));
    if (giving) {
      all.add(new LedgerEntry.Giving(cidr()));
    }
    return all;
  }
}
