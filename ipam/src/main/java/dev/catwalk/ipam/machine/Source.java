package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Assignee;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.StickyName;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link Sink} wrote. Every length is checked before it is trusted; whatever is wrong is
 * an {@link IllegalArgumentException} that names the place.
 */
final class Source {
  private final byte[] bytes;
  private int at;

  Source(byte[] bytes) {
    this.bytes = bytes;
  }

  int u8() {
    need(1);
    return bytes[at++] & 0xff;
  }

  boolean flag() {
    int value = u8();
    if (value > 1) {
      throw new IllegalArgumentException("byte " + (at - 1) + " is " + value + ", want 0 or 1");
    }
    return value == 1;
  }

  int u32() {
    need(4);
    int value = 0;
    for (int i = 0; i < 4; i++) {
      value = value << 8 | bytes[at++] & 0xff;
    }
    return value;
  }

  long u64() {
    return (long) u32() << 32 | u32() & 0xffff_ffffL;
  }

  String text() {
    byte[] utf8 = raw(u32());
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("text before byte " + at + " is not UTF-8", e);
    }
  }

  /** A list behind its count; each element takes a byte at least. */
  <T> List<T> list(Supplier<T> element) {
    int count = u32();
    if (count < 0 || count > bytes.length - at) {
      throw new IllegalArgumentException("count " + count + " does not fit at byte " + (at - 4));
    }
    List<T> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      all.add(element.get());
    }
    return all;
  }

  IpAddress ip() {
    return IpAddress.of(raw(u8()));
  }

  Prefix prefix() {
    return new Prefix(ip(), u8());
  }

  NodeEpoch node() {
    return new NodeEpoch(text(), u64());
  }

  Handle handle() {
    return new Handle(text(), text());
  }

  Family family() {
    int bytes = u8();
    return switch (bytes) {
      case 4 -> Family.IPV4;
      case 16 -> Family.IPV6;
      default ->
        throw new IllegalArgumentException(
            "byte " + (at - 1) + " is " + bytes + ", want the length of an address, 4 or 16");
    };
  }

  StickyName name() {
    return new StickyName(text(), text(), family());
  }

  Assignee assignee() {
    int use = u8();
    if (use != 1 && use != 2) {
      throw new IllegalArgumentException("use " + use + " of an address is unknown");
    }
    return new Assignee(
        use == 1 ? Assignee.Use.SERVICE : Assignee.Use.NODE, text(), text(), family());
  }

  @Nullable
  StickyName nameIfAny() {
    return flag() ? name() : null;
  }

  @Nullable
  IpAddress ipIfAny() {
    return flag() ? ip() : null;
  }

  Allocation allocation() {
    return new Allocation(ip(), handle(), text(), text(), u64());
  }

  Change change() {
    int kind = u8();
    return switch (kind) {
      case 1 -> new Change.Allocated(allocation());
      case 2 -> new Change.Released(ip(), handle());
      case 3 -> new Change.SetApart(ip(), node(), u64());
      case 4 -> new Change.BackIn(ip());
      case 5 -> new Change.Declined(node(), family(), u64());
      default -> throw new IllegalArgumentException("change " + kind + " is unknown");
    };
  }

  void version(int expected, String what) {
    int version = u8();
    if (version != expected) {
      throw new IllegalArgumentException(
          what + " has format version " + version + ", this program knows " + expected);
    }
  }

  void end() {
    if (at != bytes.length) {
      throw new IllegalArgumentException((bytes.length - at) + " bytes too many at byte " + at);
    }
  }

  private byte[] raw(int length) {
    need(length);
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  private void need(int count) {
    if (count < 0 || count > bytes.length - at) {
      throw new IllegalArgumentException(
          "ends at byte " + bytes.length + ", " + count + " more needed at " + at);
    }
  }
}
