package dev.catwalk.bgp.rib;

import dev.catwalk.bgp.wire.PathAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Peers that are told the same. No member hears its own routes. */
public abstract sealed class ExportGroup permits BestGroup, PathsGroup {
  final Rib rib;
  final List<AdjRibOut> members = new ArrayList<>();
  private final int number;
  private final Exporter exporter;
  private final Exports exports;

  ExportGroup(Rib rib, int number, Exporter exporter) {
    this.rib = rib;
    this.number = number;
    this.exporter = exporter;
    this.exports = new Exports(rib.pool());
  }

  int number() {
    return number;
  }

  public boolean isEmpty() {
    return members.isEmpty();
  }

  /** A new member, which is due everything and an End-of-RIB marker. */
  public AdjRibOut join(int slot) {
    return join(slot, false);
  }

  /**
   * A new member, which is due everything and an End-of-RIB marker.
   *
   * @param endOfRibHeld whether the marker waits for {@link AdjRibOut#releaseEndOfRib}
   */
  public AdjRibOut join(int slot, boolean endOfRibHeld) {
    AdjRibOut member = new AdjRibOut(slot, endOfRibHeld, this, rib.stirred());
    members.add(member);
    refresh(member);
    member.stir();
    return member;
  }

  /**
   * A member goes over to {@code other}, of the same table and kind: it hears what that one says
   * instead.
   */
  public void move(AdjRibOut member, ExportGroup other) {
    assert rib == other.rib && getClass() == other.getClass();
    members.remove(member);
    other.members.add(member);
    member.join(other);
    for (int p = member.announced.next(0); p >= 0; p = member.announced.next(p + 1)) {
      member.await(p);
    }
    other.refresh(member);
  }

  /** It is told nothing any more. */
  public abstract void leave(AdjRibOut member);

  /** Everything is due to that member again (RFC 2918). */
  public abstract void refresh(AdjRibOut member);

  /** Sends a member at most {@code limit} of the prefixes that wait for it. */
  public abstract void pull(AdjRibOut member, int limit, Feed feed);

  /** Works out what is said of every prefix: for a group that was just made. */
  abstract void fill();

  /** Gives back what it holds of the table's attributes. Its members have left. */
  abstract void close();

  /** The best path of {@code p} is another one; {@link PathStore#END}: there is none. */
  abstract void reconsider(int p, int best);

  /** The numbers of all sets are others. */
  abstract void renumber(IntUnaryOperator moved);

  /** Prefixes from {@code top} on are none any more: nobody was told of them. */
  void truncate(int top) {
    members.forEach(member -> member.truncate(top));
  }

  /** Says what {@link #reconsider} found new. */
  abstract void flush(Feed feed);

  /** Says the markers that are due after what was just said. */
  static void mark(AdjRibOut member, Rib rib, Feed feed) {
    if (member.takeEndOfRib()) {
      feed.endOfRib(member, rib.family());
    }
    if (member.takeEndOfRefresh()) {
      feed.endOfRefresh(member, rib.family());
    }
  }

  /**
   * The set to announce for {@code p}, with one use more, which is the caller's; {@link
   * AttributePool#NONE}: it is not to be told.
   */
  final int export(int p, int set, Source from) {
    AttributePool pool = rib.pool();
    if (rib.awaitsForwarding()
        && exporter.draws(pool.attributes(set), from)
        && !rib.isForwarded(p)) {
      return AttributePool.NONE;
    }
    int verdict = exporter.filters() ? rib.verdict(exporter, p, pool.attributes(set), from) : 0;
    if (verdict == Exporter.REJECTED) {
      return AttributePool.NONE;
    }
    int known = exports.find(set, from, verdict);
    if (known != Exports.UNKNOWN) {
      return known == AttributePool.NONE ? known : pool.acquire(known);
    }
    PathAttributes result = exporter.export(pool.attributes(set), from, rib.family(), verdict);
    int made = result == null ? AttributePool.NONE : pool.acquire(result, from.slot());
    exports.keep(set, from, verdict, made);
    return made;
  }
}
