package dev.catwalk.raftstore.machine;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Who is in a store, and who of them votes. Two that follow one another differ by at most one voter,
 * so that each majority of the one has a member in common with each majority of the other.
 *
 * @param number 0 for the founders, one more with every change
 * @param seats by name
 * @param needs the format that whoever reads the log has to know; 0 where nobody has asked for one
 */
public record Roster(long number, SortedMap<String, Seat> seats, int needs) {
  /** Members of a store at most, those that learn included. */
  public static final int MAX_SEATS = 16;

  /** A majority of more would cost every write too much. */
  public static final int MAX_VOTERS = 9;

  /**
   * One member.
   *
   * @param address host:port
   * @param votes false while it learns what the others know
   * @param replaces name of the voter that leaves when this one votes; empty if none does
   */
  public record Seat(String address, boolean votes, String replaces) {}

  public Roster {
    seats = Collections.unmodifiableSortedMap(new TreeMap<>(seats));
  }

  /** Those that the configuration names, who all vote. */
  public static Roster founders(Map<String, String> addresses) {
    TreeMap<String, Seat> seats = new TreeMap<>();
    addresses.forEach((name, address) -> seats.put(name, new Seat(address, true, "")));
    return new Roster(0, seats, 0);
  }

  /** Names of those who vote, sorted. */
  public List<String> voters() {
    return seats.entrySet().stream()
        .filter(seat -> seat.getValue().votes())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Whether a member of this name votes. */
  public boolean votes(String name) {
    Seat seat = seats.get(name);
    return seat != null && seat.votes();
  }

  /** So many voters are a majority. */
  public int quorum() {
    return voters().size() / 2 + 1;
  }

  /** The next roster, with this seat. Whoever comes back takes the place that nobody else has. */
  public Roster with(String name, Seat seat) {
    TreeMap<String, Seat> next = seats.containsKey(name) ? new TreeMap<>(seats) : inNoPlaceOf(name);
    next.put(name, seat);
    return new Roster(number + 1, next, needs);
  }

  /** The next roster, without that member. */
  public Roster without(String name) {
    TreeMap<String, Seat> next = inNoPlaceOf(name);
    next.remove(name);
    return new Roster(number + 1, next, needs);
  }

  /** The seats, none in that member's place: else it would have to leave again if it came back. */
  private TreeMap<String, Seat> inNoPlaceOf(String name) {
    TreeMap<String, Seat> next = new TreeMap<>(seats);
    next.replaceAll((other, seat) ->
        seat.replaces().equals(name) ? new Seat(seat.address(), seat.votes(), "") : seat);
    return next;
  }

  /** The next roster, of the same members, who all have to know this format. */
  public Roster needing(int format) {
    return new Roster(number + 1, seats, format);
  }

  void encode(Sink out) {
    out.u64(number).u32(seats.size());
    seats.forEach((name, seat) ->
        out.text(name).text(seat.address()).u8(seat.votes() ? 1 : 0).text(seat.replaces()));
    if (needs > 0) { // Else it is as programs wrote it that knew of no need.
      out.u32(needs);
    }
  }

  static Roster decode(Source in) {
    long number = in.u64();
    TreeMap<String, Seat> seats = new TreeMap<>();
    for (int left = in.count(13); left > 0; left--) {
      seats.put(in.text(), new Seat(in.text(), in.u8() != 0, in.text()));
    }
    return new Roster(number, seats, in.atEnd() ? 0 : in.u32());
  }

  /** As members tell it to each other. */
  public byte[] bytes() {
    Sink out = new Sink(256);
    encode(out);
    return out.bytes();
  }

  /**
   * Reads what {@link #bytes} wrote.
   *
   * @throws MalformedException if it is something else
   */
  public static Roster of(byte[] bytes) {
    Source in = new Source(bytes);
    Roster roster = decode(in);
    in.end();
    return roster;
  }
}
