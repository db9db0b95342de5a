package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.bfd.BfdStatus;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One peer as {@code catwalk peers} shows it: the members are those of {@code docs/contracts.md}.
 *
 * @param as the one it must show; 0 where any will do and no session is up
 * @param localAddress our end of the session; empty while there is none
 * @param routerId the peer's BGP Identifier; empty while there is no session
 * @param since when it came into this state
 * @param lastError why the last attempt or session ended; or empty
 * @param lastErrorAt when that was; null: there is none
 * @param hint what to look at because of {@code lastError}; or empty, as while a session is up
 * @param holdTime negotiated, or configured while there is no session; seconds
 * @param keepalive as {@code holdTime}
 * @param timers what runs, in seconds that are left
 * @param bfd null where the path to it is not watched
 * @param dynamic whether it came by a range and not by name
 * @param password whether segments are signed by TCP MD5
 */
public record PeerView(
    String name,
    String address,
    long as,
    String localAddress,
    String routerId,
    String state,
    Instant since,
    int prefixesReceived,
    int prefixesAccepted,
    int prefixesSent,
    @Nullable LastNotification lastNotification,
    Notifications notifications,
    String lastError,
    @Nullable Instant lastErrorAt,
    String hint,
    Capabilities capabilities,
    int holdTime,
    int keepalive,
    Configured configured,
    SortedMap<String, Long> timers,
    Messages messages,
    Restarts gracefulRestart,
    @Nullable Bfd bfd,
    boolean dynamic,
    boolean password) {

  public static final String ESTABLISHED = "established";

  public PeerView {
    timers = Collections.unmodifiableSortedMap(new TreeMap<>(timers));
  }

  /** One whose address no router advertisement has told as yet. */
  public static PeerView unknown(InterfacePeer peer, Instant since) {
    SessionConfig session = peer.session();
    Messages none = new Messages(new TreeMap<>(), new TreeMap<>());
    return new PeerView(
        peer.name(),
        "",
        Math.max(0, peer.as()),
        "",
        "",
        "idle",
        since,
        0,
        0,
        0,
        null,
        new Notifications(null, null),
        "no router advertisement has come from interface " + peer.link(),
        since,
        "is " + peer.link() + " up, and does the router at its other end advertise itself there"
            + " (FRR: no ipv6 nd suppress-ra; BIRD: protocol radv)?",
        new Capabilities(List.of(), List.of()),
        session.holdTime(),
        session.keepalive(),
        new Configured(session.holdTime(), session.keepalive()),
        new TreeMap<>(),
        none,
        new Restarts(
            session.gracefulRestart().enabled() ? "offered" : "off",
            null,
            null,
            false,
            0,
            List.of()),
        null,
        false,
        session.password().isPresent());
  }

  /** The same, its path being watched. */
  public PeerView with(Bfd watch) {
    return new PeerView(
        name,
        address,
        as,
        localAddress,
        routerId,
        state,
        since,
        prefixesReceived,
        prefixesAccepted,
        prefixesSent,
        lastNotification,
        notifications,
        lastError,
        lastErrorAt,
        hint,
        capabilities,
        holdTime,
        keepalive,
        configured,
        timers,
        messages,
        gracefulRestart,
        watch,
        dynamic,
        password);
  }

  /**
   * BFD with that peer (RFC 5880).
   *
   * @param state {@code up}, {@code init}, {@code down}, {@code adminDown}
   * @param remoteState the peer's, as it last said
   * @param why it came into its state; or empty
   * @param intervalMs between our datagrams
   * @param detectionMs how long silence may last; 0 while nothing has come
   * @param controlPlaneIndependent the peer's C bit: a failure then takes its routes too
   */
  public record Bfd(
      String state,
      String remoteState,
      String why,
      long intervalMs,
      long detectionMs,
      boolean controlPlaneIndependent) {
    public static Bfd of(BfdStatus status) {
      return new Bfd(
          status.state().text(),
          status.remoteState().text(),
          status.why(),
          status.interval() / 1000,
          status.detection() / 1000,
          status.remoteIndependent());
    }
  }

  /** Exactly one of {@code sent} and {@code received} is true. */
  public record LastNotification(
      boolean sent, boolean received, int code, int subcode, String text) {}

  /** The last one of each way. */
  public record Notifications(@Nullable Said sent, @Nullable Said received) {}

  /** @param text in words, with a shutdown communication where there is one (RFC 9003) */
  public record Said(int code, int subcode, String text, Instant at) {}

  /** By name; {@code theirs} is empty while there is no session. */
  public record Capabilities(List<String> ours, List<String> theirs) {
    public Capabilities {
      ours = List.copyOf(ours);
      theirs = List.copyOf(theirs);
    }
  }

  /** @param keepalive 0: a third of the hold time */
  public record Configured(int holdTime, int keepalive) {}

  /** By name of the message, since the peer is known. */
  public record Messages(SortedMap<String, Long> sent, SortedMap<String, Long> received) {
    public Messages {
      sent = Collections.unmodifiableSortedMap(new TreeMap<>(sent));
      received = Collections.unmodifiableSortedMap(new TreeMap<>(received));
    }
  }

  /**
   * RFC 4724 with that peer.
   *
   * @param state {@code off}, {@code offered} (no session yet), {@code notOfPeer}, {@code
   *     negotiated}, or {@code helping}: the peer's routes are kept while it is away or has not named
   *     them all again
   * @param ours null where it is off
   * @param theirs null while there is no session, or where the peer has none
   * @param notification whether routes survive a NOTIFICATION too (RFC 8538)
   * @param stalePrefixes how many of the peer's are kept and not yet named again
   * @param endOfRib families whose initial routes the peer has told in full
   */
  public record Restarts(
      String state,
      @Nullable Side ours,
      @Nullable Side theirs,
      boolean notification,
      int stalePrefixes,
      List<String> endOfRib) {
    public Restarts {
      endOfRib = List.copyOf(endOfRib);
    }
  }

  /**
   * @param restarting the R bit
   * @param restartTime seconds
   * @param families with a graceful restart
   * @param forwarding those whose forwarding state outlived the restart: the F bits
   */
  public record Side(
      boolean restarting, int restartTime, List<String> families, List<String> forwarding) {
    public Side {
      families = List.copyOf(families);
      forwarding = List.copyOf(forwarding);
    }
  }
}
