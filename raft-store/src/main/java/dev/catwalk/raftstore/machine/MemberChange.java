package dev.catwalk.raftstore.machine;

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

  /** As members tell it to each other. */
  default byte[] bytes() {
    Sink out = new Sink(64);
    switch (this) {
      case Join join -> out.u8(0).text(join.name()).text(join.address()).text(join.replaces());
      case Leave leave -> out.u8(1).text(leave.name());
      case Move move -> out.u8(2).text(move.name()).text(move.address());
      case Need need -> out.u8(3).u32(need.format());
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
      default -> throw new MalformedException("this program does not know such a change");
    };
    in.end();
    return change;
  }
}
