package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.machine.Change.Declined;
import dev.catwalk.ipam.machine.Change.SetApart;
import dev.catwalk.ipam.machine.Command.AskAddress;
import dev.catwalk.ipam.machine.Command.ForgetName;
import dev.catwalk.ipam.machine.Outcome.Asked;
import dev.catwalk.ipam.machine.Outcome.Granted;
import dev.catwalk.ipam.machine.Outcome.NameForgotten;
import dev.catwalk.ipam.machine.Outcome.Reason;
import dev.catwalk.ipam.machine.Outcome.Refused;
import dev.catwalk.ipam.model.Ask;
import dev.catwalk.ipam.model.Ask.Asker;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.ipam.model.Registration;
import dev.catwalk.ipam.model.StickyName;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Addresses that are set apart from their blocks: lent to other nodes, or kept for a name. The owner
 * of the block promises its disk before it says so here, and takes an address back in when it reads
 * here that nobody has it and no name keeps it; so at any time one node at most may hand it out.
 */
final class Asking {
  private Asking() {}

  static Applied ask(IpamState state, long revision, AskAddress c) {
    Refused notCurrent = Ipam.notCurrent(state, c.asker());
    if (notCurrent != null) {
      return Ipam.refused(state, notCurrent);
    }
    Block given = state.blockOfRequest(c.asker(), c.requestId());
    if (given != null) {
      return new Applied(state, Granted.of(state, given));
    }
    IpAddress kept = c.name() == null ? null : state.names().get(c.name());
    if (kept != null) {
      return moved(state, revision, c, kept);
    }
    Asker asker = new Asker(c.asker(), c.family());
    Ask before = state.asks().get(asker);
    if (before != null && before.requestId() == c.requestId() && !before.declined()) {
      Block asked = state.block(before.block());
      if (asked != null) {
        return new Applied(state, new Asked(before.block(), asked.owner(), revision));
      }
    }
    Block block = roomiest(state, c, before == null ? null : before.block());
    if (block == null) {
      return Ipam.refused(
          state,
          Reason.EXHAUSTED,
          "no node has a free address of pool " + String.join(", ", c.pools())
              + " to set apart: add a pool, or delete pods");
    }
    Ask ask = new Ask(asker, block.cidr(), c.name(), c.wanted(), c.requestId(), false);
    return new Applied(state.withAsk(ask), new Asked(block.cidr(), block.owner(), revision));
  }

  /** An address that is kept goes to who asks, if nobody has it. */
  private static Applied moved(IpamState state, long revision, AskAddress c, IpAddress kept) {
    if (c.wanted() != null && !c.wanted().equals(kept)) {
      return Ipam.refused(
          state,
          Reason.CONFLICT,
          kept + " is kept for " + c.name() + ", which cannot have " + c.wanted()
              + " too: ipam release --name " + c.name() + " gives it up");
    }
    Block has = state.singles().get(kept.asPrefix());
    if (has != null) {
      return has.owner().equals(c.asker())
          ? new Applied(state, Granted.of(state, has))
          : Ipam.refused(
              state,
              Reason.CONFLICT,
              kept + ", which is kept for " + c.name() + ", is " + has.owner().node()
                  + "'s as yet: delete the pod that has it there");
    }
    Block around = state.blockAround(kept);
    String pool = around == null ? "" : around.pool();
    Block single = Block.fresh(kept.asPrefix(), pool, c.asker(), c.requestId(), revision);
    IpamState next = state.withSingle(single);
    return new Applied(next, Granted.of(next, single));
  }

  /**
   * The block with the most free addresses, an own one first where the address is to be kept; not
   * the one that was asked last, unless there is no other. Goes through all blocks of the pools.
   */
  private static @Nullable Block roomiest(
      IpamState state, AskAddress c, @Nullable Prefix askedLast) {
    Block best = null;
    long most = 0;
    for (Block block : candidates(state, c)) {
      boolean own = block.owner().equals(c.asker());
      boolean mayServe = own ? c.name() != null : c.ofOthers();
      Pool pool = state.pools().get(block.pool());
      Registration owner = state.nodes().get(block.owner().node());
      if (!mayServe
          || block.cidr().isHost()
          || pool == null
          || pool.disabled()
          || owner == null
          || !owner.current().equals(block.owner())) {
        continue;
      }
      long room = (long) block.free() - state.apartIn(block.cidr()).size();
      long weight =
          room <= 0 ? 0 : block.cidr().equals(askedLast) ? 1 : own ? room << 32 : room + 1;
      if (weight > most) {
        best = block;
        most = weight;
      }
    }
    return best;
  }

