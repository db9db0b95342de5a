package dev.catwalk.bgp.fsm;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Keepalive;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.Update;
import java.util.List;

/**
 * What other speakers do where two connections collide, as their sources have it: FRR 8.4, BIRD 2.0,
 * GoBGP 3.10. All offer graceful restart and stand by ours.
 *
 * @param dialled state on the connection that it dialled; IDLE: none
 * @param accepted state on the one that it accepted
 */
record Others(Kind kind, Settings settings, State dialled, State accepted)
    implements Encounter.End {
  private static final Notification COLLISION = Notification.of(Fault.CONNECTION_COLLISION);
  private static final ConnectionId OUT = new ConnectionId(ConnectionId.Side.DIALLED, 1);
  private static final ConnectionId IN = ConnectionId.accepted(1);

  enum Kind {
    FRR,
    BIRD,
    GOBGP
  }

  static Others of(Kind kind, Settings settings) {
    return new Others(kind, settings, State.IDLE, State.IDLE);
  }

  @Override
  public Others on(Event event, List<Action> actions) {
    return switch (event) {
      case Event.Start() -> start(actions);
      case Event.Connected(ConnectionId id) ->
        dialled == State.CONNECT ? open(OUT, actions) : closed(OUT, actions);
      case Event.Accepted(ConnectionId id) -> called(actions);
      case Event.Received(ConnectionId id, Message message) -> heard(id, message, actions);
      case Event.Closed(ConnectionId id, String why) -> closed(id, actions);
      case Event.Stop e -> throw new AssertionError(e);
      case Event.Malformed e -> throw new AssertionError(e);
      case Event.Blocked e -> this;
      case Event.Writable e -> this;
      case Event.Expired e -> this;
    };
  }

  private Others start(List<Action> actions) {
    boolean busy = kind == Kind.GOBGP ? accepted != State.IDLE : accepted == State.ESTABLISHED;
    if (busy) {
      return this;
    }
    actions.add(new Action.Dial(OUT));
    return with(OUT, State.CONNECT);
  }

  private Others called(List<Action> actions) {
    if (kind == Kind.GOBGP) { // whoever is first
      if (dialled.compareTo(State.CONNECT) > 0) {
        actions.add(new Action.Close(IN));
        return this;
      }
      return open(IN, actions);
    }
    Others next = this;
    if (dialled == State.ESTABLISHED) { // "restarted": RFC 4724 §4.2, at the sight of a caller
      next = closed(OUT, actions);
    }
    return next.open(IN, actions);
  }

  private Others open(ConnectionId id, List<Action> actions) {
    if (kind == Kind.GOBGP && id.equals(OUT) && accepted != State.IDLE) {
      return closed(OUT, actions);
    }
    actions.add(new Action.Send(id, settings.open()));
    return with(id, State.OPEN_SENT);
  }

  private Others heard(ConnectionId id, Message message, List<Action> actions) {
    State state = at(id);
    return switch (message) {
      case Open open when state == State.OPEN_SENT -> confirm(id, open, actions);
      case Keepalive k when state == State.OPEN_CONFIRM -> establish(id, actions);
      case Keepalive k when state == State.ESTABLISHED -> this;
      case Update u when state == State.ESTABLISHED -> this;
      case Notification n -> closed(id, actions);
      case Message m -> throw new AssertionError(m + " in " + state + " of " + this);
    };
  }

  private Others confirm(ConnectionId id, Open open, List<Action> actions) {
    ConnectionId other = other(id);
    boolean ours = Integer.compareUnsigned(settings.localId(), open.bgpId()) > 0;
    boolean stays = ours == id.equals(OUT);
    Others next = this;
    switch (at(other)) {
      case ESTABLISHED -> {
        return refused(id, actions);
      }
      case OPEN_SENT, OPEN_CONFIRM -> {
        if (kind == Kind.FRR || at(other) == State.OPEN_CONFIRM) {
          if (!stays) {
            return refused(id, actions);
          }
          next = refused(other, actions);
        }
      }
      case CONNECT -> next = kind == Kind.BIRD ? closed(other, actions) : this;
      case IDLE, ACTIVE -> {}
    }
    actions.add(new Action.Send(id, new Keepalive()));
    return next.with(id, State.OPEN_CONFIRM);
  }

  private Others establish(ConnectionId id, List<Action> actions) {
    actions.add(new Action.Up(id, Negotiated.of(settings, settings.open())));
    actions.add(new Action.Send(id, Update.endOfRib(AfiSafi.IPV4_UNICAST)));
    Others next = with(id, State.ESTABLISHED);
    return switch (at(other(id))) {
      case OPEN_SENT, OPEN_CONFIRM -> kind == Kind.FRR ? next.refused(other(id), actions) : next;
      case CONNECT -> next.closed(other(id), actions);
      case IDLE, ACTIVE, ESTABLISHED -> next;
    };
  }

  private Others refused(ConnectionId id, List<Action> actions) {
    actions.add(new Action.Send(id, COLLISION));
    return closed(id, actions);
  }

  private Others closed(ConnectionId id, List<Action> actions) {
    if (kind == Kind.FRR && id.equals(OUT) && at(id) == State.IDLE && at(IN) == State.ESTABLISHED) {
      return closed(IN, actions); // it takes what it learns late for the end of its session
    }
    if (at(id) == State.IDLE) {
      return this;
    }
    if (at(id) == State.ESTABLISHED) {
      actions.add(new Action.Down(id, "ends", true));
    }
    actions.add(new Action.Close(id));
    return with(id, State.IDLE);
  }

  private static ConnectionId other(ConnectionId id) {
    return id.equals(OUT) ? IN : OUT;
  }

  private State at(ConnectionId id) {
    return id.equals(OUT) ? dialled : accepted;
  }

  private Others with(ConnectionId id, State state) {
    return id.equals(OUT)
        ? new Others(kind, settings, state, accepted)
        : new Others(kind, settings, dialled, state);
  }
}
