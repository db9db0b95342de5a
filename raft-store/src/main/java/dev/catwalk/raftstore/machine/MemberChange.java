package dev.catwalk.raftstore.machine;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is to be changed about who is in a store, or may be; the same twice is the same as once.
 */
public sealed interface MemberChange {
  /** The member; empty where it is about all. */
  String name();

  /**
   * A member with an empty directory is taken in. It learns first, and votes when it knows what the
   * others know.
   *
   * @param address host:port
   * @param replaces a voter that leaves then; empty if none does
   */
  record Join(String name, String address, String replaces) implements MemberChange {}

  /** A member goes for good. */
  record Leave(String name) implements MemberChange {}

  /** A member is somewhere else now, with its disk or an empty one. */
  record Move(String name, String address) implements MemberChange {}

  /** Whoever is in the store, or comes to it, knows this format. */
  record Need(int format) implements MemberChange {
    @Override
    public String name() {
      return "";
    }
  }

  /**
   * A node is there, and may be chosen to vote: whoever leads keeps that in mind for a while. Nothing
   * is written.
   *
   * @param address host:port of its store
   * @param labels at most {@link Offer#MAX_LABELS}, by which voters are spread
   */
  record Offer(String name, String address, SortedMap<String, String> labels)
      implements MemberChange {
    public static final int MAX_LABELS = 8;

    /** Letters of a label's key, or its value, at most. */
    public static final int MAX_LENGTH = 256;

    public Offer {
      labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    }

    /** Whether it keeps to the limits. */
    public boolean bounded() {
      return labels.size() <= MAX_LABELS
          && name.length() <= MAX_LENGTH
          && address.length() <= 2 * MAX_LENGTH
          && labels.keySet().stream().allMatch(key -> key.length() <= MAX_LENGTH)
          && labels.values().stream().allMatch(value -> value.length() <= MAX_LENGTH);
    }

    private static Offer read(Source in) {
      String name = in.text();
      String address = in.text();
      TreeMap<String, String> labels = new TreeMap<>();
      for (int left = in.count(8); left > 0; left--) {
        labels.put(in.text(), in.text());
      }
      return new Offer(name, address, labels);
    }
  }

  /** As members tell it to each other. */
  default byte[] bytes() {
    Sink out = new Sink(64);
    switch (this) {
      case Join join -> out.u8(0).text(join.name()).text(join.address()).text(join.replaces());
      case Leave leave -> out.u8(1).text(leave.name());
      case Move move -> out.u8(2).text(move.name()).text(move.address());
      case Need need -> out.u8(3).u32(need.format());
      case Offer offer -> {
        out.u8(4).text(offer.name()).text(offer.address()).u32(offer.labels().size());
        offer.labels().forEach((key, value) -> out.text(key).text(value));
      }
    }
    return out.bytes();
  }

  /**
   * Reads what {@link #bytes} wrote.
   *
   * @throws MalformedException if it is something else
   */
  static MemberChange of(byte[] bytes) {
    Source in = new Source(bytes);
    MemberChange change = switch (in.u8()) {
      case 0 -> new Join(in.text(), in.text(), in.text());
      case 1 -> new Leave(in.text());
      case 2 -> new Move(in.text(), in.text());
      case 3 -> new Need(in.u32());
      case 4 -> Offer.read(in);
      default -> throw new MalformedException("this program does not know such a change");
    };
    in.end();
    return change;
  }
}
