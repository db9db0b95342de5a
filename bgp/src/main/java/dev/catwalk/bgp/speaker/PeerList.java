package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.bfd.BfdState;
import dev.catwalk.bgp.bfd.BfdStatus;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The peers of a speaker for those who look: page by page, one by name, or what they come to. A view
 * of a thousand peers takes as long as some hundred UPDATEs do; a page of them does not hold up a
 * route. On the speaker's thread, as it is now.
 */
public final class PeerList {
  private final Sessions sessions;

  PeerList(Sessions sessions) {
    this.sessions = sessions;
  }

  /**
   * Some peers, in the order in which they were named or came.
   *
   * @param last the number of the last of them, to go on from; 0 where there are no more
   */
  public record Page(List<PeerView> peers, long last) {}

  /**
   * So many of those that came after that number: whoever leaves or comes between two pages makes
   * nobody else be missing or come twice.
   *
   * @param after {@link Page#last} of the page before; 0: from the first
   * @param atMs as {@code nowMs} of {@link Speaker#step}
   */
  public Page page(long after, int count, long atMs) {
    List<PeerView> views = new ArrayList<>();
    for (Peer peer : sessions.peers.after(after)) {
      if (views.size() == count) {
        return new Page(views, after);
      }
      views.add(view(peer, atMs));
      after = peer.id;
    }
    return new Page(views, 0);
  }

  /** Those with that name, or that address in any way of writing it. */
  public List<PeerView> named(String nameOrAddress, long atMs) {
    Optional<IpAddress> address = IpAddress.tryParse(nameOrAddress);
    return views(
        peer -> peer.config.name().equals(nameOrAddress)
            || address.isPresent() && address.get().equals(peer.config.address()),
        Integer.MAX_VALUE,
        atMs);
  }

  /** The first {@code most} of those that have no session, and a reason for it. */
  public List<PeerView> ailing(int most, long atMs) {
    return views(PeerList::isAiling, most, atMs);
  }

  private List<PeerView> views(Predicate<Peer> wanted, int most, long atMs) {
    List<PeerView> views = new ArrayList<>();
    for (Peer peer : sessions.peers.all()) {
      if (views.size() < most && wanted.test(peer)) {
        views.add(view(peer, atMs));
      }
    }
    return views;
  }

  public SortedSet<String> names() {
    TreeSet<String> names = new TreeSet<>();
    sessions.peers.all().forEach(peer -> names.add(peer.config.name()));
    return names;
  }

  /** How many {@link #ailing} there are. */
  public int ailingCount() {
    int count = 0;
    for (Peer peer : sessions.peers.all()) {
      count += isAiling(peer) ? 1 : 0;
    }
    return count;
  }

  private static boolean isAiling(Peer peer) {
    return peer.established == null && (peer.banned || !peer.peering.lastError().isEmpty());
  }

  private PeerView view(Peer peer, long atMs) {
    return PeerViews.of(peer, sessions.tables, sessions.config, atMs);
  }

  /**
   * All together, without a view of any.
   *
   * @param bfd how the path to a peer is; null where it is not watched
   */
  public PeerTotals totals(Function<IpAddress, @Nullable BfdStatus> bfd) {
    int peers = 0;
    int established = 0;
    long in = 0;
    long out = 0;
    int watched = 0;
    int works = 0;
    for (Peer peer : sessions.peers.all()) {
      peers++;
      for (Family family : Family.values()) {
        in += sessions.tables.rib(family).receivedCount(peer.slot)
            - sessions.tables.rib(family).refusedCount(peer.slot);
      }
      Peer.Established up = peer.established;
      if (up != null) {
        established++;
        for (Peer.Outlet outlet : up.outlets) {
          out += outlet.out().announcedCount();
        }
      }
      BfdStatus path = bfd.apply(peer.config.address());
      watched += path == null ? 0 : 1;
      works += path != null && path.state() == BfdState.UP ? 1 : 0;
    }
    return new PeerTotals(peers, established, in, out, watched, works);
  }
}
