package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.fsm.ConnectionId;
import dev.catwalk.bgp.fsm.Negotiated;
import dev.catwalk.bgp.fsm.Timer;
import dev.catwalk.bgp.rib.RouteListener.RouteChange;
import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.net.addr.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a speaker asks for, to be done in the order given. */
public sealed interface Deed {

  /** One connection of one peer. */
  record Target(long peer, ConnectionId connection) {}

  /** Open a connection; answered by {@code Connected} or an event {@code Closed} of the peer. */
  record Dial(Target target, IpAddress address, int port, TcpOptions options) implements Deed {}

  /** The incoming connection of that number is this peer's from now on. */
  record Adopt(long number, Target target, TcpOptions options) implements Deed {}

  /** Nobody knows the caller: close that incoming connection. */
  record Refuse(long number) implements Deed {}

  record Send(Target target, EncodeContext context, Message message) implements Deed {}

  /** The same routes to each of {@code targets}: encode once. */
  record Tell(List<Target> targets, EncodeContext context, Update update) implements Deed {}

  /** Close after what was sent is flushed. */
  record Close(Target target) implements Deed {}

  /** Bring back {@code Expired(timer, owner, generation)} after that time. */
  record Arm(long peer, Timer timer, long owner, long generation, long delayMs) implements Deed {}

  record Disarm(long peer, Timer timer, long owner) implements Deed {}

  /**
   * Bring back {@code Due(peer, deadline, generation)} after that time. A later one for the same
   * peer and deadline takes its place.
   */
  record Remind(long peer, Deadline deadline, long generation, long delayMs) implements Deed {}

  /** Tell the owner that the peers' routes are in; see {@link SpeakerListener#converged}. */
  record Converged() implements Deed {}

  /** Nothing is told to anybody any more: {@code Depart} is done. */
  record Departed() implements Deed {}

  /**
   * A session is up.
   *
   * @param sent the OPEN that we say, but for what a restart changes in it
   */
  record Up(
      Target target, PeerConfig config, Negotiated terms, Locals locals, Open sent, Open received)
      implements Deed {}

  /**
   * It is down.
   *
   * @param sent the NOTIFICATION with which we ended it, if there was one
   * @param received with which the peer did
   * @param local whether we closed the connection; else the peer did, or the way to it broke
   */
  record Down(
      Target target,
      PeerConfig config,
      String why,
      @Nullable Notification sent,
      @Nullable Notification received,
      boolean local)
      implements Deed {}

  /** What is selected has changed. */
  record Routes(List<RouteChange> changes) implements Deed {}

  /**
   * An event worth a line.
   *
   * @param pattern SLF4J's, message first, then {@code key={}} pairs
   */
  record Note(boolean warning, String pattern, List<Object> arguments) implements Deed {
    static Note info(String pattern, Object... arguments) {
      return new Note(false, pattern, List.of(arguments));
    }

    static Note warning(String pattern, Object... arguments) {
      return new Note(true, pattern, List.of(arguments));
    }
  }
}
