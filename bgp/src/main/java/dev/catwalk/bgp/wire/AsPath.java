package dev.catwalk.bgp.wire;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;

/** AS_PATH, RFC 4271 §5.1.2, with four-octet numbers throughout (RFC 6793). */
public record AsPath(List<Segment> segments) implements Attribute {
  public static final AsPath EMPTY = new AsPath(List.of());

  /** RFC 4271 §4.3 and RFC 5065 §3; the wire's number is {@link #code}. */
  public enum Kind {
    SET(1),
    SEQUENCE(2),
    CONFED_SEQUENCE(3),
    CONFED_SET(4);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  /** One to 255 AS numbers, each 1..2^32-1. */
  public static final class Segment {
    static final int LIMIT = 255;

    private final Kind kind;
    private final int[] numbers;

    Segment(Kind kind, int[] numbers) {
      assert numbers.length > 0 && numbers.length <= LIMIT : numbers.length;
      this.kind = kind;
      this.numbers = numbers;
    }

    public Kind kind() {
      return kind;
    }

    public int size() {
      return numbers.length;
    }

    /** AS number {@code index}, 0 being the nearest neighbour's. */
    public long as(int index) {
      return numbers[index] & 0xffff_ffffL;
    }

    private int[] numbers() {
      return numbers;
    }

    /** The first {@code count} numbers, 1 to {@link #size}. */
    Segment first(int count) {
      return count == numbers.length ? this : new Segment(kind, Arrays.copyOf(numbers, count));
    }

    /** This and then {@code next}, which is of the same kind. */
    Segment followedBy(Segment next) {
      int[] both = Arrays.copyOf(numbers, numbers.length + next.numbers.length);
      System.arraycopy(next.numbers, 0, both, numbers.length, next.numbers.length);
      return new Segment(kind, both);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Segment s && kind == s.kind && Arrays.equals(numbers, s.numbers);
    }

    @Override
    public int hashCode() {
      return 31 * kind.code + Arrays.hashCode(numbers);
    }

    /** {@code 64601 65001}, {@code {64601 65001}} for a set; confederations in parentheses. */
    @Override
    public String toString() {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < numbers.length; i++) {
        text.append(i == 0 ? "" : " ").append(as(i));
      }
      return switch (kind) {
        case SEQUENCE -> text.toString();
        case SET -> "{" + text + "}";
        case CONFED_SEQUENCE -> "(" + text + ")";
        case CONFED_SET -> "({" + text + "})";
      };
    }
  }

  public AsPath {
    segments = List.copyOf(segments);
  }

  /** One AS_SEQUENCE (more where there are over 255), nearest neighbour first. */
  public static AsPath sequence(long... numbers) {
    return new AsPath(split(Kind.SEQUENCE, narrow(numbers)));
  }

  private static List<Segment> split(Kind kind, int[] numbers) {
    List<Segment> segments = new ArrayList<>();
    for (int from = 0; from < numbers.length; from += Segment.LIMIT) {
      int to = Math.min(numbers.length, from + Segment.LIMIT);
      segments.add(new Segment(kind, Arrays.copyOfRange(numbers, from, to)));
    }
    return segments;
  }

  private static int[] narrow(long... numbers) {
    int[] narrow = new int[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      assert numbers[i] > 0 && numbers[i] <= 0xffff_ffffL : numbers[i];
      narrow[i] = (int) numbers[i];
    }
    return narrow;
  }

  @Override
  public int type() {
    return AttributeType.AS_PATH;
  }

  /**
   * For the decision process: a set counts 1 (RFC 4271 §9.1.2.2 a), confederation segments 0 (RFC
   * 5065 §5.3).
   */
  public int length() {
    int length = 0;
    for (Segment segment : segments) {
      length += switch (segment.kind()) {
        case SEQUENCE -> segment.size();
        case SET -> 1;
        case CONFED_SEQUENCE, CONFED_SET -> 0;
      };
    }
    return length;
  }

  /** The AS that the route came from: the first number, if a sequence begins the path; else 0. */
  public long neighbourAs() {
    return segments.isEmpty() || segments.getFirst().kind() != Kind.SEQUENCE
        ? 0
        : segments.getFirst().as(0);
  }

  /** Whether {@code as} is anywhere in it: the loop check of RFC 4271 §9.1.2. */
  public boolean contains(long as) {
    for (Segment segment : segments) {
      for (int number : segment.numbers()) {
        if ((number & 0xffff_ffffL) == as) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether all of its segments are of that kind. */
  boolean hasOnly(Kind kind) {
    for (int i = 0; i < segments.size(); i++) {
      if (segments.get(i).kind() != kind) {
        return false;
      }
    }
    return true;
  }

  /** Calls {@code visit} with each AS number in order, those of sets included. */
  public void forEachAs(LongConsumer visit) {
    for (Segment segment : segments) {
      for (int number : segment.numbers()) {
        visit.accept(number & 0xffff_ffffL);
      }
    }
  }

  /** With {@code as} put in front, as a speaker does towards an eBGP peer (RFC 4271 §5.1.2 b). */
  public AsPath prepend(long as) {
    boolean joins = !segments.isEmpty()
        && segments.getFirst().kind() == Kind.SEQUENCE
        && segments.getFirst().size() < Segment.LIMIT;
    int[] old = joins ? segments.getFirst().numbers() : new int[0];
    int[] numbers = new int[old.length + 1];
    numbers[0] = narrow(as)[0];
    System.arraycopy(old, 0, numbers, 1, old.length);
    Segment first = new Segment(Kind.SEQUENCE, numbers);
    if (segments.isEmpty() || joins && segments.size() == 1) { // nearly always
      return new AsPath(List.of(first));
    }
    List<Segment> next = new ArrayList<>(segments.size() + 1);
    next.add(first);
    next.addAll(joins ? segments.subList(1, segments.size()) : segments);
    return new AsPath(next);
  }

  /** With {@code by} wherever {@code as} is. */
  public AsPath replaced(long as, long by) {
    if (!contains(as)) {
      return this;
    }
    List<Segment> next = new ArrayList<>(segments.size());
    for (Segment segment : segments) {
      int[] numbers = segment.numbers().clone();
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = segment.as(i) == as ? (int) by : numbers[i];
      }
      next.add(new Segment(segment.kind(), numbers));
    }
    return new AsPath(next);
  }

  /** Without the numbers of RFC 6996. */
  public AsPath withoutPrivate() {
    List<Segment> next = new ArrayList<>(segments.size());
    for (Segment segment : segments) {
      int[] numbers = Arrays.stream(segment.numbers())
          .filter(number -> !isPrivate(number & 0xffff_ffffL))
          .toArray();
      if (numbers.length > 0) {
        next.add(new Segment(segment.kind(), numbers));
      }
    }
    return new AsPath(next);
  }

  private static boolean isPrivate(long as) {
    return as >= 64512 && as <= 65534 || as >= 4200000000L && as <= 4294967294L;
  }

  /** Segments separated by a blank; empty for the empty path. */
  @Override
  public String toString() {
    return String.join(" ", segments.stream().map(Segment::toString).toList());
  }
}
