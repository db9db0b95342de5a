package dev.catwalk.bgp.rib;

import dev.catwalk.bgp.wire.Nlri;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Peers that are told several paths of a prefix (RFC 7911): the best ones in the order of the
 * decision. Each member has a record of its own of what it was told; a path's identifier is its
 * number in the table and stays while it does.
 */
final class PathsGroup extends ExportGroup {
  private final int most;
  private final IntList taken = new IntList();

  /** What a member holds of one prefix, in no order. */
  static final class Told {
    static final Told NOTHING = new Told(new int[0], new int[0]);

    final int[] pathIds;
    final int[] sets; // each of them used once here; NONE: to be told anew

    Told(int[] pathIds, int[] sets) {
      this.pathIds = pathIds;
      this.sets = sets;
    }

    int of(int pathId) {
      for (int i = 0; i < pathIds.length; i++) {
        if (pathIds[i] == pathId) {
          return sets[i];
        }
      }
      return AttributePool.NONE;
    }

    boolean has(int pathId) {
      for (int id : pathIds) {
        if (id == pathId) {
          return true;
        }
      }
      return false;
    }

    /** The same, to be told anew. */
    Told forgotten() {
      return new Told(pathIds, new int[sets.length]);
    }

    void renumber(IntUnaryOperator moved) {
      for (int i = 0; i < sets.length; i++) {
        sets[i] = sets[i] == AttributePool.NONE ? sets[i] : moved.applyAsInt(sets[i]);
      }
    }

    void release(AttributePool pool) {
      for (int set : sets) {
        if (set != AttributePool.NONE) {
          pool.release(set);
        }
      }
    }
  }

  /** One path that is to be told. */
  private record News(int set, int p, int pathId) {}

  /**
   * @param most paths of a prefix
   */
  PathsGroup(Rib rib, int number, Exporter exporter, int most) {
    super(rib, number, exporter);
    this.most = most;
  }

  @Override
  public void leave(AdjRibOut member) {
    members.remove(member);
    for (int p = member.announced.next(0); p >= 0; p = member.announced.next(p + 1)) {
      rib.unhold(p);
    }
    member.leave();
    for (Told told : member.told) {
      if (told != null) {
        told.release(rib.pool());
      }
    }
    member.told = new Told[0];
  }

  @Override
  public void refresh(AdjRibOut member) {
    for (int p = 0; p < member.told.length; p++) {
      Told told = member.told[p];
      if (told != null) {
        member.told[p] = told.forgotten();
        told.release(rib.pool());
      }
    }
    for (int p = 0; p < rib.limit(); p++) {
      if (rib.best(p) != PathStore.END) {
        member.await(p);
      }
    }
  }

  @Override
  void fill() {}

  @Override
  void close() {
    assert members.isEmpty();
  }

  @Override
  void renumber(IntUnaryOperator moved) {
    for (AdjRibOut member : members) {
      for (Told told : member.told) {
        if (told != null) {
          told.renumber(moved);
        }
      }
    }
  }

  @Override
  void reconsider(int p, int best) {
    for (AdjRibOut member : members) {
      member.await(p);
    }
  }

  @Override
  void flush(Feed feed) {}

  @Override
  public void pull(AdjRibOut member, int limit, Feed feed) {
    taken.clear();
    member.take(limit, taken);
    Nlri.Builder withdrawn = rib.nlri();
    List<News> news = new ArrayList<>();
    for (int i = 0; i < taken.size(); i++) {
      int p = taken.get(i);
      Told before = told(member, p);
      Told now = wanted(member, p);
      for (int id : before.pathIds) {
        if (!now.has(id)) {
          rib.add(withdrawn, p, id);
        }
      }
      for (int k = 0; k < now.pathIds.length; k++) {
        int set = now.sets[k];
        if (before.of(now.pathIds[k]) != set) {
          news.add(new News(set, p, now.pathIds[k]));
        }
      }
      keep(member, p, now);
      before.release(rib.pool());
    }
    List<AdjRibOut> to = List.of(member);
    if (withdrawn.size() > 0) {
      feed.withdraw(to, withdrawn.build());
    }
    announce(news, to, feed);
    mark(member, rib, feed);
  }

  private static Told told(AdjRibOut member, int p) {
    Told told = p < member.told.length ? member.told[p] : null;
    return told == null ? Told.NOTHING : told;
  }

  /** What it should hold of {@code p}. */
  private Told wanted(AdjRibOut member, int p) {
    int[] ids = new int[most];
    int[] sets = new int[most];
    int count = 0;
    for (Candidate candidate : rib.ranked(p)) {
      if (candidate.source.slot() != member.slot()) {
        int set = export(p, candidate.set, candidate.source);
        if (set != AttributePool.NONE) {
          ids[count] = candidate.path + 1; // 0 stands for no identifier
          sets[count++] = set;
        }
      }
      if (count == most) {
        break;
      }
    }
    return new Told(Arrays.copyOf(ids, count), Arrays.copyOf(sets, count));
  }

  private void keep(AdjRibOut member, int p, Told now) {
    if (p >= member.told.length) {
      if (now.pathIds.length == 0) {
        return;
      }
      member.told = Arrays.copyOf(member.told, Math.max(p + 1, member.told.length * 3 / 2));
    }
    member.told[p] = now.pathIds.length == 0 ? null : now;
    if (now.pathIds.length > 0) {
      if (member.announced.add(p)) {
        rib.hold(p);
      }
    } else if (member.announced.remove(p)) {
      rib.unhold(p);
    }
  }

  /** Packs by attribute set. */
  private void announce(List<News> news, List<AdjRibOut> to, Feed feed) {
    news.sort((a, b) -> Integer.compare(a.set, b.set));
    for (int i = 0; i < news.size(); ) {
      int set = news.get(i).set;
      Nlri.Builder pack = rib.nlri();
      while (i < news.size() && news.get(i).set == set) {
        rib.add(pack, news.get(i).p, news.get(i).pathId);
        i++;
      }
      feed.announce(to, rib.pool().attributes(set), pack.build());
    }
  }
}
