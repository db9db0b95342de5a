package dev.catwalk.raftstore.atomix;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;

/**
 * What members say to each other: length (u32, without itself), kind (u8), number of the request
 * (u64), body. After the greeting both sides ask and both answer.
 */
@SuppressWarnings("ArrayRecordComponent") // Opaque bytes on their way; nobody compares them.
record Packet(Kind kind, long id, byte[] body) {
  /** No packet is longer; whoever sends one loses the connection. */
  static final int MAX_LENGTH = 1 << 20;

  /** What a packet is, by its number on the wire. */
  enum Kind {
    /** First from the dialling side: {@link Hello}. */
    HELLO(0),
    /** First from the accepting side. */
    WELCOME(1),
    /** Instead of {@link #WELCOME}: why not, as text. Then the connection is closed. */
    REFUSED(2),
    /** A Raft request, in {@link RaftNamespace}. */
    RAFT(3),
    /** A frame of commands for the leader. */
    COMMIT(4),
    /** A part of the newest snapshot, see {@link SnapshotTransfer}. */
    SNAPSHOT(5),
    /** The answer to a request, with its number. */
    ANSWER(6),
    /** Why a request has no answer, as text. */
    FAILED(7),
    /** A member's state hash, see {@link StateExchange}. */
    STATE(8),
    /** What the asked member is to its cluster, as {@link Standing}; the request is empty. */
    PRESENCE(9),
    /** A member with an empty directory asks to be taken in, see {@link Admission}. */
    JOIN(10),
    /** A Raft append without entries, see {@link Heartbeat}. */
    HEARTBEAT(11),
    /** Up to which revision commands may be acknowledged, see {@link ReadIndex}; empty. */
    READ(12),
    /** Whoever leads is to change the members, see {@link Membership}. */
    CHANGE(13),
    /** A client asks what has changed, see {@link NewsDesk}. */
    NEWS(14);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    static Kind of(int code) {
      for (Kind kind : values()) {
        if (kind.code == code) {
          return kind;
        }
      }
      throw new IllegalArgumentException("packet kind " + code + " is unknown");
    }
  }

  /** Cuts the stream into packets. */
  static void addFraming(ChannelPipeline pipeline) {
    pipeline.addLast(new LengthFieldBasedFrameDecoder(MAX_LENGTH, 0, 4, 0, 4));
  }

  /**
   * Reads a packet behind its length.
   *
   * @throws IllegalArgumentException if it is none
   */
  static Packet decode(ByteBuf in) {
    if (in.readableBytes() < 9) {
      throw new IllegalArgumentException("packet of " + in.readableBytes() + " bytes is too short");
    }
    Kind kind = Kind.of(in.readUnsignedByte());
    long id = in.readLong();
    byte[] body = new byte[in.readableBytes()];
    in.readBytes(body);
    return new Packet(kind, id, body);
  }

  void encode(ByteBuf out) {
    out.writeInt(9 + body.length).writeByte(kind.code).writeLong(id).writeBytes(body);
  }
}
