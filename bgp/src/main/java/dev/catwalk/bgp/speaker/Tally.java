package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.wire.Keepalive;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.RouteRefresh;
import dev.catwalk.bgp.wire.Update;
import java.util.SortedMap;
import java.util.TreeMap;

/** How many messages of each kind went one way. */
final class Tally {
  private long opens;
  private long updates;
  private long notifications;
  private long keepalives;
  private long refreshes;

  void add(Message message) {
    switch (message) {
      case Open m -> opens++;
      case Update m -> updates++;
      case Notification m -> notifications++;
      case Keepalive m -> keepalives++;
      case RouteRefresh m -> refreshes++;
    }
  }

  void addUpdates(int count) {
    updates += count;
  }

  SortedMap<String, Long> byName() {
    TreeMap<String, Long> counts = new TreeMap<>();
    counts.put("open", opens);
    counts.put("update", updates);
    counts.put("notification", notifications);
    counts.put("keepalive", keepalives);
    counts.put("routeRefresh", refreshes);
    return counts;
  }
}
