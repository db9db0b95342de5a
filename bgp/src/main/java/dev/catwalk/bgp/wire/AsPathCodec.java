package dev.catwalk.bgp.wire;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** AS_PATH and AS4_PATH: RFC 4271 §4.3, RFC 6793, RFC 5065, and the errors of RFC 7606 §7.2. */
final class AsPathCodec {
  private static final AsPath.Kind[] KINDS = AsPath.Kind.values();

  private AsPathCodec() {}

  /**
   * Reads a path from the octets {@code from} (inclusive) to {@code to} (exclusive).
   *
   * @return null if it is malformed: an unknown segment type, an empty segment, a segment that does
   *     not fit, or AS 0 (RFC 7607)
   */
  static @Nullable AsPath decode(ByteBuf in, int from, int to, boolean fourByte) {
    if (from == to) {
      return AsPath.EMPTY;
    }
    int width = fourByte ? 4 : 2;
    List<AsPath.Segment> segments = new ArrayList<>(1);
    int at = from;
    while (at < to) {
      if (to - at < 2) {
        return null;
      }
      int type = in.getUnsignedByte(at);
      int count = in.getUnsignedByte(at + 1);
      at += 2;
      if (type < 1 || type > KINDS.length || count == 0 || count * width > to - at) {
        return null;
      }
      int[] numbers = new int[count];
      for (int i = 0; i < count; i++, at += width) {
        numbers[i] = fourByte ? in.getInt(at) : in.getUnsignedShort(at);
        if (numbers[i] == 0) {
          return null;
        }
      }
      segments.add(new AsPath.Segment(KINDS[type - 1], numbers));
    }
    return new AsPath(segments);
  }

  /** Numbers that do not fit become AS_TRANS where {@code fourByte} is not set. */
  static void encode(AsPath path, boolean fourByte, ByteBuf out) {
    for (AsPath.Segment segment : path.segments()) {
      out.writeByte(segment.kind().code()).writeByte(segment.size());
      for (int i = 0; i < segment.size(); i++) {
        long as = segment.as(i);
        if (fourByte) {
          out.writeInt((int) as);
        } else {
          out.writeShort(as > 0xffff ? Open.AS_TRANS : (int) as);
        }
      }
    }
  }

  static int size(AsPath path, boolean fourByte) {
    int size = 0;
    for (AsPath.Segment segment : path.segments()) {
      size += 2 + segment.size() * (fourByte ? 4 : 2);
    }
    return size;
  }

  /** Whether a two-octet speaker cannot see all of it. */
  static boolean needsFourBytes(AsPath path) {
    for (AsPath.Segment segment : path.segments()) {
      for (int i = 0; i < segment.size(); i++) {
        if (segment.as(i) > 0xffff) {
          return true;
        }
      }
    }
    return false;
  }

  /** Without confederation segments: these are not put into AS4_PATH (RFC 6793 §3, §6). */
  static AsPath withoutConfederation(AsPath path) {
    return new AsPath(path.segments().stream().filter(s -> !isConfederation(s)).toList());
  }

  static boolean isConfederation(AsPath.Segment segment) {
    return segment.kind() == AsPath.Kind.CONFED_SEQUENCE
        || segment.kind() == AsPath.Kind.CONFED_SET;
  }

  /** RFC 6793 §4.2.3: as much of {@code path}'s beginning as AS4_PATH lacks, then AS4_PATH. */
  static AsPath merge(AsPath path, AsPath as4Path) {
    AsPath tail = withoutConfederation(as4Path);
    int missing = path.length() - tail.length();
    if (missing < 0 || tail.segments().isEmpty()) {
      return path;
    }
    List<AsPath.Segment> segments = new ArrayList<>();
    for (AsPath.Segment segment : path.segments()) {
      if (missing == 0) {
        break;
      }
      switch (segment.kind()) {
        case CONFED_SEQUENCE, CONFED_SET -> segments.add(segment);
        case SET -> {
          segments.add(segment);
          missing--;
        }
        case SEQUENCE -> {
          int take = Math.min(missing, segment.size());
          segments.add(segment.first(take));
          missing -= take;
        }
      }
    }
    return new AsPath(join(segments, tail.segments()));
  }

  /** Two sequences that meet become one where that fits. */
  private static List<AsPath.Segment> join(List<AsPath.Segment> head, List<AsPath.Segment> tail) {
    List<AsPath.Segment> joined = new ArrayList<>(head);
    int start = 0;
    if (!head.isEmpty()) {
      AsPath.Segment last = head.getLast();
      AsPath.Segment next = tail.getFirst();
      if (last.kind() == AsPath.Kind.SEQUENCE
          && next.kind() == AsPath.Kind.SEQUENCE
          && last.size() + next.size() <= AsPath.Segment.LIMIT) {
        joined.set(joined.size() - 1, last.followedBy(next));
        start = 1;
      }
    }
    joined.addAll(tail.subList(start, tail.size()));
    return joined;
  }
}
