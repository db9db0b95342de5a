package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Assignee;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.StickyName;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Grows a byte array: big-endian numbers, texts behind their length, and the values of ipam. */
final class Sink {
  private byte[] bytes;
  private int length;

  Sink(int expected) {
    bytes = new byte[Math.max(16, expected)];
  }

  Sink u8(int value) {
    room(1);
    bytes[length++] = (byte) value;
    return this;
  }

  Sink flag(boolean value) {
    return u8(value ? 1 : 0);
  }

  Sink u32(int value) {
    room(4);
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes[length++] = (byte) (value >>> shift);
    }
    return this;
  }

  Sink u64(long value) {
    return u32((int) (value >>> 32)).u32((int) value);
  }

  Sink text(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    u32(utf8.length);
    return raw(utf8);
  }

  Sink ip(IpAddress ip) {
    byte[] address = ip.toBytes();
    u8(address.length);
    return raw(address);
  }

  Sink prefix(Prefix prefix) {
    return ip(prefix.address()).u8(prefix.length());
  }

  Sink node(NodeEpoch node) {
    return text(node.node()).u64(node.epoch());
  }

  Sink handle(Handle handle) {
    return text(handle.containerId()).text(handle.ifname());
  }

  Sink name(StickyName name) {
    return text(name.namespace()).text(name.name()).u8(name.family().bytes());
  }

  Sink assignee(Assignee to) {
    return u8(to.use() == Assignee.Use.SERVICE ? 1 : 2)
        .text(to.namespace())
        .text(to.name())
        .u8(to.family().bytes());
  }

  Sink nameIfAny(@Nullable StickyName name) {
    return name == null ? u8(0) : u8(1).name(name);
  }

  Sink ipIfAny(@Nullable IpAddress ip) {
    return ip == null ? u8(0) : u8(1).ip(ip);
  }

  Sink allocation(Allocation a) {
    return ip(a.ip()).handle(a.handle()).text(a.namespace()).text(a.pod()).u64(a.sinceMs());
  }

  Sink change(Change change) {
    return switch (change) {
      case Change.Allocated(Allocation a) -> u8(1).allocation(a);
      case Change.Released(IpAddress ip, Handle handle) -> u8(2).ip(ip).handle(handle);
      case Change.SetApart(IpAddress ip, NodeEpoch asker, long id) ->
        u8(3).ip(ip).node(asker).u64(id);
      case Change.BackIn(IpAddress ip) -> u8(4).ip(ip);
      case Change.Declined(NodeEpoch asker, Family family, long id) ->
        u8(5).node(asker).u8(family.bytes()).u64(id);
    };
  }

  byte[] bytes() {
    return Arrays.copyOf(bytes, length);
  }

  private Sink raw(byte[] value) {
    room(value.length);
    System.arraycopy(value, 0, bytes, length, value.length);
    length += value.length;
    return this;
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(length, more), bytes.length * 2));
    }
  }
}
