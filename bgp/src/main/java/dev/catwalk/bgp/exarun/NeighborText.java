package dev.catwalk.bgp.exarun;

import dev.catwalk.bgp.exabgp.Commands;
import dev.catwalk.bgp.exabgp.NeighborConfig;
import dev.catwalk.bgp.exabgp.PeerOpen;
import dev.catwalk.bgp.fsm.State;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What {@code show neighbor} says of one, in the columns of ExaBGP: scripts cut them apart. */
final class NeighborText {
  static final String SUMMARY =
      "Peer            AS        up/down state       |     #sent     #recvd";
  private static final List<String> MESSAGES =
      List.of("open", "update", "notification", "keepalive", "refresh");
  private static final List<Integer> ORDER = List.of(1, 3, 4, 2, 5);

  private final Peer peer;
  private final NeighborConfig.Ends ends;
  private final List<String> lines = new ArrayList<>();
  private final String since;

  /** @param nowMicros the time, of the clock of {@link Peer#since} */
  NeighborText(Peer peer, long nowMicros) {
    this.peer = peer;
    this.ends = peer.config.ends();
    long seconds = (nowMicros - peer.since) / 1_000_000;
    this.since =
        String.format(Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }

  private boolean isUp() {
    return peer.peering.state() == State.ESTABLISHED;
  }

  String summary() {
    return String.format(
        Locale.ROOT,
        "%-15s %-7s %9s %-12s %10d %10d",
        peer.address(),
        ends.peerAs(),
        isUp() ? since : "down",
        peer.peering.state().name().toLowerCase(Locale.ROOT).replace("_", ""),
        peer.outgoing.of(2),
        peer.incoming.of(2));
  }

  List<String> extensive() {
    lines.addAll(List.of("Neighbor " + peer.address(), "", head("Session", "Local", "", "")));
    IpAddress local = ends.local();
    row("local", local == null ? "auto" : local.toString(), "", "");
    row("state", peer.peering.state().name().replace("_", ""), "", "");
    row(isUp() ? "up for" : "down for", since, "", "");
    lines.addAll(List.of("", head("Setup", "Local", "Remote", "")));
    row("AS", ends.localAs(), ends.peerAs(), "");
    row("ID", IpAddress.v4(ends.routerId()), isUp() ? IpAddress.v4(peer.peerId) : "n/a", "");
    row("hold-time", ends.holdTime(), isUp() ? peer.peerHoldTime : "n/a", "");
    lines.addAll(List.of("", head("Capability", "Local", "Remote", "")));
    capabilities(peer.config.capabilities(), peer.theirs);
    lines.addAll(List.of("", head("Families", "Local", "Remote", "Add-Path")));
    for (AfiSafi family : peer.config.capabilities().families()) {
      row(
          Commands.familyName(family) + ":",
          "enabled",
          isUp() ? said(peer.families.contains(family)) : "n/a",
          said(peer.config.capabilities().addPathFamilies().contains(family)));
    }
    lines.addAll(List.of("", head("Message Statistic", "Sent", "Received", "")));
    for (int type : ORDER) {
      row(MESSAGES.get(type - 1) + ":", peer.outgoing.of(type), peer.incoming.of(type), "");
    }
    row("total:", peer.outgoing.all(), peer.incoming.all(), "");
    lines.add("");
    return lines;
  }

  private void capabilities(NeighborConfig.Capabilities ours, @Nullable PeerOpen theirs) {
    capability("asn4", ours.asn4(), theirs == null ? null : theirs.hasFourByteAs());
    capability("route-refresh", ours.routeRefresh(), theirs == null ? null : theirs.hasRefresh());
    capability("multi-session", false, theirs == null ? null : false);
    capability("operational", false, theirs == null ? null : false);
    capability("add-path", ours.addPath() != 0, theirs == null ? null : hasAddPath(theirs));
    capability(
        "extended-message",
        ours.extendedMessage(),
        theirs == null ? null : theirs.hasExtendedMessage());
    capability(
        "graceful-restart",
        ours.restartTime() >= 0,
        theirs == null ? null : theirs.hasGracefulRestart());
  }

  private static boolean hasAddPath(PeerOpen theirs) {
    return !theirs.addPath(1).isEmpty() || !theirs.addPath(2).isEmpty();
  }

  private void capability(String name, boolean ours, @Nullable Boolean theirs) {
    row(name + ":", said(ours), theirs == null ? "n/a" : said(theirs), "");
  }

  private static String said(boolean there) {
    return there ? "enabled" : "disabled";
  }

  private static String head(String what, String local, String remote, String more) {
    return String.format("  %-25s %11s %15s %15s", what, local, remote, more).stripTrailing();
  }

  private void row(String name, Object local, Object remote, Object more) {
    lines.add(String.format("   %-20s %15s %15s %15s", name, local, remote, more));
  }
}
