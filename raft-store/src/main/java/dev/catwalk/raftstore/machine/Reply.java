package dev.catwalk.raftstore.machine;

import java.util.ArrayList;
import java.util.List;

/** What became of one command of a {@link Frame}. */
public sealed interface Reply {
  /** Number of the command in its client. */
  long sequence();

  /** Applied, now or when it came first. */
  record Done(long sequence, Applied applied) implements Reply {}

  /** No machine has its name: nothing was applied. */
  record UnknownMachine(long sequence) implements Reply {}

  /** It came so late that its client has been answered or forgotten: nothing was applied. */
  record Forgotten(long sequence) implements Reply {}

  /** The bytes of a list of replies, for the way back to the client. */
  static byte[] encode(List<Reply> replies) {
    Sink out = new Sink(32 * replies.size()).u8(1).u32(replies.size());
    for (Reply reply : replies) {
      out.u64(reply.sequence());
      switch (reply) {
        case Done done ->
          out.u8(0).u64(done.applied().revision()).blob(done.applied().outcome());
        case UnknownMachine unknown -> out.u8(1);
        case Forgotten forgotten -> out.u8(2);
      }
    }
    return out.bytes();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws MalformedException naming the place
   */
  static List<Reply> decode(byte[] bytes) {
    Source in = new Source(bytes);
    in.version(1, "reply");
    List<Reply> replies = new ArrayList<>();
    for (int left = in.count(9); left > 0; left--) {
      long sequence = in.u64();
      int kind = in.u8();
      replies.add(
          switch (kind) {
            case 0 -> new Done(sequence, new Applied(in.u64(), in.blob()));
            case 1 -> new UnknownMachine(sequence);
            case 2 -> new Forgotten(sequence);
            default -> throw new MalformedException("reply " + kind + " is unknown");
          });
    }
    in.end();
    return replies;
  }
}
