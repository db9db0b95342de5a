package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.rib.AdjRibOut;
import dev.catwalk.bgp.rib.Feed;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.bgp.wire.RouteRefresh;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.net.addr.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is told to peers, as deeds. */
final class Telling implements Feed {
  private @Nullable Peer[] bySlot = new Peer[16];
  private List<Deed> deeds = new ArrayList<>();
  private @Nullable List<AdjRibOut> last;
  private List<Deed.Target> lastTargets = List.of();
  private Peer.@Nullable Established lastOfThem;

  /** A peer that is up. */
  void add(Peer peer) {
    if (peer.slot >= bySlot.length) {
      bySlot = Arrays.copyOf(bySlot, Math.max(peer.slot + 1, 2 * bySlot.length));
    }
    bySlot[peer.slot] = peer;
  }

  /** Nothing reaches it any more. */
  void remove(Peer peer) {
    bySlot[peer.slot] = null;
  }

  /** What is told from now on goes to a new list. */
  List<Deed> begin() {
    deeds = new ArrayList<>();
    last = null;
    return deeds;
  }

  @Override
  public void announce(List<AdjRibOut> to, PathAttributes attributes, Nlri prefixes) {
    tell(to, Update.announce(attributes, prefixes));
  }

  @Override
  public void withdraw(List<AdjRibOut> to, Nlri prefixes) {
    tell(to, Update.withdraw(prefixes));
  }

  @Override
  public void endOfRib(AdjRibOut to, Family family) {
    tell(List.of(to), Update.endOfRib(AfiSafi.unicast(family)));
  }

  @Override
  public void endOfRefresh(AdjRibOut to, Family family) {
    Peer peer = bySlot[to.slot()];
    if (peer != null && peer.established != null) {
      deeds.add(Refreshes.say(peer, peer.established.connection, family, RouteRefresh.END));
    }
  }

  private void tell(List<AdjRibOut> to, Update update) {
    if (to != last) { // whoever is told the same again and again is looked up once
      lookUp(to);
    }
    if (lastOfThem != null) {
      deeds.add(new Deed.Tell(lastTargets, lastOfThem.negotiated.encode(), update));
    }
  }

  private void lookUp(List<AdjRibOut> to) {
    List<Deed.Target> targets = new ArrayList<>(to.size());
    Peer.Established any = null;
    for (AdjRibOut out : to) {
      Peer peer = bySlot[out.slot()];
      if (peer != null && peer.established != null) {
        any = peer.established;
        targets.add(any.target);
      }
    }
    last = to;
    lastTargets = List.copyOf(targets);
    lastOfThem = any;
  }
}
