package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.PodWiring;
import dev.catwalk.felix.netlink.wire.Address;
import dev.catwalk.felix.netlink.wire.Link;
import dev.catwalk.net.addr.Prefix;
import java.util.Collections;
import java.util.Comparator;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A copy of the kernel's links, by number and by name, and of the addresses on them. */
final class Interfaces {
  private final TreeMap<Integer, Link> links = new TreeMap<>();
  private final TreeMap<String, Integer> indexes = new TreeMap<>();
  private final TreeSet<Address> addresses = new TreeSet<>(Comparator.comparingInt(Address::link)
      .thenComparing(Address::address)
      .thenComparingInt(Address::length));

  void clear() {
    links.clear();
    indexes.clear();
    addresses.clear();
  }

  /** A link is so now; it may have another name than before. */
  void put(Link link) {
    Link old = links.put(link.index(), link);
    if (old != null && !old.name().equals(link.name())) {
      indexes.remove(old.name());
    }
    indexes.put(link.name(), link.index());
  }

  void remove(Link link) {
    links.remove(link.index());
    indexes.remove(link.name());
  }

  void put(Address address) {
    addresses.add(address);
  }

  void remove(Address address) {
    addresses.remove(address);
  }

  boolean has(Address address) {
    return addresses.contains(address);
  }

  @Nullable
  Link link(int index) {
    return links.get(index);
  }

  @Nullable
  Link link(String name) {
    Integer index = indexes.get(name);
    return index == null ? null : links.get(index);
  }

  @Nullable
  Integer index(String name) {
    return indexes.get(name);
  }

  /** All by their numbers. */
  SortedMap<Integer, Link> links() {
    return Collections.unmodifiableSortedMap(links);
  }

  /** Subnets of this node's own interfaces, pods' and loopback's aside. */
  SortedSet<Prefix> connected() {
    TreeSet<Prefix> connected = new TreeSet<>();
    for (Address address : addresses) {
      Link link = links.get(address.link());
      boolean isPod = link != null && PodWiring.isHostName(link.name());
      if (!isPod && !address.address().isLoopback() && !address.address().isLinkLocal()) {
        connected.add(address.subnet());
      }
    }
    return Collections.unmodifiableSortedSet(connected);
  }
}
