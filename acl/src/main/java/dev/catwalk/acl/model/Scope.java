package dev.catwalk.acl.model;

import java.util.Collections;
import org.jspecify.annotations.Nullable;

/** In which namespaces pods are looked for. Its text is canonical, as a {@link Selector}'s is. */
public sealed interface Scope {

  /** One namespace by name, whether or not anything is known about it. */
  record Same(String namespace) implements Scope {
    @Override
    public String toString() {
      return "namespace " + namespace;
    }
  }

  /** Every namespace whose labels match. */
  record Matching(Selector labels) implements Scope {
    @Override
    public String toString() {
      return "namespaces with " + labels;
    }
  }

  /**
   * Whether the scope holds a namespace. Of a namespace without an object only the name is known:
   * a selector that asks for any other label, even for its absence, cannot be resolved and does not
   * match.
   *
   * @param known the namespace's object, if there is one
   */
  default boolean holds(String name, @Nullable Namespace known) {
    return switch (this) {
      case Same(String namespace) -> namespace.equals(name);
      case Matching(Selector labels) -> {
        if (known != null) {
          yield labels.matches(known.labels());
        }
        Namespace bare = new Namespace(name, Collections.emptySortedMap());
        yield bare.labels().keySet().containsAll(labels.keys()) && labels.matches(bare.labels());
      }
    };
  }
}
