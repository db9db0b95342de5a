package dev.catwalk.bgp.hostile;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** What a peer of ours was told, read from the octets without the speaker's own codecs. */
final class Told {

  /** An attribute; its flags without that for extended length. */
  @SuppressWarnings("ArrayRecordComponent") // compared by what it prints
  record Attr(int flags, byte[] value) {
    @Override
    public String toString() {
      return String.format("%02x:%s", flags, HexFormat.of().formatHex(value));
    }
  }

  final TreeMap<Prefix, TreeMap<Integer, Attr>> table = new TreeMap<>();

  /** What changed since it was emptied last. */
  final Set<Prefix> changed = new HashSet<>();

  /** Code and subcode of a NOTIFICATION; empty: none came. */
  String notification = "";

  int opens;
  int keepalives;
  int endsOfRib;

  void hear(List<byte[]> messages) {
    for (byte[] message : messages) {
      switch (message[18]) {
        case 1 -> opens++;
        case 2 -> update(message);
        case 3 -> notification = message[19] + "/" + message[20];
        case 4 -> keepalives++;
        default -> {}
      }
    }
  }

  private static int two(byte[] in, int at) {
    return (in[at] & 0xff) << 8 | in[at + 1] & 0xff;
  }

  private void update(byte[] in) {
    int attributesAt = 21 + two(in, 19) + 2;
    int prefixesAt = attributesAt + two(in, attributesAt - 2);
    if (in.length == 23) {
      endsOfRib++;
    }
    forget(in, 21, attributesAt - 2, 4);
    TreeMap<Integer, Attr> attributes = new TreeMap<>();
    for (int at = attributesAt; at < prefixesAt; ) {
      boolean wide = (in[at] & 0x10) != 0;
      int length = wide ? two(in, at + 2) : in[at + 2] & 0xff;
      int from = at + (wide ? 4 : 3);
      byte[] value = Arrays.copyOfRange(in, from, from + length);
      if (attributes.put((int) in[at + 1] & 0xff, new Attr(in[at] & 0xe0, value)) != null) {
        throw new AssertionError("attribute twice: " + HexFormat.of().formatHex(in));
      }
      at = from + length;
    }
    Attr gone = attributes.remove(15);
    if (gone != null) {
      forget(gone.value, 3, gone.value.length, 16);
    }
    Attr reach = attributes.get(14);
    if (reach != null) {
      learn(reach.value, 5 + reach.value[3], reach.value.length, 16, attributes);
    }
    learn(in, prefixesAt, in.length, 4, attributes);
  }

  private void forget(byte[] in, int from, int to, int width) {
    for (int at = from; at < to; at += 1 + octets(in, at)) {
      Prefix prefix = prefix(in, at, width);
      table.remove(prefix);
      changed.add(prefix);
    }
  }

  private void learn(byte[] in, int from, int to, int width, TreeMap<Integer, Attr> attributes) {
    for (int at = from; at < to; at += 1 + octets(in, at)) {
      Prefix prefix = prefix(in, at, width);
      table.put(prefix, attributes);
      changed.add(prefix);
    }
  }

  static int octets(byte[] in, int at) {
    return ((in[at] & 0xff) + 7) / 8;
  }

  /** The prefix whose length is at {@code at}, with what is beyond it cleared. */
  static Prefix prefix(byte[] in, int at, int width) {
    byte[] address = new byte[width];
    System.arraycopy(in, at + 1, address, 0, octets(in, at));
    return Prefix.of(IpAddress.of(address), in[at] & 0xff);
  }
}
