package dev.catwalk.bgp.fsm;

import dev.catwalk.bgp.wire.Message;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Two speakers that dial each other once, in every order in which what happens to them can follow.
 * There are two connections, of each end's dial. What its kernel has done a process learns later, or
 * much later: that its dial was answered, that somebody called. No limit runs out while anything
 * else can happen.
 */
final class Encounter {
  /** One speaker. Immutable; equal ones behave alike. */
  interface End {
    /** The next one; what it does is added to {@code actions}. */
    End on(Event event, List<Action> actions);

    /** The limit that runs, if there is one. */
    default Event.@Nullable Expired last() {
      return null;
    }
  }

  /**
   * One end's view of one connection: what is under way to it, an empty place at its end.
   *
   * @param late whether the end was closed with it, and may have been noticed before
   */
  private record Socket(boolean there, boolean closed, boolean late, List<Flight> incoming) {
    static final Socket NONE = new Socket(false, false, false, List.of());

    Socket opened() {
      return new Socket(true, closed, late, incoming);
    }

    Socket shut() {
      return new Socket(there, true, !closed && incoming.contains(Flight.END), List.of());
    }

    Socket with(Flight flight) {
      if (closed) {
        return this;
      }
      List<Flight> more = new ArrayList<>(incoming);
      more.add(flight);
      return new Socket(there, false, late, List.copyOf(more));
    }

    Socket learned() {
      return new Socket(there, closed, false, incoming);
    }

    Socket taken() {
      return new Socket(there, closed, late, incoming.subList(1, incoming.size()));
    }

    boolean isLive() {
      return there && !closed && !incoming.isEmpty();
    }
  }

  /** A message, or the end of all. */
  private record Flight(@Nullable Message message) {
    static final Flight END = new Flight(null);
  }

  /** A connection: dialled by one end, accepted by the other. */
  private record Line(boolean dialled, Socket dialler, Socket acceptor) {
    static final Line NONE = new Line(false, Socket.NONE, Socket.NONE);

    Socket at(boolean diallers) {
      return diallers ? dialler : acceptor;
    }

    Line with(boolean diallers, Socket socket) {
      return diallers ? new Line(dialled, socket, acceptor) : new Line(dialled, dialler, socket);
    }
  }

  /** All there is. {@code up} is by whose connection an end is established: -1 none. */
  private record World(List<End> ends, List<Boolean> started, List<Line> lines, List<Integer> up) {}

  private final boolean otherListens;
  private final Set<World> seen = new HashSet<>();
  private final List<String> path = new ArrayList<>();

  /**
   * @param otherListens whether the other is there before it dials; what restarts is not
   */
  Encounter(boolean otherListens) {
    this.otherListens = otherListens;
  }

  /**
   * Goes every way.
   *
   * @return how many worlds there are
   * @throws AssertionError with the way to it, if a session ends that was up, or if at some end not
   *     both are established on one connection, the only one
   */
  int explore(End first, End other) {
    go(new World(
        List.of(first, other),
        List.of(false, false),
        List.of(Line.NONE, Line.NONE),
        List.of(-1, -1)));
    return seen.size();
  }

  private void go(World world) {
    if (!seen.add(world)) {
      return;
    }
    int ways = 0;
    for (int end = 0; end < 2; end++) {
      if (!world.started().get(end)) {
        ways++;
        take(end + " starts", started(world, end), end, new Event.Start());
      }
    }
    for (int line = 0; line < 2; line++) {
      if (world.lines().get(line).dialled()) {
        ways += ways(world, line);
      }
    }
    for (int end = 0; ways == 0 && end < 2; end++) {
      Event.Expired limit = world.ends().get(end).last();
      if (limit != null) {
        ways++;
        take(end + " has waited for long enough", world, end, limit);
      }
    }
    if (ways == 0) {
      rest(world);
    }
  }

