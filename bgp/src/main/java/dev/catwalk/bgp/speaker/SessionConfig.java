package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.policy.RouteRules;
import dev.catwalk.net.addr.Family;
import java.util.List;
import java.util.Optional;

/**
 * What both kinds of peers have in common.
 *
 * @param holdTime offered, in seconds: 0 (no timers) or 3..65535
 * @param keepalive in seconds; {@link #THIRD_OF_HOLD} leaves it to the negotiated hold time
 * @param passive whether we wait to be called instead of dialling
 * @param reflectorClient whether the peer is our client as RFC 4456 has it; needs an iBGP peer
 * @param families offered, in their order, at least one
 * @param password of TCP MD5, which both sides sign with; without one neither does
 */
public record SessionConfig(
    int holdTime,
    int keepalive,
    boolean passive,
    boolean reflectorClient,
    List<Family> families,
    GracefulRestart gracefulRestart,
    Optional<PasswordFile> password,
    Extensions extensions,
    TcpOptions tcp,
    RouteRules rules) {

  public static final int THIRD_OF_HOLD = 0;

  /** Hold time 90 s, both families, dialling, no reflection, graceful restart, no password. */
  public static final SessionConfig DEFAULT = new SessionConfig(
      90,
      THIRD_OF_HOLD,
      false,
      false,
      List.of(Family.IPV4, Family.IPV6),
      GracefulRestart.STANDARD,
      Optional.empty(),
      Extensions.STANDARD,
      TcpOptions.STANDARD,
      RouteRules.STANDARD);

  /** With the extensions that are standard. */
  public SessionConfig(
      int holdTime,
      int keepalive,
      boolean passive,
      boolean reflectorClient,
      List<Family> families,
      GracefulRestart gracefulRestart,
      Optional<PasswordFile> password) {
    this(
        holdTime,
        keepalive,
        passive,
        reflectorClient,
        families,
        gracefulRestart,
        password,
        Extensions.STANDARD,
        TcpOptions.STANDARD,
        RouteRules.STANDARD);
  }

  /** Without graceful restart and password. */
  public SessionConfig(
      int holdTime,
      int keepalive,
      boolean passive,
      boolean reflectorClient,
      List<Family> families) {
    this(
        holdTime,
        keepalive,
        passive,
        reflectorClient,
        families,
        GracefulRestart.OFF,
        Optional.empty());
  }

  public SessionConfig {
    assert holdTime == 0 || holdTime >= 3 && holdTime <= 65535 : holdTime;
    assert keepalive >= 0 && keepalive <= 21845 : keepalive;
    assert !families.isEmpty();
    families = families.stream().distinct().sorted().toList();
  }

  /** The same for a peer that we never dial. */
  SessionConfig asPassive() {
    return new SessionConfig(
        holdTime,
        keepalive,
        true,
        reflectorClient,
        families,
        gracefulRestart,
        password,
        extensions,
        tcp,
        rules);
  }

  /** The same with a peer at that interface. */
  SessionConfig at(String link) {
    return new SessionConfig(
        holdTime,
        keepalive,
        passive,
        reflectorClient,
        families,
        gracefulRestart,
        password,
        extensions,
        tcp.at(link),
        rules);
  }

  /** The same with another graceful restart. */
  public SessionConfig with(GracefulRestart restart) {
    return new SessionConfig(
        holdTime,
        keepalive,
        passive,
        reflectorClient,
        families,
        restart,
        password,
        extensions,
        tcp,
        rules);
  }

  /** The same with other extensions. */
  public SessionConfig with(Extensions others) {
    return new SessionConfig(
        holdTime,
        keepalive,
        passive,
        reflectorClient,
        families,
        gracefulRestart,
        password,
        others,
        tcp,
        rules);
  }

  /** The same with other rules for routes. */
  public SessionConfig with(RouteRules others) {
    return new SessionConfig(
        holdTime,
        keepalive,
        passive,
        reflectorClient,
        families,
        gracefulRestart,
        password,
        extensions,
        tcp,
        others);
  }
}
