package dev.catwalk.raftstore.atomix;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** A connection whose other end is known: both ends ask on it and both answer. On the event loop. */
final class PeerTalk {
  /** Requests that are not answered yet; no member has as many under way, see {@link PeerLink}. */
  static final int MAX_UNANSWERED = 256;

  private final String peer;
  private final Channel channel;
  private final PeerServer.Handler handler;
  private final Consumer<Packet> answers;
  private final int maxUnanswered;
  private int unanswered;

  /**
   * A talk on a connection.
   *
   * @param handler answers what the other member asks
   * @param answers gets what it answers
   */
  PeerTalk(String peer, Channel channel, PeerServer.Handler handler, Consumer<Packet> answers) {
    this(peer, channel, handler, answers, MAX_UNANSWERED);
  }

  /**
   * A talk with one that may ask so much at once.
   *
   * @param maxUnanswered whoever asks for more loses the connection
   */
  PeerTalk(
      String peer,
      Channel channel,
      PeerServer.Handler handler,
      Consumer<Packet> answers,
      int maxUnanswered) {
    this.peer = peer;
    this.channel = channel;
    this.handler = handler;
    this.answers = answers;
    this.maxUnanswered = maxUnanswered;
  }

  /**
   * Takes a packet of the other member.
   *
   * @throws IllegalArgumentException if it has no place here: the connection is closed then
   * @throws IllegalStateException if it asks for more than can be under way
   */
  void received(Packet packet) {
    switch (packet.kind()) {
      case RAFT, COMMIT, SNAPSHOT, STATE, PRESENCE, JOIN, HEARTBEAT, READ, CHANGE, NEWS ->
        serve(packet);
      case ANSWER, FAILED -> answers.accept(packet);
      case HELLO, WELCOME, REFUSED ->
        throw new IllegalArgumentException(peer + " sends " + packet.kind() + " amid its talk");
    }
  }

  private void serve(Packet request) {
    if (unanswered == maxUnanswered) {
      throw new IllegalStateException(
          peer + " asks on, though " + maxUnanswered + " requests are not answered yet");
    }
    unanswered++;
    var unused = handler.handle(peer, request).whenComplete((body, error) -> {
      Packet answer = error == null
          ? new Packet(Packet.Kind.ANSWER, request.id(), body)
          : new Packet(
              Packet.Kind.FAILED,
              request.id(),
              String.valueOf(error.getMessage()).getBytes(StandardCharsets.UTF_8));
      if (channel.eventLoop().inEventLoop()) {
        answer(answer);
      } else {
        channel.eventLoop().execute(() -> answer(answer));
      }
    });
  }

  private void answer(Packet answer) {
    unanswered--;
    var unused = write(channel, answer);
  }

  static ChannelFuture write(Channel channel, Packet packet) {
    ByteBuf out = channel.alloc().buffer(13 + packet.body().length);
    packet.encode(out);
    return channel.writeAndFlush(out);
  }
}