  /** What can happen on that connection. */
  private int ways(World world, int line) {
    Line it = world.lines().get(line);
    int ways = 0;
    for (boolean diallers : new boolean[] {true, false}) {
      Socket socket = it.at(diallers);
      int end = diallers ? line : 1 - line;
      String who = end + "'s end of " + line;
      ConnectionId id = id(diallers);
      boolean listens = diallers || world.started().get(end) || end == 1 && otherListens;
      if (!socket.there() && !socket.closed() && listens) {
        ways++;
        take(
            who + " opens",
            with(world, line, it.with(diallers, socket.opened())),
            end,
            diallers ? new Event.Connected(id) : new Event.Accepted(id));
      }
      if (socket.late()) {
        ways++;
        take(
            who + " is told late of its end",
            with(world, line, it.with(diallers, socket.learned())),
            end,
            new Event.Closed(id, "late"));
      }
      if (socket.isLive()) {
        ways++;
        Message message = socket.incoming().getFirst().message();
        take(
            who + " hears " + (message == null ? "the end" : message),
            with(world, line, it.with(diallers, socket.taken())),
            end,
            message == null ? new Event.Closed(id, "closed") : new Event.Received(id, message));
        if (socket.incoming().size() > 1 && socket.incoming().contains(Flight.END)) {
          ways++;
          take( // what was under way is lost with a connection that is reset
              who + " is reset",
              with(world, line, it.with(diallers, new Socket(true, false, false, List.of()))),
              end,
              new Event.Closed(id, "reset"));
        }
      }
    }
    return ways;
  }

  private void take(String what, World before, int end, Event event) {
    path.add(what);
    List<Action> actions = new ArrayList<>();
    List<End> ends = new ArrayList<>(before.ends());
    ends.set(end, ends.get(end).on(event, actions));
    World world = new World(List.copyOf(ends), before.started(), before.lines(), before.up());
    for (Action action : actions) {
      world = after(world, end, action);
    }
    go(world);
    path.removeLast();
  }

  private World after(World world, int end, Action action) {
    return switch (action) {
      case Action.Dial a -> with(world, end, new Line(true, Socket.NONE, Socket.NONE));
      case Action.Send(ConnectionId id, Message message) -> {
        boolean diallers = dialled(id);
        Line line = world.lines().get(line(end, id));
        Socket far = line.at(!diallers);
        yield with(world, line(end, id), line.with(!diallers, far.with(new Flight(message))));
      }
      case Action.Close(ConnectionId id) -> {
        boolean diallers = dialled(id);
        Line line = world.lines().get(line(end, id));
        Socket far = line.at(!diallers).with(Flight.END);
        yield with(
            world,
            line(end, id),
            line.with(diallers, line.at(diallers).shut()).with(!diallers, far));
      }
      case Action.Up(ConnectionId id, Negotiated n) -> up(world, end, line(end, id));
      case Action.Down a -> throw new AssertionError(end + " loses its session\n" + text());
      case Action.Arm a -> world;
      case Action.Disarm a -> world;
      case Action.Failed a -> world;
      case Action.Deliver a -> world;
      case Action.Refresh a -> world;
    };
  }

  private void rest(World world) {
    int up = world.up().getFirst();
    boolean one = up >= 0 && up == world.up().getLast();
    for (int line = 0; one && line < 2; line++) {
      Line it = world.lines().get(line);
      boolean closed = it.dialler().closed() && it.acceptor().closed() || !it.dialled();
      one = line == up ? !it.dialler().closed() && !it.acceptor().closed() : closed;
    }
    if (!one) {
      throw new AssertionError("not one connection: " + world.up() + "\n" + text());
    }
  }

  private String text() {
    return String.join("\n", path);
  }

  private static World started(World world, int end) {
    List<Boolean> started = new ArrayList<>(world.started());
    started.set(end, true);
    return new World(world.ends(), List.copyOf(started), world.lines(), world.up());
  }

  private static World with(World world, int line, Line changed) {
    List<Line> lines = new ArrayList<>(world.lines());
    lines.set(line, changed);
    return new World(world.ends(), world.started(), List.copyOf(lines), world.up());
  }

  private static World up(World world, int end, int line) {
    List<Integer> up = new ArrayList<>(world.up());
    up.set(end, line);
    return new World(world.ends(), world.started(), world.lines(), List.copyOf(up));
  }

  private static int line(int end, ConnectionId id) {
    return dialled(id) ? end : 1 - end;
  }

  private static boolean dialled(ConnectionId id) {
    return id.side() == ConnectionId.Side.DIALLED;
  }

  private static ConnectionId id(boolean dialled) {
    return new ConnectionId(dialled ? ConnectionId.Side.DIALLED : ConnectionId.Side.ACCEPTED, 1);
  }
}
