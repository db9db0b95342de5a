package dev.catwalk.bgp.rib;

import dev.catwalk.bgp.wire.PathAttributes;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One {@link AttributeSet} for each distinct value in use, by an open-addressed table. */
final class AttributePool {
  private @Nullable AttributeSet[] slots = new AttributeSet[256];
  private int size;
  private int numbers;

  int size() {
    return size;
  }

  /** The set of that value, with one use more. */
  AttributeSet acquire(PathAttributes attributes) {
    int mask = slots.length - 1;
    int at = home(attributes, mask);
    for (AttributeSet set = slots[at]; set != null; set = slots[at]) {
      if (set.attributes.equals(attributes)) {
        set.uses++;
        return set;
      }
      at = at + 1 & mask;
    }
    AttributeSet added = new AttributeSet(attributes, numbers++);
    added.uses = 1;
    slots[at] = added;
    if (++size * 2 > slots.length) {
      rehash();
    }
    return added;
  }

  /** One use more of a set that is in use. */
  AttributeSet acquire(AttributeSet set) {
    assert set.uses > 0;
    set.uses++;
    return set;
  }

  /** Keeps what a group made of {@code set}, whose one use it takes over from the caller. */
  void remember(AttributeSet set, int group, AttributeSet.Exported result) {
    if (group >= set.exported.length) {
      set.exported = Arrays.copyOf(set.exported, group + 1);
    }
    AttributeSet.Exported before = set.exported[group];
    set.exported[group] = result;
    if (result.result() == set) {
      set.uses--; // a set does not keep itself alive
    }
    forget(set, before);
  }

  private void forget(AttributeSet set, AttributeSet.@Nullable Exported result) {
    if (result != null && result.result() != null && result.result() != set) {
      release(result.result());
    }
  }

  void release(AttributeSet set) {
    assert set.uses > 0;
    if (--set.uses > 0) {
      return;
    }
    int mask = slots.length - 1;
    int at = home(set.attributes, mask);
    while (slots[at] != set) {
      at = at + 1 & mask;
    }
    int hole = at;
    for (int next = at + 1 & mask; slots[next] != null; next = next + 1 & mask) {
      AttributeSet moved = slots[next];
      if (moved != null && (next - home(moved.attributes, mask) & mask) >= (next - hole & mask)) {
        slots[hole] = moved;
        hole = next;
      }
    }
    slots[hole] = null;
    size--;
    for (AttributeSet.Exported result : set.exported) {
      forget(set, result);
    }
  }

  private static int home(PathAttributes attributes, int mask) {
    int mixed = attributes.hashCode() * 0x9e3779b9;
    return (mixed ^ mixed >>> 15) & mask;
  }

  private void rehash() {
    @Nullable AttributeSet[] old = slots;
    slots = new AttributeSet[2 * old.length];
    int mask = slots.length - 1;
    for (AttributeSet set : old) {
      if (set != null) {
        int at = home(set.attributes, mask);
        while (slots[at] != null) {
          at = at + 1 & mask;
        }
        slots[at] = set;
      }
    }
  }
}
