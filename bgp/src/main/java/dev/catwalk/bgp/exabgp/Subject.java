package dev.catwalk.bgp.exabgp;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Octets;

/** What is announced or withdrawn, apart from what is said of it: its octets, and how it is shown. */
sealed interface Subject {
  AfiSafi family();

  /** As it was said; of several routes, what all of them are of. */
  String name();

  /** How many routes it is. */
  int size();

  Route.Key key(int index);

  String name(int index);

  /** Of a family that has rules, services or the like: one route. */
  record Rule(AfiSafi family, Octets nlri, String name) implements Subject {
    @Override
    public int size() {
      return 1;
    }

    @Override
    public Route.Key key(int index) {
      return new Route.Key(family, Octets.EMPTY, nlri);
    }

    @Override
    public String name(int index) {
      return name;
    }
  }

  /**
   * A prefix, or all of its parts.
   *
   * @param path its path identifier in four octets; empty: none was said
   * @param head labels and route distinguisher, which stand between the length and the prefix
   */
  record Network(AfiSafi family, Octets path, Octets head, PrefixParts parts) implements Subject {
    /** A length has one octet. */
    static final int MOST_BITS = 255;

    @Override
    public String name() {
      return parts.whole().toString();
    }

    @Override
    public int size() {
      return parts.size();
    }

    int bits() {
      return 8 * head.length() + parts.length();
    }

    @Override
    public Route.Key key(int index) {
      Output nlri = new Output().u8(bits()).add(head.toBytes()).prefix(parts.get(index));
      return new Route.Key(family, path, Octets.of(nlri.toBytes()));
    }

    @Override
    public String name(int index) {
      return parts.get(index).toString();
    }
  }
}
