package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.net.addr.IpAddress;

/** What the owner of a block did in it. */
public sealed interface Change {

  /** Handed out an address that was free. */
  record Allocated(Allocation allocation) implements Change {}

  /** Took an address back; nothing happens where the handle does not hold it any more. */
  record Released(IpAddress ip, Handle handle) implements Change {}
}
