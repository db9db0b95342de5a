package dev.catwalk.bgp.exabgp;

import dev.catwalk.bgp.wire.AfiSafi;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The routes that a file announces to a neighbour, in their order. No larger than what was said of
 * them: what a template says is shared by all who inherit it, and the routes are made when they are
 * asked for.
 */
public final class Routes implements Iterable<Route> {
  public static final Routes NONE = new Routes();

  /** So many a neighbour. */
  public static final int MOST = 1 << 21;

  private final List<Iterable<Route>> pieces = new ArrayList<>();
  private final Map<AfiSafi, RouteBlock> families = new LinkedHashMap<>();
  private long size;

  Routes() {}

  void add(RouteBlock block) {
    pieces.add(block);
    families.putIfAbsent(block.family(), block);
    size += block.size();
  }

  /** @param all to which nothing is added any more */
  void add(Routes all) {
    if (all.size > 0) { // the iterator counts on it
      pieces.add(all);
      all.families.forEach(families::putIfAbsent);
      size += all.size;
    }
  }

  public long size() {
    return size;
  }

  /** The first of each family. */
  Collection<RouteBlock> firsts() {
    return families.values();
  }

  /** Those of these families. */
  public Iterable<Route> of(Collection<AfiSafi> some) {
    return some.containsAll(families.keySet())
        ? this
        : () -> stream().filter(route -> some.contains(route.family())).iterator();
  }

  public Stream<Route> stream() {
    return StreamSupport.stream(spliterator(), false);
  }

  @Override
  public Iterator<Route> iterator() {
    Iterator<Iterable<Route>> rest = pieces.iterator();
    return new Iterator<>() {
      private Iterator<Route> piece = Collections.emptyIterator();

      @Override
      public boolean hasNext() {
        return piece.hasNext() || rest.hasNext();
      }

      @Override
      public Route next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        if (!piece.hasNext()) {
          piece = rest.next().iterator();
        }
        return piece.next();
      }
    };
  }
}
