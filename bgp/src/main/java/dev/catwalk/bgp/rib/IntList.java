package dev.catwalk.bgp.rib;

import java.util.Arrays;

/** Numbers in the order of their addition, without a box around each. */
final class IntList {
  private int[] values = new int[16];
  private int size;

  int size() {
    return size;
  }

  int get(int index) {
    return values[index];
  }

  void add(int value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = value;
  }

  int removeLast() {
    return values[--size];
  }

  void clear() {
    size = 0;
  }

  /** Empty, and without the room that it had. */
  void reset() {
    values = new int[16];
    size = 0;
  }
}
