package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.machine.Command.RecordAllocations;
import dev.catwalk.ipam.machine.LedgerEntry.Changed;
import dev.catwalk.ipam.machine.LedgerEntry.Image;
import dev.catwalk.ipam.model.NodeEpoch;
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

  OwnBlock(Prefix block, long claimedAt) {
    this.claimedAt = claimedAt;
    this.addresses = new BlockAllocator(block);
  }

  OwnBlock(Image image) {
    this.claimedAt = image.claimedAt();
    this.addresses = new BlockAllocator(image.block(), image.held(), image.freeOrder());
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

  long made() {
    return made;
  }

  int pending() {
    return pending.size();
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
    }
    enter(entry.change());
    onDisk = made;
  }

  void onDisk(long sequence) {
    onDisk = Math.max(onDisk, sequence);
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
    return new RecordAllocations(owner, cidr(), first, batch);
  }

  void answered() {
    underWay = false;
  }

  Image image() {
    return new Image(
        cidr(), claimedAt, made, addresses.held(), addresses.freeOrder(), new ArrayList<>(pending));
  }
}
