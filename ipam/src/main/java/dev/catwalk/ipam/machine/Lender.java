package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.machine.Change.BackIn;
import dev.catwalk.ipam.machine.Change.Declined;
import dev.catwalk.ipam.machine.Change.SetApart;
import dev.catwalk.ipam.model.Ask;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The owner of a block sets addresses of it apart for those who ask, and takes them in again. That
 * it does is on its disk before anybody hears of it, as with all that it does.
 */
final class Lender {
  private Lender() {}

  /**
   * What the store does not call apart any more, though it knows that it was: nobody has it, and
   * nobody can get it unless it is set apart anew.
   */
  static List<LedgerEntry> takeBackIn(OwnBlock own, Block there, IpamState state) {
    List<LedgerEntry> entries = new ArrayList<>();
    own.addresses.apart().forEach((ip, by) -> {
      if (by <= there.recorded() && !state.isApart(ip)) {
        own.addresses.backIn(ip);
        entries.add(own.enter(new BackIn(ip)));
      }
    });
    return entries;
  }

  /**
   * Once for each ask, and only where the state has all that the store has acknowledged. A block that
   * is being given back changes no more: who asks for it asks another when it has gone.
   */
  static List<LedgerEntry> answer(OwnBlocks blocks, NodeEpoch owner, IpamState state, long nowMs) {
    List<LedgerEntry> entries = new ArrayList<>();
    for (Ask ask : state.asks().values()) {
      OwnBlock own = blocks.get(ask.block());
      Block there = own == null ? null : state.block(ask.block());
      if (own != null
          && there != null
          && !ask.declined()
          && !own.isGiving()
          && own.problem == null
          && there.owner().equals(owner)
          && there.claimedAt() == own.claimedAt
          && there.recorded() == own.acknowledged()
          && !own.hasAnswered(ask)) {
        entries.add(answer(own, ask, nowMs));
      }
    }
    return entries;
  }

  private static LedgerEntry answer(OwnBlock own, Ask ask, long nowMs) {
    IpAddress ip = own.isOpen() ? serving(own, ask, nowMs) : null;
    if (ip == null) {
      return own.enter(new Declined(ask.asker().node(), ask.asker().family(), ask.requestId()));
    }
    own.addresses.setApart(ip, own.made() + 1);
    return own.enter(new SetApart(ip, ask.asker().node(), ask.requestId()));
  }

  private static @Nullable IpAddress serving(OwnBlock own, Ask ask, long nowMs) {
    IpAddress wanted = ask.wanted();
    return wanted == null
        ? own.addresses.nextFree(nowMs)
        : own.addresses.isLeft(wanted) ? wanted : null;
  }
}
