package dev.catwalk.bgp.mrt;

import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The path attributes of a route as they were heard.
 *
 * @param origin as on the wire, 0 to 2; {@link #ABSENT}
 * @param asPath with what AS4_PATH adds to it (RFC 6793 §4.2.3)
 * @param nextHop of MP_REACH_NLRI where there is one
 * @param med 0..2^32-1, or {@link #ABSENT}; {@code localPref} too
 * @param aggregatorAs {@link #ABSENT} where there is none
 * @param communities in text
 * @param others by type, in hexadecimal digits: those not named above
 */
public record MrtAttributes(
    int origin,
    List<Segment> asPath,
    @Nullable IpAddress nextHop,
    long med,
    long localPref,
    boolean atomicAggregate,
    long aggregatorAs,
    @Nullable IpAddress aggregator,
    List<String> communities,
    List<String> largeCommunities,
    @Nullable IpAddress originator,
    List<IpAddress> clusters,
    SortedMap<Integer, String> others) {
  public static final int ABSENT = -1;

  static final MrtAttributes NONE = new MrtAttributes(
      ABSENT,
      List.of(),
      null,
      ABSENT,
      ABSENT,
      false,
      ABSENT,
      null,
      List.of(),
      List.of(),
      null,
      List.of(),
      Collections.emptySortedMap());

  private static final int SET = 1;
  private static final int SEQUENCE = 2;
  private static final int CONFED_SEQUENCE = 3;
  private static final int CONFED_SET = 4;

  /** A part of an AS_PATH: its type on the wire, and its numbers. */
  public record Segment(int type, List<Long> numbers) {
    public Segment {
      numbers = List.copyOf(numbers);
    }

    int length() {
      return switch (type) {
        case SET -> 1;
        case CONFED_SEQUENCE, CONFED_SET -> 0;
        default -> numbers.size();
      };
    }

    /** {@code 64601 65001}, <code>{64601,65001}</code>, {@code (65001)}, {@code [65001,65002]}. */
    @Override
    public String toString() {
      return switch (type) {
        case SET -> "{" + join(",") + "}";
        case CONFED_SEQUENCE -> "(" + join(" ") + ")";
        case CONFED_SET -> "[" + join(",") + "]";
        default -> join(" ");
      };
    }

    private String join(String between) {
      StringBuilder text = new StringBuilder();
      for (long number : numbers) {
        text.append(text.isEmpty() ? "" : between).append(number);
      }
      return text.toString();
    }
  }

  public MrtAttributes {
    asPath = List.copyOf(asPath);
    communities = List.copyOf(communities);
    largeCommunities = List.copyOf(largeCommunities);
    clusters = List.copyOf(clusters);
    others = Collections.unmodifiableSortedMap(new TreeMap<>(others));
  }

  /** Its segments, separated by a blank. */
  public String asPathText() {
    return String.join(" ", asPath.stream().map(Segment::toString).toList());
  }

  /** Reads them one by one. */
  static final class Builder {
    private int origin = ABSENT;
    private List<Segment> asPath = List.of();
    private List<Segment> as4Path = List.of();
    private @Nullable IpAddress nextHop;
    private boolean hasMpNextHop;
    private long med = ABSENT;
    private long localPref = ABSENT;
    private boolean atomicAggregate;
    private long aggregatorAs = ABSENT;
    private @Nullable IpAddress aggregator;
    private long as4AggregatorAs = ABSENT;
    private @Nullable IpAddress as4Aggregator;
    private final List<String> communities = new ArrayList<>(0);
    private final List<String> largeCommunities = new ArrayList<>(0);
    private @Nullable IpAddress originator;
    private final List<IpAddress> clusters = new ArrayList<>(0);
    private final TreeMap<Integer, String> others = new TreeMap<>();

    void mpNextHop(@Nullable IpAddress address) {
      if (address != null) {
        nextHop = address;
        hasMpNextHop = true;
      }
    }

    /** One that is not MP_REACH_NLRI or MP_UNREACH_NLRI. */
    void add(int type, Span value, boolean fourByteAs) throws MrtException {
      switch (type) {
        case 1 -> origin = value.u8("ORIGIN");
        case 2 -> asPath = segments(value, fourByteAs);
        case 3 -> {
          IpAddress classic = value.address(value.left() == 16, "NEXT_HOP");
          nextHop = hasMpNextHop ? nextHop : classic;
        }
        case 4 -> med = value.u32("MULTI_EXIT_DISC");
        case 5 -> localPref = value.u32("LOCAL_PREF");
        case 6 -> atomicAggregate = true;
        case 7 -> {
          aggregatorAs = value.as(value.left() == 8, "AGGREGATOR");
          aggregator = value.address(false, "AGGREGATOR");
        }
        case 8 -> {
          while (!value.isEmpty()) {
            communities.add(Words.community(value.u32("COMMUNITIES")));
          }
        }
        case 9 -> originator = value.address(false, "ORIGINATOR_ID");
        case 10 -> {
          while (!value.isEmpty()) {
            clusters.add(value.address(false, "CLUSTER_LIST"));
          }
        }
        case 17 -> as4Path = segments(value, true);
        case 18 -> {
          as4AggregatorAs = value.u32("AS4_AGGREGATOR");
          as4Aggregator = value.address(false, "AS4_AGGREGATOR");
        }
        case 32 -> {
          while (!value.isEmpty()) {
            String what = "LARGE_COMMUNITY";
            largeCommunities.add(value.u32(what) + ":" + value.u32(what) + ":" + value.u32(what));
          }
        }
        default -> others.put(type, HexFormat.of().formatHex(value.rest()));
      }
    }

    private static List<Segment> segments(Span value, boolean fourByteAs) throws MrtException {
      List<Segment> segments = new ArrayList<>(1);
      while (!value.isEmpty()) {
        int type = value.u8("AS_PATH");
        int count = value.u8("AS_PATH");
        if (type < SET || type > CONFED_SET) {
          throw new MrtException("AS_PATH has a segment of type " + type);
        }
        Span part = value.part(count * (fourByteAs ? 4 : 2), "AS_PATH");
        List<Long> numbers = new ArrayList<>(count);
        while (!part.isEmpty()) {
          numbers.add(part.as(fourByteAs, "AS_PATH"));
        }
        segments.add(new Segment(type, numbers));
      }
      return segments;
    }

    /** The front of AS_PATH, as far as it is longer, and then AS4_PATH. */
    private List<Segment> merged() {
      int extra = length(asPath) - length(as4Path);
      if (as4Path.isEmpty() || extra < 0) {
        return asPath;
      }
      List<Segment> all = new ArrayList<>();
      for (Segment segment : asPath) {
        if (extra <= 0) {
          break;
        }
        if (segment.type == SEQUENCE && segment.length() > extra) {
          all.add(new Segment(SEQUENCE, segment.numbers.subList(0, extra)));
          extra = 0;
        } else {
          all.add(segment);
          extra -= segment.length();
        }
      }
      Segment first = as4Path.getFirst();
      if (!all.isEmpty() && all.getLast().type == SEQUENCE && first.type == SEQUENCE) {
        List<Long> both = new ArrayList<>(all.removeLast().numbers);
        both.addAll(first.numbers);
        all.add(new Segment(SEQUENCE, both));
        all.addAll(as4Path.subList(1, as4Path.size()));
      } else {
        all.addAll(as4Path);
      }
      return all;
    }

    private static int length(List<Segment> path) {
      return path.stream().mapToInt(Segment::length).sum();
    }

    MrtAttributes build() {
      boolean wide = as4Aggregator != null && aggregatorAs == Words.AS_TRANS;
      return new MrtAttributes(
          origin,
          merged(),
          nextHop,
          med,
          localPref,
          atomicAggregate,
          wide ? as4AggregatorAs : aggregatorAs,
          wide ? as4Aggregator : aggregator,
          communities,
          largeCommunities,
          originator,
          clusters,
          others);
    }
  }
}
