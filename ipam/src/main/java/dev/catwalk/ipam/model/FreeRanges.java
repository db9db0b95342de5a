package dev.catwalk.ipam.model;

import dev.catwalk.net.tree.SortedTree;
import java.util.Map;

/** The free blocks of a pool, as ranges of indices: first index → index after the last one. */
record FreeRanges(SortedTree<Long, Long> ranges) {

  /** All of {@code blocks} are free. */
  static FreeRanges all(long blocks) {
    return new FreeRanges(SortedTree.<Long, Long>empty().put(0L, blocks));
  }

  /** The lowest free index, or -1. */
  long lowest() {
    Map.Entry<Long, Long> first = ranges.first();
    return first == null ? -1 : first.getKey();
  }

  /** How many are free. */
  long size() {
    long size = 0;
    for (Map.Entry<Long, Long> range : ranges) {
      size += range.getValue() - range.getKey();
    }
    return size;
  }

  boolean isFree(long index) {
    Map.Entry<Long, Long> range = ranges.floor(index);
    return range != null && index < range.getValue();
  }

  FreeRanges take(long index) {
    assert isFree(index) : index;
    Map.Entry<Long, Long> range = ranges.floor(index);
    if (range == null) {
      return this;
    }
    SortedTree<Long, Long> left = ranges.remove(range.getKey());
    if (range.getKey() < index) {
      left = left.put(range.getKey(), index);
    }
    return new FreeRanges(
        index + 1 < range.getValue() ? left.put(index + 1, range.getValue()) : left);
  }

  FreeRanges give(long index) {
    assert !isFree(index) : index;
    long from = index;
    long to = index + 1;
    SortedTree<Long, Long> left = ranges;
    Map.Entry<Long, Long> before = ranges.floor(index);
    if (before != null && before.getValue() == index) {
      from = before.getKey();
    }
    Long after = ranges.get(to);
    if (after != null) {
      left = left.remove(to);
      to = after;
    }
    return new FreeRanges(left.put(from, to));
  }
}
