package dev.catwalk.raftstore.atomix;

import io.atomix.protocols.raft.protocol.AppendRequest;
import io.atomix.protocols.raft.protocol.AppendResponse;
import io.atomix.protocols.raft.protocol.RaftResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;

/**
 * An append without entries and its answer, as fixed numbers: it is all that members at rest say to
 * each other, several times a second. Term, entry before and its term, commit (u64 each), then the
 * leader's name. The answer: term, last entry (u64 each), 1 if it succeeded (u8).
 */
final class Heartbeat {
  private static final int REQUEST = 4 * Long.BYTES;
  private static final int ANSWER = 2 * Long.BYTES + 1;

  private Heartbeat() {}

  /** Of an append that has no entries. */
  static byte[] encode(AppendRequest request) {
    assert request.entries().isEmpty() : request;
    byte[] leader = request.leader().id().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(REQUEST + leader.length)
        .putLong(request.term())
        .putLong(request.prevLogIndex())
        .putLong(request.prevLogTerm())
        .putLong(request.commitIndex())
        .put(leader)
        .array();
  }

  /**
   * Reads what {@link #encode(AppendRequest)} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  static AppendRequest request(byte[] body) {
    if (body.length <= REQUEST) {
      throw new IllegalArgumentException("a heartbeat of " + body.length + " bytes is too short");
    }
    ByteBuffer in = ByteBuffer.wrap(body);
    long term = in.getLong();
    long previous = in.getLong();
    long previousTerm = in.getLong();
    long commit = in.getLong();
    String leader = new String(body, REQUEST, body.length - REQUEST, StandardCharsets.UTF_8);
    return new AppendRequest(term, leader, previous, previousTerm, new ArrayList<>(), commit);
  }

  /**
   * Of an answer.
   *
   * @throws IllegalStateException if the member could not judge the request: then it has no answer
   */
  static byte[] encode(RaftResponse response) {
    if (response.status() != RaftResponse.Status.OK
        || !(response instanceof AppendResponse answer)) {
      throw new IllegalStateException("this member takes no append: " + response.error());
    }
    return ByteBuffer.allocate(ANSWER)
        .putLong(answer.term())
        .putLong(answer.lastLogIndex())
        .put((byte) (answer.succeeded() ? 1 : 0))
        .array();
  }

  /**
   * Reads what {@link #encode(RaftResponse)} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  static AppendResponse answer(byte[] body) {
    if (body.length != ANSWER) {
      throw new IllegalArgumentException("a heartbeat's answer has " + ANSWER + " bytes");
    }
    ByteBuffer in = ByteBuffer.wrap(body);
    long term = in.getLong();
    long last = in.getLong();
    return new AppendResponse(RaftResponse.Status.OK, null, term, in.get() == 1, last);
  }
}
