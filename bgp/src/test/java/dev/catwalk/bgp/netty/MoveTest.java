package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is asked of a channel that is on no thread. */
class MoveTest {
  @Test
  void whatIsAskedOnTheWayIsDoneOnArrivalInOrder() {
    EmbeddedChannel channel = new EmbeddedChannel();
    Move move = new Move();
    List<String> done = new ArrayList<>();
    move.act(() -> done.add("before"));
    move.begin(channel, channel.eventLoop(), () -> done.add("there"));
    move.act(() -> done.add("first"));
    move.act(() -> done.add("second"));
    assertEquals(List.of("before"), done);
    assertTrue(move.isUnderWay());
    channel.runPendingTasks();
    assertFalse(move.isUnderWay());
    move.act(() -> done.add("after"));
    assertEquals(List.of("before", "first", "second", "there", "after"), done);
  }
}
