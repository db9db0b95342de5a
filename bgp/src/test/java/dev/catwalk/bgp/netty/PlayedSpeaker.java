package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.fsm.ConnectionId;
import dev.catwalk.bgp.fsm.Event;
import dev.catwalk.bgp.fsm.Timer;
import dev.catwalk.bgp.speaker.Deadline;
import dev.catwalk.bgp.speaker.Deed;
import dev.catwalk.bgp.speaker.Happening;
import dev.catwalk.bgp.speaker.Locals;
import dev.catwalk.bgp.speaker.Speaker;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.bgp.wire.WireException;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.sim.VirtualTime;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A whole speaker, from octets to octets, in virtual time: the framing, decoding and telling of the
 * real one on channels that are kept in memory. Its peers call it and say what they like. One thread.
 */
public final class PlayedSpeaker implements Receiver {
  private final VirtualTime time = new VirtualTime(1);
  private final Speaker speaker;
  private final Locals locals;
  private final AtomicInteger farewells = new AtomicInteger();
  private final HashMap<Connection, Caller> callers = new HashMap<>();
  private final HashMap<Deed.Target, Caller> targets = new HashMap<>();
  private final HashMap<Long, Caller> incoming = new HashMap<>();
  private final HashMap<Alarm, VirtualTime.Task> alarms = new HashMap<>();
  private @Nullable Caller calling;
  private long numbers;

  /** A timer or, without one, a deadline. */
  private record Alarm(
      long peer, @Nullable Timer timer, @Nullable Deadline deadline, long owner) {}

  /** Starts it. */
  public PlayedSpeaker(SpeakerConfig config, IpAddress address, IpAddress other) {
    speaker = new Speaker(config, false);
    locals = new Locals(address, other);
    happen(new Happening.Start());
  }

  public Speaker speaker() {
    return speaker;
  }

  public long nowMs() {
    return time.nowMs();
  }

  /** Lets time pass, and timers run out. */
  public void pass(long ms) {
    time.run(ms);
  }

  /** Somebody opens a connection from there. */
  public Caller call(IpAddress from) {
    Caller caller = new Caller(from);
    calling = caller;
    caller.channel = new EmbeddedChannel(new ChannelInitializer<Channel>() {
      @Override
      protected void initChannel(Channel channel) {
        Connection connection = new Connection(channel, farewells);
        caller.connection = connection;
        callers.put(connection, caller);
        channel.pipeline().addLast(new MessageHandler(PlayedSpeaker.this, connection, false));
      }
    });
    calling = null;
    return caller;
  }

  /** The far end of one connection. */
  @SuppressWarnings("FutureReturnValueIgnored") // channels in memory close at once
  public static final class Caller {
    private final IpAddress from;
    private @Nullable EmbeddedChannel channel;
    private @Nullable Connection connection;
    private Deed.@Nullable Target target;
    private final ByteBuf heard = Unpooled.buffer();

    private Caller(IpAddress from) {
      this.from = from;
    }

    /** Octets, whatever they are. */
    public void say(byte... octets) {
      if (!isClosed() && octets.length > 0) {
        channel.writeInbound(Unpooled.copiedBuffer(octets));
      }
    }

    /** The whole messages that came since the last time. */
    public List<byte[]> hear() {
      for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
        heard.writeBytes(out);
        out.release();
      }
      List<byte[]> messages = new ArrayList<>();
      while (heard.readableBytes() >= Wire.HEADER_LENGTH) {
        int length = heard.getUnsignedShort(heard.readerIndex() + 16);
        if (heard.readableBytes() < length) {
          break;
        }
        messages.add(ByteBufUtil.getBytes(heard.readSlice(length)));
      }
      heard.discardReadBytes();
      return messages;
    }

    /** Whether the speaker has closed it, or would not have it. */
    public boolean isClosed() {
      return connection.isClosing() || !channel.isOpen();
    }

