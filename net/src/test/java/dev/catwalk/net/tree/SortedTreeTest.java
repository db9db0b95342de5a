package dev.catwalk.net.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SortedTreeTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void behavesAsATreeMapAndKeepsEveryEarlierVersion(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    TreeMap<Integer, Integer> model = new TreeMap<>();
    SortedTree<Integer, Integer> tree = SortedTree.empty();
    List<SortedTree<Integer, Integer>> versions = new ArrayList<>();
    List<TreeMap<Integer, Integer>> models = new ArrayList<>();
    for (int step = 0; step < 3_000; step++) {
      int key = random.nextInt(200);
      if (random.nextInt(3) == 0) {
        model.remove(key);
        tree = tree.remove(key);
      } else {
        model.put(key, step);
        tree = tree.put(key, step);
      }
      assertEquals(model.size(), tree.size());
      int probe = random.nextInt(-5, 205);
      assertEquals(model.get(probe), tree.get(probe));
      assertEquals(model.floorEntry(probe), entry(tree.floor(probe)));
      assertEquals(model.ceilingEntry(probe), entry(tree.ceiling(probe)));
      assertEquals(model.firstEntry(), entry(tree.first()));
      if (step % 100 == 0) {
        versions.add(tree);
        models.add(new TreeMap<>(model));
      }
    }
    for (int i = 0; i < versions.size(); i++) {
      assertEquals(List.copyOf(models.get(i).entrySet()).toString(), entries(versions.get(i)));
    }
  }

  @Test
  void equalContentsAreEqualHoweverTheyCameAbout() {
    SortedTree<Integer, String> up = SortedTree.empty();
    SortedTree<Integer, String> down = SortedTree.empty();
    for (int i = 0; i < 100; i++) {
      up = up.put(i, "v" + i);
      down = down.put(99 - i, "v" + (99 - i));
    }
    assertEquals(up, down);
    assertEquals(up.hashCode(), down.hashCode());
    assertNotEquals(up, down.put(7, "other"));
    assertNotEquals(up, down.remove(7));
    assertEquals(up, down.put(100, "x").remove(100));
  }

  @Test
  void staysShallow() {
    SortedTree<Integer, Integer> tree = SortedTree.empty();
    for (int i = 0; i < 100_000; i++) {
      tree = tree.put(i, i);
    }
    for (int i = 0; i < 90_000; i++) {
      tree = tree.remove(i);
    }
    assertEquals(10_000, tree.size());
    assertTrue(tree.toString().startsWith("{90000=90000, "));
    assertNull(tree.get(5));
    assertTrue(tree.depth() <= 20, () -> "AVL bound is 1.44 log2(n)");
  }

  private static Map.Entry<Integer, Integer> entry(Map.Entry<Integer, Integer> entry) {
    return entry == null ? null : Map.entry(entry.getKey(), entry.getValue());
  }

  private static String entries(SortedTree<Integer, Integer> tree) {
    List<Map.Entry<Integer, Integer>> all = new ArrayList<>();
    for (Map.Entry<Integer, Integer> entry : tree) {
      all.add(Map.entry(entry.getKey(), entry.getValue()));
    }
    return all.toString();
  }
}
