package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Addresses of pods that are there and that no own block knows of, since the disk was lost. */
final class Remains {
  private final TreeMap<IpAddress, Allocation> byAddress = new TreeMap<>();

  /** Those whose blocks other nodes have by now, with a sentence about each. */
  private final TreeMap<IpAddress, String> foreign = new TreeMap<>();

  void add(Allocation a) {
    byAddress.put(a.ip(), a);
  }

  List<Allocation> all() {
    return new ArrayList<>(byAddress.values());
  }

  /** Those of a block, which they leave this for; not what is set apart in it. */
  List<Allocation> takeFrom(Prefix block, List<IpAddress> apart) {
    List<Allocation> found = new ArrayList<>();
    for (Allocation a : all()) {
      if (Block.isUsable(block, a.ip()) && !apart.contains(a.ip())) {
        found.add(a);
        byAddress.remove(a.ip());
      }
    }
    return found;
  }

  @Nullable
  Allocation of(Handle handle, Family family) {
    for (Allocation a : byAddress.values()) {
      if (a.handle().equals(handle) && a.ip().family() == family) {
        return a;
      }
    }
    return null;
  }

  void observe(IpamState state, NodeEpoch owner) {
    foreign.clear();
    for (Allocation a : byAddress.values()) {
      Block block = state.blockAround(a.ip());
      if (block != null && !block.owner().node().equals(owner.node())) {
        foreign.put(
            a.ip(),
            a.ip() + " is the address of pod " + a.owner() + " and in block " + block.cidr()
                + ", which is " + block.owner() + "'s: delete the pod");
      }
    }
  }

  /** Why an address is not told again; null if it may be. */
  @Nullable
  String notOurs(IpAddress ip) {
    return foreign.get(ip);
  }

  void release(Handle handle) {
    byAddress.values().removeIf(a -> a.handle().equals(handle));
  }
}
