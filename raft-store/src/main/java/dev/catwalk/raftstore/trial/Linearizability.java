package dev.catwalk.raftstore.trial;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Decides whether the operations on one key can have happened one after the other, each at a moment
 * between its call and its answer (Herlihy and Wing). A search over the orders that real time allows,
 * which tries no set of finished operations with one value twice (Lowe).
 */
public final class Linearizability {
  private record Point(BitSet done, int value) {}

  private final List<Operation> operations;
  private final Set<Point> seen = new HashSet<>();
  private final Deque<Point> open = new ArrayDeque<>();

  private Linearizability(List<Operation> operations) {
    this.operations = new ArrayList<>(operations);
    this.operations.sort(Comparator.comparingLong(Operation::begin));
  }

  /** Whether an order explains these operations on one key. */
  public static boolean holds(List<Operation> operations) {
    return new Linearizability(operations).search();
  }

  private boolean search() {
    open.push(new Point(new BitSet(operations.size()), 0));
    while (!open.isEmpty()) {
      Point point = open.pop();
      if (!seen.add(point)) {
        continue;
      }
      long deadline = deadline(point.done());
      if (deadline == Operation.UNKNOWN) {
        return true; // Nothing is left that was answered.
      }
      for (int i = point.done().nextClearBit(0);
          i < operations.size() && operations.get(i).begin() <= deadline;
          i = point.done().nextClearBit(i + 1)) {
        int value = operations.get(i).after(point.value());
        if (value >= 0) {
          BitSet done = (BitSet) point.done().clone();
          done.set(i);
          open.push(new Point(done, value));
        }
      }
    }
    return false;
  }

  /** Whatever begins after this comes after an operation that is still to be placed. */
  private long deadline(BitSet done) {
    long deadline = Operation.UNKNOWN;
    for (int i = done.nextClearBit(0); i < operations.size(); i = done.nextClearBit(i + 1)) {
      deadline = Math.min(deadline, operations.get(i).end());
    }
    return deadline;
  }
}
