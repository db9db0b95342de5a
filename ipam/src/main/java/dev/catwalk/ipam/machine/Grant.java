package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.net.addr.Prefix;

/** The answer to an {@link AddressRequest}. */
public sealed interface Grant {

  /**
   * The address is the handle's.
   *
   * @param fresh false if the handle had it already
   */
  record Given(Allocation allocation, Prefix block, boolean fresh) implements Grant {}

  /**
   * Nothing was handed out.
   *
   * @param what a sentence fit for a user, with the remedy where there is one
   */
  record Denied(Why why, String what) implements Grant {}

  /** Why an address is not given. */
  enum Why {
    /** No block of this family is the node's own, or all of them are full. */
    FULL,
    /** Somebody holds the wanted address, or the handle holds another one. */
    TAKEN,
    /** The wanted address is not one that this node may hand out. */
    OUTSIDE,
    /** The address that is kept for the wanted name is not this node's: the store must be asked. */
    APART,
    /** This life of the node is over: another has registered under its name. */
    RETIRED,
    /** Another store than the one that granted the node's blocks is there. */
    OTHER_STORE,
    /** Too many changes wait to be recorded in the store. */
    BACKLOG,
    /** A further block is needed and the store does not answer. */
    NO_QUORUM,
    /** A further block is needed and the store refuses it. */
    NO_BLOCK,
    /** The node's own record on disk cannot be written. */
    DISK
  }
}
