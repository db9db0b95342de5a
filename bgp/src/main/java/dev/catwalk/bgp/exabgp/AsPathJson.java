package dev.catwalk.bgp.exabgp;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** AS_PATH, with what AS4_PATH knows better of it (RFC 6793 §4.2.3). */
final class AsPathJson {
  private static final int SET = 1;
  private static final int SEQUENCE = 2;
  private static final int CONFED_SEQUENCE = 3;
  private static final int CONFED_SET = 4;

  private record Segment(int type, List<Long> numbers) {
    /** What it adds to the length of a path. */
    int length() {
      return type == SEQUENCE ? numbers.size() : type == SET ? 1 : 0;
    }
  }

  private final JsonVersion version;
  private List<Segment> path = List.of();
  private List<Segment> path4 = List.of();

  AsPathJson(JsonVersion version) {
    this.version = version;
  }

  void path(Cursor in, boolean asn4) throws MalformedException {
    path = segments(in, asn4 ? 4 : 2);
  }

  void path4(Cursor in) throws MalformedException {
    path4 = segments(in, 4);
  }

  private static List<Segment> segments(Cursor in, int octets) throws MalformedException {
    List<Segment> segments = new ArrayList<>();
    while (in.hasMore()) {
      int type = in.u8("segment type");
      if (type < SET || type > CONFED_SET) {
        throw new MalformedException("an AS path segment of type " + type);
      }
      int count = in.u8("segment length");
      List<Long> numbers = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        numbers.add(in.unsigned(octets, "AS number"));
      }
      segments.add(new Segment(type, numbers));
    }
    return segments;
  }

  /** As much of the front of AS_PATH as AS4_PATH is shorter, then AS4_PATH. */
  private List<Segment> merged() {
    int more = length(path) - length(path4);
    if (path4.isEmpty() || more < 0) {
      return path;
    }
    List<Segment> merged = new ArrayList<>();
    for (Segment segment : path) {
      if (more <= 0) {
        break;
      }
      int taken = segment.type == SEQUENCE
          ? Math.min(more, segment.numbers.size())
          : segment.numbers.size();
      merged.add(new Segment(segment.type, segment.numbers.subList(0, taken)));
      more -= segment.type == SEQUENCE ? taken : segment.length();
    }
    for (Segment segment : path4) {
      boolean continues =
          !merged.isEmpty() && merged.getLast().type == SEQUENCE && segment.type == SEQUENCE;
      if (continues) {
        List<Long> numbers = new ArrayList<>(merged.removeLast().numbers);
        numbers.addAll(segment.numbers);
        merged.add(new Segment(SEQUENCE, numbers));
      } else {
        merged.add(segment);
      }
    }
    return merged;
  }

  private static int length(List<Segment> segments) {
    return segments.stream().mapToInt(Segment::length).sum();
  }

  /** An empty path is not shown. */
  void into(ObjectNode attributes) {
    List<Segment> segments = merged();
    if (segments.isEmpty()) {
      return;
    }
    if (version == JsonVersion.V4) {
      lists(segments, attributes);
      return;
    }
    ObjectNode json = attributes.putObject("as-path");
    for (int i = 0; i < segments.size(); i++) {
      ObjectNode segment = json.putObject(Integer.toString(i));
      segment.put("element", segments.get(i).type == SET ? "as-set" : "as-sequence");
      ArrayNode numbers = segment.putArray("value");
      segments.get(i).numbers.forEach(numbers::add);
    }
  }

  private static void lists(List<Segment> segments, ObjectNode attributes) {
    list(segments, SEQUENCE, attributes, "as-path", true);
    list(segments, SET, attributes, "as-set", false);
    list(segments, CONFED_SEQUENCE, attributes, "confederation-path", true);
    list(segments, CONFED_SET, attributes, "confederation-set", false);
  }

  private static void list(
      List<Segment> segments, int type, ObjectNode attributes, String name, boolean evenIfEmpty) {
    ArrayNode numbers = attributes.arrayNode();
    segments.stream()
        .filter(segment -> segment.type == type)
        .forEach(segment -> segment.numbers.forEach(numbers::add));
    if (evenIfEmpty || !numbers.isEmpty()) {
      attributes.set(name, numbers);
    }
  }
}
