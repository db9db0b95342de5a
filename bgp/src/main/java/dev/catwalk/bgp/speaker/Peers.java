package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.rib.Source;
import dev.catwalk.net.addr.IpAddress;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The peers of a speaker, by number and by address, with the slots that they have in its tables. */
final class Peers {
  private final TreeMap<Long, Peer> byId = new TreeMap<>();
  private final TreeMap<IpAddress, Peer> byAddress = new TreeMap<>();
  private final TreeMap<Integer, Boolean> freeSlots = new TreeMap<>();
  private long lastId;
  private int slots = Source.LOCAL_SLOT;
  private int dynamicCount;

  /** Makes a peer of a number that was never used. */
  @FunctionalInterface
  interface Maker {
    Peer make(long id, int slot);
  }

  Peer add(Maker maker) {
    int slot = freeSlots.isEmpty() ? ++slots : freeSlots.pollFirstEntry().getKey();
    Peer peer = maker.make(++lastId, slot);
    byId.put(peer.id, peer);
    byAddress.put(peer.config.address(), peer);
    dynamicCount += peer.dynamic ? 1 : 0;
    return peer;
  }

  /** It is known no more; its slot stays taken until {@link #release}. */
  void remove(Peer peer) {
    byId.remove(peer.id);
    byAddress.remove(peer.config.address());
    dynamicCount -= peer.dynamic ? 1 : 0;
  }

  /** The tables hold nothing of it any more. */
  void release(Peer peer) {
    freeSlots.put(peer.slot, true);
  }

  @Nullable
  Peer get(long id) {
    return byId.get(id);
  }

  @Nullable
  Peer at(IpAddress address) {
    return byAddress.get(address);
  }

  boolean has(Peer peer) {
    return byId.containsKey(peer.id);
  }

  /** In the order in which they were added. */
  Collection<Peer> all() {
    return byId.values();
  }

  /** Those with a greater number, in the order in which they were added. */
  Collection<Peer> after(long id) {
    return byId.tailMap(id, false).values();
  }

  /** As they are now, for one who removes some. */
  List<Peer> copy() {
    return List.copyOf(byId.values());
  }

  boolean hasRoomForDynamic() {
    return dynamicCount < DynamicPeers.MAX_SESSIONS;
  }
}
