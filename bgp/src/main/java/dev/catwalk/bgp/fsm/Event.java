package dev.catwalk.bgp.fsm;

import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Notification;
import org.jspecify.annotations.Nullable;

/** What can happen to a peering. */
public sealed interface Event {

  /** The operator wants the session: dial, or wait if passive. Without effect when it runs. */
  record Start() implements Event {}

  /**
   * The operator does not want it any more: CEASE with that notification, or, when there is none,
   * the connections are closed silently (a planned restart: the peer keeps our routes).
   */
  record Stop(@Nullable Notification cease) implements Event {}

  /** The peer opened a connection to us. */
  record Accepted(ConnectionId connection) implements Event {}

  /** A dialled connection is open. */
  record Connected(ConnectionId connection) implements Event {}

  /** A whole, well-formed message. */
  record Received(ConnectionId connection, Message message) implements Event {}

  /**
   * Bytes that are no message: the connection delivers nothing further.
   *
   * @param answer what the peer must be told
   * @param what one sentence for the log and {@code status}
   */
  record Malformed(ConnectionId connection, Notification answer, String what) implements Event {}

  /** A connection is gone, or a dialled one could not be opened. */
  record Closed(ConnectionId connection, String why) implements Event {}

  /** The connection's send buffer is above its limit: the peer does not read. */
  record Blocked(ConnectionId connection) implements Event {}

  /** The connection's send buffer has room again. */
  record Writable(ConnectionId connection) implements Event {}

  /** A timer ran out. Ignored unless it is that timer's newest generation. */
  record Expired(Timer timer, long owner, long generation) implements Event {}
}
