package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.rib.ExportGroup;
import dev.catwalk.bgp.rib.Exporter;
import dev.catwalk.bgp.rib.Rib;
import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.net.addr.Family;
import java.util.LinkedHashMap;

/** The groups of peers that are told the same in the same bytes. */
final class Groups {
  private record Key(Family family, Exporter policy, EncodeContext encode, int pathsEach) {}

  private final LinkedHashMap<Key, ExportGroup> groups = new LinkedHashMap<>();

  /** The one with all that in common, new where there is none as yet. */
  ExportGroup of(Rib rib, Exporter policy, EncodeContext encode, int pathsEach) {
    return groups.computeIfAbsent(
        new Key(rib.family(), policy, encode, pathsEach), key -> rib.addGroup(policy, pathsEach));
  }

  void removeIfEmpty(Peer.Outlet outlet) {
    if (outlet.group().isEmpty()) {
      outlet.rib().removeGroup(outlet.group());
      groups.values().remove(outlet.group());
    }
  }
}
