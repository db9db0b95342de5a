package dev.catwalk.bgp.rib;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Peers that are told the best path: one outbound state for all of them, two bits a prefix for each. A
 * change is worked out and packed once and given to every member that keeps step; who does not hears
 * of the prefix later. No member hears its own routes.
 */
final class BestGroup extends ExportGroup {
  private int[] said = {}; // sets, by prefix
  private final IntList round = new IntList();
  private final IntList taken = new IntList();
  private List<AdjRibOut> others = List.of(); // all but one of them, of the last pack
  private int othersWithout = -1;

  BestGroup(Rib rib, int number, Exporter exporter) {
    super(rib, number, exporter);
  }

  @Override
  public void leave(AdjRibOut member) {
    members.remove(member);
    for (int p = member.announced.next(0); p >= 0; p = member.announced.next(p + 1)) {
      rib.unhold(p);
    }
    member.leave();
  }

  @Override
  public void refresh(AdjRibOut member) {
    for (int p = 0; p < said.length; p++) {
      if (said[p] != AttributePool.NONE) {
        member.await(p);
      }
    }
  }

  @Override
  public void pull(AdjRibOut member, int limit, Feed feed) {
    taken.clear();
    member.take(limit, taken);
    List<AdjRibOut> to = List.of(member);
    IntList withdrawn = new IntList();
    IntList announced = new IntList();
    for (int i = 0; i < taken.size(); i++) {
      int p = taken.get(i);
      if (said(p) != AttributePool.NONE && rib.bestSlot(p) != member.slot()) {
        announced.add(p);
      } else if (member.announced.get(p)) {
        withdrawn.add(p);
      }
    }
    if (withdrawn.size() > 0) {
      feed.withdraw(to, rib.nlri(withdrawn));
      forget(member, withdrawn);
    }
    announce(announced, to, feed);
    mark(member, rib, feed);
  }

  @Override
  void fill() {
    for (int p = 0; p < rib.limit(); p++) {
      int best = rib.best(p);
      if (best != PathStore.END) {
        say(p, export(p, rib.set(best), rib.source(best)));
      }
    }
  }

  @Override
  void close() {
    assert members.isEmpty();
    for (int p = 0; p < said.length; p++) {
      say(p, AttributePool.NONE);
    }
  }

  @Override
  void renumber(IntUnaryOperator moved) {
    for (int p = 0; p < said.length; p++) {
      said[p] = said[p] == AttributePool.NONE ? said[p] : moved.applyAsInt(said[p]);
    }
  }

  @Override
  void truncate(int top) {
    super.truncate(top);
    round.reset();
    if (said.length > top) {
      said = Arrays.copyOf(said, top);
    }
  }

  @Override
  void reconsider(int p, int best) {
    int now =
        best == PathStore.END ? AttributePool.NONE : export(p, rib.set(best), rib.source(best));
    if (now != said(p)) {
      say(p, now);
      round.add(p);
    } else if (now != AttributePool.NONE) {
      rib.pool().release(now); // one use of it is enough
      int slot = rib.source(best).slot();
      for (AdjRibOut member : members) { // the same words from another mouth
        if (member.announced.get(p) == (slot == member.slot())) {
          member.await(p);
        }
      }
    }
  }

  @Override
  void flush(Feed feed) {
    if (round.size() == 0) {
      return;
    }
    List<AdjRibOut> inStep = new ArrayList<>(members.size());
    for (AdjRibOut member : members) {
      if (member.isInStep()) {
        inStep.add(member);
      } else {
        for (int i = 0; i < round.size(); i++) {
          member.await(round.get(i));
        }
      }
    }
    if (!inStep.isEmpty()) {
      IntList withdrawn = new IntList();
      IntList announced = new IntList();
      for (int i = 0; i < round.size(); i++) {
        (said(round.get(i)) == AttributePool.NONE ? withdrawn : announced).add(round.get(i));
      }
      withdraw(withdrawn, inStep, feed);
      announce(announced, inStep, feed);
    }
    round.clear();
  }

  private void withdraw(IntList prefixes, List<AdjRibOut> to, Feed feed) {
    if (prefixes.size() == 0) {
      return;
    }
    List<AdjRibOut> whole = new ArrayList<>(to.size());
    for (AdjRibOut member : to) {
      IntList known = new IntList();
      for (int i = 0; i < prefixes.size(); i++) {
        if (member.announced.get(prefixes.get(i))) {
          known.add(prefixes.get(i));
        }
      }
      if (known.size() == prefixes.size()) {
        whole.add(member);
      } else if (known.size() > 0) {
        feed.withdraw(List.of(member), rib.nlri(known));
        forget(member, known);
      }
    }
    if (!whole.isEmpty()) {
      feed.withdraw(whole, rib.nlri(prefixes));
      for (AdjRibOut member : whole) {
        forget(member, prefixes);
      }
    }
  }

  private void forget(AdjRibOut member, IntList prefixes) {
    for (int i = 0; i < prefixes.size(); i++) {
      if (member.announced.remove(prefixes.get(i))) {
        rib.unhold(prefixes.get(i));
      }
    }
  }

  /** Packs by attribute set, then by source, since that one member is left out. */
  private void announce(IntList prefixes, List<AdjRibOut> to, Feed feed) {
    int count = prefixes.size();
    long[] order = new long[count];
    for (int i = 0; i < count; i++) {
      order[i] = (long) said(prefixes.get(i)) << 32 | prefixes.get(i);
    }
    Arrays.sort(order);
    IntList pack = new IntList();
    othersWithout = -1;
    for (int i = 0; i < count; ) {
      int set = (int) (order[i] >>> 32);
      int slot = rib.bestSlot((int) order[i]);
      pack.clear();
      while (i < count && (int) (order[i] >>> 32) == set && rib.bestSlot((int) order[i]) == slot) {
        pack.add((int) order[i++]);
      }
      announce(set, slot, pack, to, feed);
    }
  }

  private void announce(int set, int slot, IntList pack, List<AdjRibOut> to, Feed feed) {
    List<AdjRibOut> hearers = to;
    for (AdjRibOut member : to) {
      if (member.slot() == slot) {
        hearers = without(member, to);
        withdraw(pack, List.of(member), feed);
        break;
      }
    }
    if (hearers.isEmpty()) {
      return;
    }
    feed.announce(hearers, rib.pool().attributes(set), rib.nlri(pack));
    for (AdjRibOut member : hearers) {
      for (int i = 0; i < pack.size(); i++) {
        if (member.announced.add(pack.get(i))) {
          rib.hold(pack.get(i));
        }
      }
    }
  }

  /** The same list again for as long as it is about the same member of the same ones. */
  private List<AdjRibOut> without(AdjRibOut member, List<AdjRibOut> all) {
    if (othersWithout != member.slot()) {
      others = new ArrayList<>(all);
      others.remove(member);
      othersWithout = member.slot();
    }
    return others;
  }

  private int said(int p) {
    return p < said.length ? said[p] : AttributePool.NONE;
  }

  /** Takes over the caller's use of the set. */
  private void say(int p, int set) {
    if (p >= said.length) {
      if (set == AttributePool.NONE) {
        return;
      }
      said = Arrays.copyOf(said, Math.max(p + 1, said.length + (said.length >> 1)));
    }
    int before = said[p];
    said[p] = set;
    if (before != AttributePool.NONE) {
      rib.pool().release(before);
    }
  }
}
