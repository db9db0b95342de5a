package dev.catwalk.bgp.fsm;

import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.RouteRefresh;
import dev.catwalk.bgp.wire.Update;

/** What a peering asks for, to be done in the order given. */
public sealed interface Action {

  /** Open a connection to the peer; answered by {@code Connected} or {@code Closed}. */
  record Dial(ConnectionId connection) implements Action {}

  record Send(ConnectionId connection, Message message) implements Action {}

  /** Close after what was sent is flushed. Nothing more is expected from that connection. */
  record Close(ConnectionId connection) implements Action {}

  /**
   * Send {@code Expired(timer, owner, generation)} after that time. Armed again it replaces its
   * older generation, which is ignored should it still expire.
   *
   * @param owner one of the peering's two sessions: each has one timer of a kind
   */
  record Arm(Timer timer, long owner, long generation, long delayMs) implements Action {}

  /** Cancel it; one that expires nevertheless is ignored. */
  record Disarm(Timer timer, long owner) implements Action {}

  /** The session is Established: routes may be sent on that connection. */
  record Up(ConnectionId connection, Negotiated negotiated) implements Action {}

  /**
   * The session that was up is gone.
   *
   * @param retain whether the routes learned from it stay for the peer's restart time, in the
   *     families of its graceful restart (RFC 4724 §4.2); else they went with the session
   */
  record Down(ConnectionId connection, String why, boolean retain) implements Action {}

  /** An attempt at a session failed before it was up: for the log. */
  record Failed(String why) implements Action {}

  /** An UPDATE in Established. */
  record Deliver(Update update) implements Action {}

  /** The peer asks for our routes again, or marks where it tells its own again (RFC 7313). */
  record Refresh(RouteRefresh request) implements Action {}
}
