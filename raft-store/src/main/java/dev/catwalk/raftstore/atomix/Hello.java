package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.Roster;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who dials whom. Magic, protocol version (u16), flags (u8), three texts behind their length (u8),
 * then the newest {@link Format} (u16), which programs before there was one neither say nor read, and
 * from {@link Format#MEMBERSHIP} on the number of the roster that {@code from} goes by (u64), and as
 * texts behind their number (u8) the founders, if it goes by no other roster.
 *
 * @param flags bit 0: plain text without proof of the name, which both sides must have agreed to; bit
 *     1: a client of the store, which is no member
 */
record Hello(
    int version,
    int flags,
    String cluster,
    String from,
    String to,
    int format,
    long roster,
    List<String> founders) {
  static final int VERSION = 4;
  static final int INSECURE = 1;
  static final int CLIENT = 2;
  private static final int MAGIC = 0x4357_5253; // "CWRS"

  Hello {
    founders = List.copyOf(founders);
  }

  Hello(int version, int flags, String cluster, String from, String to) {
    this(version, flags, cluster, from, to, Format.NEWEST, 0, List.of());
  }

  /** Whether it is no member that dials. */
  boolean client() {
    return (flags & CLIENT) != 0;
  }

  /** The same of one who goes by that roster. */
  Hello at(Roster now) {
    return new Hello(
        version,
        flags,
        cluster,
        from,
        to,
        format,
        now.number(),
        now.number() == 0 ? now.voters() : List.of());
  }

  /**
   * Why two that both go by their founders alone must not be in one store, if so: each list could
   * have a majority of its own.
   */
  @Nullable
  String otherFounders(Hello mine) {
    return founders.isEmpty() || mine.founders.isEmpty() || founders.equals(mine.founders)
        ? null
        : from + " goes by the members " + Founders.text(founders) + ", and " + mine.from + " by "
            + Founders.text(mine.founders)
            + ": store.members has to be the same on all when a store begins";
  }

  byte[] encode() {
    ByteBuf out = Unpooled.buffer();
    out.writeInt(MAGIC).writeShort(version).writeByte(flags);
    for (String text : new String[] {cluster, from, to}) {
      write(text, out);
    }
    if (format > Format.OLDEST) {
      out.writeShort(format);
    }
    if (format >= Format.MEMBERSHIP) {
      out.writeLong(roster).writeByte(founders.size());
      founders.forEach(name -> write(name, out));
    }
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IllegalArgumentException if it is no hello
   */
  static Hello decode(byte[] bytes) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    try {
      if (in.readInt() != MAGIC) {
        throw new IllegalArgumentException("this is no member of a Catwalk store");
      }
      int version = in.readUnsignedShort();
      int flags = in.readUnsignedByte();
      return new Hello(
          version,
          flags,
          text(in),
          text(in),
          text(in),
          format(in),
          in.isReadable() ? in.readLong() : 0,
          founders(in));
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("hello is too short", e);
    }
  }

  /** What stands at the end of a greeting, or of its answer. */
  static int format(ByteBuf in) {
    return in.readableBytes() >= Short.BYTES ? in.readUnsignedShort() : Format.OLDEST;
  }

  /** The answer to a greeting: the newest format of the one who answers. */
  static byte[] welcome(int format) {
    return format > Format.OLDEST ? new byte[] {(byte) (format >> 8), (byte) format} : new byte[0];
  }

  private static List<String> founders(ByteBuf in) {
    List<String> names = new ArrayList<>();
    for (int left = in.isReadable() ? in.readUnsignedByte() : 0; left > 0; left--) {
      names.add(text(in));
    }
    return names;
  }

  private static void write(String text, ByteBuf out) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.writeByte(utf8.length).writeBytes(utf8);
  }

  private static String text(ByteBuf in) {
    return in.readCharSequence(in.readUnsignedByte(), StandardCharsets.UTF_8).toString();
  }

  /** Why the member {@code mine} does not want this connection, if so. */
  @Nullable
  String refusal(Hello mine) {
    if (version != mine.version) {
      return "store protocol version " + version + " meets " + mine.version + " on " + mine.from
          + ": upgrade the older one";
    }
    if (!cluster.equals(mine.cluster)) {
      return "cluster \"" + cluster + "\" meets cluster \"" + mine.cluster + "\" on " + mine.from
          + ": correct store.members";
    }
    if ((flags & INSECURE) != (mine.flags & INSECURE)) {
      return "one of " + from + " and " + mine.from + " is insecure and the other is not";
    }
    if (!to.equals(mine.from)) {
      return "this is " + mine.from + ", not " + to + ": correct store.members on " + from;
    }
    return null;
  }
}
