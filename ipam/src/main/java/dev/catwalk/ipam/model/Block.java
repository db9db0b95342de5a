package dev.catwalk.ipam.model;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.net.tree.SortedTree;

/**
 * A part of a pool and the node that hands it out. The owner is the only one who allocates in it; it
 * answers first and records behind, in the order of its sequence.
 *
 * @param pool name of the pool it is cut from
 * @param requestId the request that claimed it, as the claimant numbered it
 * @param claimedAt the revision of the claim
 * @param recorded how many changes of its owner are in: the sequence of the last one
 * @param allocations what is recorded as in use
 */
public record Block(
    Prefix cidr,
    String pool,
    NodeEpoch owner,
    long requestId,
    long claimedAt,
    long recorded,
    SortedTree<IpAddress, Held> allocations) {

  /** A block that was claimed just now. */
  public static Block fresh(
      Prefix cidr, String pool, NodeEpoch owner, long requestId, long revision) {
    return new Block(cidr, pool, owner, requestId, revision, 0, SortedTree.empty());
  }

  /** With this content after change number {@code sequence}. */
  public Block with(long sequence, SortedTree<IpAddress, Held> content) {
    return new Block(cidr, pool, owner, requestId, claimedAt, sequence, content);
  }

  /** As a block of the pool of this name. */
  public Block of(String name) {
    return new Block(cidr, name, owner, requestId, claimedAt, recorded, allocations);
  }

  /**
   * How many addresses at the start of a block are never handed out: the first one, since hosts and
   * filters on the way may take it for a network's own address. The last one (.255 of a /24) is
   * handed out: a pod has it as a /32 and no broadcast exists. A block of one or two addresses
   * reserves nothing.
   */
  public static int reserved(Prefix cidr) {
    return cidr.family().bits() - cidr.length() >= 2 ? 1 : 0;
  }

  /** How many addresses of a block can be handed out. */
  public static int usable(Prefix cidr) {
    return (int) cidr.size() - reserved(cidr);
  }

  /** Whether {@code ip} is one that can be handed out of the block {@code cidr}. */
  public static boolean isUsable(Prefix cidr, IpAddress ip) {
    return cidr.contains(ip) && (reserved(cidr) == 0 || !ip.equals(cidr.address()));
  }

  /** How many of its addresses are recorded as in use. */
  public int allocated() {
    return allocations.size();
  }

  /** How many of its addresses are recorded as free. */
  public int free() {
    return usable(cidr) - allocations.size();
  }
}