    /** Closes it from here, in the middle of whatever was said. */
    public void hangUp() {
      channel.close();
    }
  }

  @Override
  public void accepted(Connection connection) {
    long number = ++numbers;
    incoming.put(number, calling);
    happen(new Happening.Incoming(number, calling.from, locals));
  }

  @Override
  public void connected(Connection connection) {
    throw new AssertionError("nobody is dialled here");
  }

  @Override
  public void received(Connection connection, Message message, int octets) {
    happen(connection, id -> new Event.Received(id, message));
  }

  @Override
  public void malformed(Connection connection, WireException fault) {
    happen(connection, id -> new Event.Malformed(id, fault.notification(), Framing.reason(fault)));
  }

  @Override
  public void blocked(Connection connection) {
    happen(connection, Event.Blocked::new);
  }

  @Override
  public void writable(Connection connection) {
    happen(connection, Event.Writable::new);
  }

  @Override
  public void closed(Connection connection, String why) {
    happen(connection, id -> new Event.Closed(id, why));
    forget(callers.get(connection));
  }

  private void forget(Caller caller) {
    callers.remove(caller.connection);
    if (caller.target != null) {
      targets.remove(caller.target);
      caller.target = null;
    }
  }

  private void happen(
      Connection connection, java.util.function.Function<ConnectionId, Event> event) {
    Caller caller = callers.get(connection);
    if (caller != null && caller.target != null) {
      Deed.Target target = caller.target;
      happen(new Happening.OfPeer(target.peer(), event.apply(target.connection())));
    }
  }

  private void happen(Happening happening) {
    perform(speaker.step(time.nowMs(), happening));
    while (speaker.hasWork()) {
      perform(speaker.work());
    }
  }

  private void perform(List<Deed> deeds) {
    for (Deed deed : deeds) {
      switch (deed) {
        case Deed.Adopt(long number, Deed.Target target, var options) -> {
          Caller caller = incoming.remove(number);
          caller.target = target;
          targets.put(target, caller);
        }
        case Deed.Refuse(long number) -> {
          Caller caller = incoming.remove(number);
          caller.connection.refuse();
          forget(caller);
        }
        case Deed.Send(Deed.Target target, EncodeContext context, Message message) -> {
          Caller caller = targets.get(target);
          if (caller != null) {
            caller.connection.send(message, context);
          }
        }
        case Deed.Tell(List<Deed.Target> to, EncodeContext context, Update update) -> {
          ByteBuf out = Unpooled.buffer();
          Wire.encode(update, context, out);
          for (Deed.Target target : to) {
            targets.get(target).connection.send(out.copy());
          }
        }
        case Deed.Close(Deed.Target target) -> {
          Caller caller = targets.get(target);
          if (caller != null) {
            forget(caller);
            caller.connection.close();
          }
        }
        case Deed.Arm(long peer, Timer timer, long owner, long generation, long delayMs) ->
          alarm(
              new Alarm(peer, timer, null, owner),
              delayMs,
              new Happening.OfPeer(peer, new Event.Expired(timer, owner, generation)));
        case Deed.Disarm(long peer, Timer timer, long owner) ->
          cancel(new Alarm(peer, timer, null, owner));
        case Deed.Remind(long peer, Deadline deadline, long generation, long delayMs) ->
          alarm(
              new Alarm(peer, null, deadline, 0),
              delayMs,
              new Happening.Due(peer, deadline, generation));
        case Deed.Dial d -> throw new AssertionError("nobody is dialled here");
        case Deed.Converged c -> {}
        case Deed.Departed d -> {}
        case Deed.Up u -> {}
        case Deed.Down d -> {}
        case Deed.Routes r -> {}
        case Deed.Note n -> {}
      }
    }
  }

  private void alarm(Alarm key, long delayMs, Happening happening) {
    cancel(key);
    alarms.put(key, time.after(delayMs, () -> {
      alarms.remove(key);
      happen(happening);
    }));
  }

  private void cancel(Alarm key) {
    VirtualTime.Task task = alarms.remove(key);
    if (task != null) {
      task.cancel();
    }
  }
}
