package dev.catwalk.raftstore.voters;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where nodes are, by their labels: a place of the second key is one within a place of the first.
 * A node that lacks a key is in no place of it, and whoever has none is liked less than one that has.
 */
final class Places {
  private final List<String> keys;
  private final SortedMap<String, Situation.Node> nodes;

  Places(VoterRule rule, Situation now) {
    this.keys = rule.spread();
    this.nodes = now.nodes();
  }

  /** Of the key at that level, with those of the wider ones; null if the node is in none. */
  private @Nullable List<String> of(String name, int level) {
    Situation.Node node = nodes.get(name);
    SortedMap<String, String> labels = node == null ? null : node.labels();
    if (labels == null || !labels.containsKey(keys.get(level))) {
      return null;
    }
    List<String> place = new ArrayList<>();
    for (String key : keys.subList(0, level + 1)) {
      place.add(labels.getOrDefault(key, ""));
    }
    return place;
  }

  /** Whether it is known where each of these is, if only that it is nowhere. */
  boolean known(Collection<String> names) {
    return names.stream().allMatch(name -> {
      Situation.Node node = nodes.get(name);
      return node != null && node.labels() != null;
    });
  }

  /** How many of the others are where this one is, the widest place first. */
  List<Integer> crowd(String name, Collection<String> others) {
    List<Integer> crowd = new ArrayList<>();
    for (int level = 0; level < keys.size(); level++) {
      List<String> place = of(name, level);
      int count = 0;
      for (String other : others) {
        count += place == null || place.equals(of(other, level)) ? 1 : 0;
      }
      crowd.add(count);
    }
    return crowd;
  }

  /**
   * For each key how many voters are lost with one place that takes a majority with it, the fullest;
   * 0 where there is none.
   */
  List<Integer> danger(Collection<String> voters) {
    List<Integer> danger = new ArrayList<>();
    for (int level = 0; level < keys.size(); level++) {
      TreeMap<String, Integer> counts = new TreeMap<>();
      int most = 0;
      for (String voter : voters) {
        List<String> place = of(voter, level);
        if (place != null) {
          // No two places of one level have the same text: lengths stand before their words.
          StringBuilder text = new StringBuilder();
          place.forEach(word -> text.append(word.length()).append(':').append(word));
          most = Math.max(most, counts.merge(text.toString(), 1, Integer::sum));
        }
      }
      danger.add(most > voters.size() / 2 ? most : 0);
    }
    return danger;
  }

  /** "rack r1" or the like, for operators; empty where the node has no label of these. */
  String text(String name) {
    Situation.Node node = nodes.get(name);
    SortedMap<String, String> labels = node == null ? null : node.labels();
    List<String> words = new ArrayList<>();
    for (String key : keys) {
      if (labels != null && labels.containsKey(key)) {
        words.add(key + " " + labels.get(key));
      }
    }
    return words.isEmpty() ? "" : " (" + String.join(", ", words) + ")";
  }

  /** As words are compared: by the first that differs. */
  static int compare(List<Integer> left, List<Integer> right) {
    for (int i = 0; i < left.size(); i++) {
      int order = Integer.compare(left.get(i), right.get(i));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }
}
