package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.WireException;

/** Who is told what happens on connections. Called on the connection's own thread: must not block. */
interface Receiver {
  /** Somebody connected to one of our listeners. */
  void accepted(Connection connection);

  /** A dialled connection is open. */
  void connected(Connection connection);

  /** @param octets how long the message was */
  void received(Connection connection, Message message, int octets);

  /** What came is no message; nothing further is received from there. */
  void malformed(Connection connection, WireException fault);

  /** The send buffer is above its high mark. */
  void blocked(Connection connection);

  /** The send buffer is below its low mark again. */
  void writable(Connection connection);

  /**
   * The connection is gone, or could not be opened. Once for each, and the last of its calls; not
   * for one that we closed.
   */
  void closed(Connection connection, String why);
}
