package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HeapKeeperTest {
  private static final long MUCH = HeapKeeper.MUCH;
  private static final long QUIET = HeapKeeper.QUIET_NANOS;
  private static final long REST = HeapKeeper.REST_NANOS;

  private final HeapKeeper heap = new HeapKeeper();

  @Test
  void collectsOnceWhenMuchHasGoneAndNoMoreGoes() {
    assertFalse(heap.isDue(MUCH - 1, 0));
    assertFalse(heap.isDue(MUCH - 1, 2 * QUIET), "too little");
    assertEquals(7 * QUIET, heap.nextNanos(7 * QUIET), "nothing to wait for");
    assertFalse(heap.isDue(MUCH, 3 * QUIET));
    assertEquals(4 * QUIET, heap.nextNanos(7 * QUIET));
    assertFalse(heap.isDue(2 * MUCH, 4 * QUIET), "more has gone just now");
    assertTrue(heap.isDue(2 * MUCH, 5 * QUIET));
    assertFalse(heap.isDue(2 * MUCH, 6 * QUIET));
    assertFalse(heap.isDue(3 * MUCH, 7 * QUIET));
    assertFalse(heap.isDue(3 * MUCH, 9 * QUIET), "not yet again");
    assertEquals(5 * QUIET + REST, heap.nextNanos(9 * QUIET + REST));
    assertTrue(heap.isDue(3 * MUCH, 5 * QUIET + REST));
  }

  /** A speaker that becomes another one has new tables. */
  @Test
  void beginsAnewWithNewTables() {
    assertFalse(heap.isDue(5 * MUCH, 0));
    assertTrue(heap.isDue(5 * MUCH, QUIET));
    assertFalse(heap.isDue(0, QUIET));
    assertFalse(heap.isDue(MUCH, QUIET));
    assertTrue(heap.isDue(MUCH, QUIET + REST));
  }
}
