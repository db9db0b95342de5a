package dev.catwalk.net.tree;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map in key order. A change gives a new map in O(log n) time and space and leaves the
 * old one as it was. Equal contents make equal maps, however they came about.
 *
 * <p>Inside an AVL tree: the heights of two siblings differ by one at most.
 */
public final class SortedTree<K extends Comparable<? super K>, V>
    implements Iterable<Map.Entry<K, V>> {

  private record Node<K, V>(
      K key, V value, @Nullable Node<K, V> left, @Nullable Node<K, V> right, int height, int size)
      implements Map.Entry<K, V> {

    @Override
    public K getKey() {
      return key;
    }

    @Override
    public V getValue() {
      return value;
    }

    @Override
    public V setValue(V ignored) {
      throw new UnsupportedOperationException("a SortedTree does not change");
    }
  }

  private final @Nullable Node<K, V> root;

  private SortedTree(@Nullable Node<K, V> root) {
    this.root = root;
  }

  public static <K extends Comparable<? super K>, V> SortedTree<K, V> empty() {
    return new SortedTree<>(null);
  }

  public int size() {
    return size(root);
  }

  public boolean isEmpty() {
    return root == null;
  }

  public @Nullable V get(K key) {
    Node<K, V> at = root;
    while (at != null) {
      int order = key.compareTo(at.key);
      if (order == 0) {
        return at.value;
      }
      at = order < 0 ? at.left : at.right;
    }
    return null;
  }

  public boolean containsKey(K key) {
    return get(key) != null;
  }

  /** With this key set to this value. */
  public SortedTree<K, V> put(K key, V value) {
    return new SortedTree<>(put(root, key, value));
  }

  /** Without this key; itself if the key is not there. */
  public SortedTree<K, V> remove(K key) {
    return containsKey(key) ? new SortedTree<>(remove(root, key)) : this;
  }

  /** The entry with the greatest key that is not above {@code key}. */
  public Map.@Nullable Entry<K, V> floor(K key) {
    Node<K, V> best = null;
    Node<K, V> at = root;
    while (at != null) {
      if (key.compareTo(at.key) >= 0) {
        best = at;
        at = at.right;
      } else {
        at = at.left;
      }
    }
    return best;
  }

  /** The entry with the least key that is not below {@code key}. */
  public Map.@Nullable Entry<K, V> ceiling(K key) {
    Iterator<Map.Entry<K, V>> rest = from(key).iterator();
    return rest.hasNext() ? rest.next() : null;
  }

  public Map.@Nullable Entry<K, V> first() {
    Iterator<Map.Entry<K, V>> all = iterator();
    return all.hasNext() ? all.next() : null;
  }

  @Override
  public Iterator<Map.Entry<K, V>> iterator() {
    ArrayDeque<Node<K, V>> path = new ArrayDeque<>();
    descend(root, path);
    return new InOrder<>(path);
  }

  /** The entries from {@code key} on, itself included. */
  public Iterable<Map.Entry<K, V>> from(K key) {
    return () -> {
      ArrayDeque<Node<K, V>> path = new ArrayDeque<>();
      Node<K, V> at = root;
      while (at != null) {
        if (key.compareTo(at.key) <= 0) {
          path.push(at);
          at = at.left;
        } else {
          at = at.right;
        }
      }
      return new InOrder<>(path);
    };
  }

  public Iterable<K> keys() {
    return () -> new Mapped<>(iterator(), Map.Entry::getKey);
  }

  /** The values, in the order of their keys. */
  public Iterable<V> values() {
    return () -> new Mapped<>(iterator(), Map.Entry::getValue);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    if (other == this) {
      return true;
    }
    if (!(other instanceof SortedTree<?, ?> tree) || tree.size() != size()) {
      return false;
    }
    Iterator<? extends Map.Entry<?, ?>> theirs = tree.iterator();
    for (Map.Entry<K, V> mine : this) {
      Map.Entry<?, ?> their = theirs.next();
      if (!mine.getKey().equals(their.getKey()) || !mine.getValue().equals(their.getValue())) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    int hash = 1;
    for (Map.Entry<K, V> entry : this) {
      hash = 31 * hash + Objects.hash(entry.getKey(), entry.getValue());
    }
    return hash;
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder("{");
    for (Map.Entry<K, V> entry : this) {
      out.append(out.length() > 1 ? ", " : "")
          .append(entry.getKey())
          .append('=')
          .append(entry.getValue());
    }
    return out.append('}').toString();
  }

  /** The longest way from the root to an entry, in entries. */
  int depth() {
    return height(root);
  }

  private static int size(@Nullable Node<?, ?> node) {
    return node == null ? 0 : node.size;
  }

  private static int height(@Nullable Node<?, ?> node) {
    return node == null ? 0 : node.height;
  }

  private static <K, V> Node<K, V> node(
      K key, V value, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
    int height = 1 + Math.max(height(left), height(right));
    return new Node<>(key, value, left, right, height, 1 + size(left) + size(right));
  }

  private static <K extends Comparable<? super K>, V> Node<K, V> put(
      @Nullable Node<K, V> at, K key, V value) {
    if (at == null) {
      return node(key, value, null, null);
    }
    int order = key.compareTo(at.key);
    if (order == 0) {
      return node(key, value, at.left, at.right);
    }
    return order < 0
        ? balanced(at.key, at.value, put(at.left, key, value), at.right)
        : balanced(at.key, at.value, at.left, put(at.right, key, value));
  }

  private static <K extends Comparable<? super K>, V> @Nullable Node<K, V> remove(
      @Nullable Node<K, V> at, K key) {
    if (at == null) {
      return null;
    }
    int order = key.compareTo(at.key);
    if (order < 0) {
      return balanced(at.key, at.value, remove(at.left, key), at.right);
    }
    if (order > 0) {
      return balanced(at.key, at.value, at.left, remove(at.right, key));
    }
    if (at.left == null || at.right == null) {
      return at.left == null ? at.right : at.left;
    }
    Node<K, V> next = at.right;
    while (next.left != null) {
      next = next.left;
    }
    return balanced(next.key, next.value, at.left, remove(at.right, next.key));
  }

  /** A node over two balanced trees whose heights differ by two at most. */
  private static <K, V> Node<K, V> balanced(
      K key, V value, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
    if (left != null && left.height > height(right) + 1) {
      Node<K, V> inner = left.right;
      if (inner == null || inner.height <= height(left.left)) {
        return node(left.key, left.value, left.left, node(key, value, inner, right));
      }
      return node(
          inner.key,
          inner.value,
          node(left.key, left.value, left.left, inner.left),
          node(key, value, inner.right, right));
    }
    if (right != null && right.height > height(left) + 1) {
      Node<K, V> inner = right.left;
      if (inner == null || inner.height <= height(right.right)) {
        return node(right.key, right.value, node(key, value, left, inner), right.right);
      }
      return node(
          inner.key,
          inner.value,
          node(key, value, left, inner.left),
          node(right.key, right.value, inner.right, right.right));
    }
    return node(key, value, left, right);
  }

  private static <K, V> void descend(@Nullable Node<K, V> from, ArrayDeque<Node<K, V>> path) {
    for (Node<K, V> at = from; at != null; at = at.left) {
      path.push(at);
    }
  }

  /** Walks a tree; the path holds what is still to be given, nearest first. */
  private record InOrder<K, V>(ArrayDeque<Node<K, V>> path) implements Iterator<Map.Entry<K, V>> {
    @Override
    public boolean hasNext() {
      return !path.isEmpty();
    }

    @Override
    public Map.Entry<K, V> next() {
      Node<K, V> node = path.poll();
      if (node == null) {
        throw new NoSuchElementException();
      }
      descend(node.right, path);
      return node;
    }
  }

  private record Mapped<A, B>(Iterator<A> inner, Function<A, B> mapping) implements Iterator<B> {
    @Override
    public boolean hasNext() {
      return inner.hasNext();
    }

    @Override
    public B next() {
      return mapping.apply(inner.next());
    }
  }
}
