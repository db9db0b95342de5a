package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.machine.Grant.Denied;
import dev.catwalk.ipam.machine.Grant.Given;
import dev.catwalk.ipam.machine.Grant.Why;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.StickyName;
import dev.catwalk.net.addr.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which address of a ledger's blocks a request is to get; what is offered is not held by that. */
final class Offers {
  private final OwnBlocks blocks;
  private final Remains remains;

  Offers(OwnBlocks blocks, Remains remains) {
    this.blocks = blocks;
    this.remains = remains;
  }

  /**
   * The address for a request, or why there is none.
   *
   * @param pending changes that wait for the store
   */
  Grant of(AddressRequest request, int pending) {
    for (OwnBlock own : blocks.all()) {
      if (own.cidr().family() == request.family() && own.addresses.of(request.handle()) != null) {
        return own.addresses.offer(request);
      }
    }
    Allocation before = remains.of(request.handle(), request.family());
    if (before != null) {
      String notOurs = remains.notOurs(before.ip());
      return notOurs == null
          ? new Given(before, before.ip().asPrefix(), false)
          : new Denied(Why.TAKEN, notOurs);
    }
    if (pending >= Ledger.MAX_PENDING) {
      return new Denied(
          Why.BACKLOG,
          Ledger.MAX_PENDING + " changes wait to be recorded in the store: bring back its quorum");
    }
    IpAddress wanted = request.wanted();
    if (request.keptFor() != null) {
      return kept(request, request.keptFor());
    }
    OwnBlock own = wanted == null ? emptiest(request) : blocks.around(wanted);
    if (wanted != null && own != null && own.isGiving()) {
      return new Denied(
          Why.BACKLOG, wanted + " is just being given back to its pool: ask again in a moment");
    }
    if (own == null || !own.isOpen()) {
      return wanted == null
          ? new Denied(Why.FULL, "this node has no block of " + kindOf(request) + " addresses")
          : new Denied(Why.OUTSIDE, wanted + " is in no block of this node: it has " + blocks);
    }
    return own.name != null
        ? new Denied(Why.TAKEN, wanted + " is kept for " + own.name + ": ipam show --names")
        : own.addresses.offer(request);
  }

  /** The address that is kept for a name, where this node has it. */
  private Grant kept(AddressRequest request, StickyName name) {
    for (OwnBlock own : blocks.all()) {
      if (name.equals(own.name)) {
        if (own.isGiving()) {
          return new Denied(
              Why.BACKLOG, "the address of " + name + " is just being put by: ask again");
        }
        if (own.problem != null) {
          return new Denied(Why.TAKEN, own.problem);
        }
        List<Allocation> held = own.addresses.held();
        return held.isEmpty()
            ? own.addresses.offer(request)
            : new Denied(
                Why.TAKEN,
                held.getFirst().ip() + ", which is kept for " + name + ", is that of "
                    + held.getFirst().handle() + " as yet: delete it first");
      }
    }
    return new Denied(Why.APART, "this node has no address that is kept for " + name);
  }

  private static String kindOf(AddressRequest request) {
    return request.pools().isEmpty()
        ? request.family().toString()
        : request.family() + " pool " + String.join(", ", request.pools());
  }

  /** The block with the most free addresses: what was released just now rests there longest. */
  private @Nullable OwnBlock emptiest(AddressRequest request) {
    OwnBlock best = null;
    boolean bestHas = false;
    for (OwnBlock own : blocks.all()) {
      if (!own.isOpen()
          || own.name != null
          || own.cidr().family() != request.family()
          || !request.pools().isEmpty()
              && (own.pool == null || !request.pools().contains(own.pool))) {
        continue;
      }
      boolean has = own.addresses.hasFor(request.nowMs());
      if (best == null
          || has && !bestHas
          || has == bestHas && own.addresses.free() > best.addresses.free()) {
        best = own;
        bestHas = has;
      }
    }
    return best;
  }
}
