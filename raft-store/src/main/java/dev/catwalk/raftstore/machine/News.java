package dev.catwalk.raftstore.machine;

import dev.catwalk.raftstore.machine.Change.Committed;
import java.util.ArrayList;
import java.util.List;

/**
 * What a member tells a client of the store that follows it: the changes after the state that the
 * client is in, or why it gets none.
 *
 * @param origin of the store, 16 hex digits; empty if nothing was ever written to it
 * @param leader name of the member that leads; empty if none is known
 * @param quorum whether a majority answers, as far as the member has heard lately
 * @param hash the first 64 bits of the state hash behind the last change
 * @param changes in order, the first one next to the client's state; none may be there
 */
public record News(
    Kind kind, String origin, String leader, boolean quorum, long hash, List<Committed> changes) {

  /** What is to be done about the client's state. */
  public enum Kind {
    /** Go on with the changes. */
    CHANGES(0),
    /** The member no longer holds what came next: begin anew with its whole state. */
    FETCH(1),
    /** Stop: the client's state is of another store. */
    OTHER_STORE(2),
    /** Ask others: at the client's revision the member was in another state. */
    DIFFERS(3);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    static Kind of(int code) {
      for (Kind kind : values()) {
        if (kind.code == code) {
          return kind;
        }
      }
      throw new MalformedException("news of kind " + code + " are unknown");
    }
  }

  /**
   * What a client says of itself when it asks.
   *
   * @param origin of its store; empty if it knows nothing yet
   * @param at its state
   * @param atOnce answer even if there is nothing new
   */
  public record Ask(String origin, StateMark at, boolean atOnce) {
    /** As it goes to the member. */
    public byte[] bytes() {
      return new Sink(48)
          .text(origin)
          .u64(at.revision())
          .u64(at.hash())
          .u8(atOnce ? 1 : 0)
          .bytes();
    }

    /**
     * Reads what {@link #bytes} wrote.
     *
     * @throws MalformedException if it is something else
     */
    public static Ask of(byte[] bytes) {
      Source in = new Source(bytes);
      Ask ask = new Ask(in.text(), new StateMark(in.u64(), in.u64()), in.u8() != 0);
      in.end();
      return ask;
    }
  }

  public News {
    changes = List.copyOf(changes);
  }

  /** As it goes to every client that is in the same state. */
  public byte[] bytes() {
    int size = changes.stream().mapToInt(News::size).sum();
    Sink out = new Sink(64 + size)
        .u8(kind.code)
        .text(origin)
        .text(leader)
        .u8(quorum ? 1 : 0)
        .u64(hash)
        .u64(changes.isEmpty() ? 0 : changes.getFirst().revision())
        .u32(changes.size());
    for (Committed change : changes) {
      out.text(change.machine()).blob(change.command()).blob(change.outcome());
    }
    return out.bytes();
  }

  /** About so many bytes a change takes. */
  public static int size(Committed change) {
    return 24 + change.machine().length() + change.command().length + change.outcome().length;
  }

  /**
   * Reads what {@link #bytes} wrote.
   *
   * @throws MalformedException if it is something else
   */
  public static News of(byte[] bytes) {
    Source in = new Source(bytes);
    Kind kind = Kind.of(in.u8());
    String origin = in.text();
    String leader = in.text();
    boolean quorum = in.u8() != 0;
    long hash = in.u64();
    long revision = in.u64();
    List<Committed> changes = new ArrayList<>();
    for (int left = in.count(12); left > 0; left--) {
      changes.add(new Committed(revision++, in.text(), in.blob(), in.blob()));
    }
    in.end();
    return new News(kind, origin, leader, quorum, hash, changes);
  }
}