  private static List<Block> candidates(IpamState state, AskAddress c) {
    if (c.wanted() != null) {
      Block around = state.isApart(c.wanted()) ? null : state.blockAround(c.wanted());
      boolean serves = around != null
          && Block.isUsable(around.cidr(), c.wanted())
          && !around.allocations().containsKey(c.wanted());
      return serves ? List.of(around) : List.of();
    }
    List<Block> all = new ArrayList<>();
    for (String name : c.pools()) {
      Pool pool = state.pools().get(name);
      if (pool != null && pool.cidr().family() == c.family()) {
        for (Prefix cidr : state.claimedIn(pool)) {
          Block block = state.blocks().get(cidr);
          if (block != null) {
            all.add(block);
          }
        }
      }
    }
    return all;
  }

  /** Why an owner cannot have set an address apart: no correct one does. */
  static @Nullable Refused problem(IpamState state, Prefix block, SetApart set) {
    if (block.isHost() || !Block.isUsable(block, set.ip())) {
      return new Refused(Reason.MALFORMED, set.ip() + " cannot be set apart in " + block);
    }
    Block in = state.block(block);
    return in != null && in.allocations().containsKey(set.ip())
        ? new Refused(Reason.CONFLICT, set.ip() + " is held and cannot be set apart")
        : null;
  }

  /**
   * The address is the asker's from this entry on, if that still asks. Else nothing comes of it, and
   * its owner takes it back in.
   */
  static IpamState setApart(IpamState state, long revision, Prefix block, SetApart set) {
    Asker asker = new Asker(set.asker(), set.ip().family());
    Ask ask = state.asks().get(asker);
    Block in = state.block(block);
    if (ask == null || in == null || ask.declined() || ask.requestId() != set.requestId()) {
      return state;
    }
    IpamState next = state.withoutAsk(asker);
    StickyName name = ask.name();
    boolean isLate = state.isApart(set.ip())
        || name != null && state.names().containsKey(name)
        || state.blockOfRequest(set.asker(), set.requestId()) != null;
    if (isLate) {
      return next;
    }
    Prefix cidr = set.ip().asPrefix();
    next = next.withSingle(Block.fresh(cidr, in.pool(), set.asker(), set.requestId(), revision));
    return name == null ? next : next.withName(name, set.ip());
  }

  static IpamState declined(IpamState state, Declined declined) {
    Ask ask = state.asks().get(new Asker(declined.asker(), declined.family()));
    return ask != null && ask.requestId() == declined.requestId()
        ? state.withAsk(ask.refused())
        : state;
  }

  static Applied forget(IpamState state, ForgetName c) {
    IpAddress kept = state.names().get(c.name());
    if (kept == null) {
      return Ipam.refused(
          state, Reason.CONFLICT, "no address is kept for " + c.name() + ": ipam show --names");
    }
    Block has = state.singles().get(kept.asPrefix());
    return has == null
        ? new Applied(state.withoutName(c.name()), new NameForgotten(c.name(), kept))
        : Ipam.refused(
            state,
            Reason.NOT_EMPTY,
            kept + ", which is kept for " + c.name() + ", is " + has.owner().node()
                + "'s: delete the pod that has it");
  }

  /** Why a block cannot end: what was set apart in it would be handed out twice. Null if it can. */
  static @Nullable Refused apart(IpamState state, Prefix block) {
    List<IpAddress> apart = state.apartIn(block);
    return apart.isEmpty()
        ? null
        : new Refused(
            Reason.NOT_EMPTY,
            "in block " + block + " " + apart.size() + " addresses are set apart, the first is "
                + apart.getFirst() + ": delete the pods that have them, and let go of the names"
                + " that they are kept for (ipam show --names, ipam release --name)");
  }

  static IpamState withoutAsksOf(IpamState state, NodeEpoch node) {
    IpamState next = state;
    for (Family family : Family.values()) {
      Asker asker = new Asker(node, family);
      next = next.asks().containsKey(asker) ? next.withoutAsk(asker) : next;
    }
    return next;
  }
}
