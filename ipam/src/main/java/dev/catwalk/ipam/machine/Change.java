package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;

/** What the owner of a block did in it. */
public sealed interface Change {

  /** Handed out an address that was free. */
  record Allocated(Allocation allocation) implements Change {}

  /**
   * Will not hand out a free address of it any more, as long as the store says that it is apart. What
   * was asked is granted by it, if it is still asked.
   *
   * @param requestId of the {@link dev.catwalk.ipam.model.Ask}
   */
  record SetApart(IpAddress ip, NodeEpoch asker, long requestId) implements Change {}

  /** Hands out again what was apart, since the store says that it is no more. */
  record BackIn(IpAddress ip) implements Change {}

  /** Has no address for who asks. */
  record Declined(NodeEpoch asker, Family family, long requestId) implements Change {}

  /** Took an address back; nothing happens where the handle does not hold it any more. */
  record Released(IpAddress ip, Handle handle) implements Change {}
}
