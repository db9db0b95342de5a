package dev.catwalk.raftstore.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.raftstore.machine.Frame;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.LeaseCommand;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogClockTest {
  private final KvMachine kv = new KvMachine();
  private final LocalReplica replica = new LocalReplica(List.of(kv), Runnable::run);
  private final LogClock clock = new LogClock(replica, 9);
  private long index;

  private void say(LeaseCommand command) {
    Frame.Item item = new Frame.Item(++index, KvMachine.NAME, command.encode());
    replica.apply(index, new Frame(5, index, List.of(item)).encode());
  }

  /** What a leader writes: its number, and the milliseconds; or nothing. */
  private String tick(long term, long nowMs) {
    byte[] frame = clock.tick(term, nowMs);
    if (frame == null) {
      return "nothing";
    }
    Frame decoded = Frame.decode(frame);
    Frame.Item item = decoded.items().getFirst();
    assertEquals(decoded.answered(), item.sequence(), "what was said before is answered");
    return item.sequence() + ": "
        + ((LeaseCommand.Elapse) LeaseCommand.decode(item.command())).elapsedMs();
  }

  @Test
  void aLeaderSaysWhatPassedWhileItLedAndSomethingWaited() {
    assertEquals("nothing", tick(1, 5000));
    assertEquals("nothing", tick(1, 9000), "nothing waits");
    say(new LeaseCommand.Grant(7, 60_000));
    assertEquals("nothing", tick(1, 9500), "less than a period");
    assertEquals("1: 1100", tick(1, 10_100));
    assertEquals("nothing", tick(1, 12_000), "that is under way");
    clock.answered();
    assertEquals("2: 2000", tick(1, 12_100));
    assertEquals("3: 5000", tick(1, 17_100), "lost, or to be committed");
    assertEquals("nothing", tick(3, 60_000), "it has begun to lead again");
    assertEquals("4: 1000", tick(3, 61_000), "others may have led meanwhile");
    clock.answered();
    say(new LeaseCommand.Revoke(7));
    assertEquals("nothing", tick(3, 90_000));
    say(new LeaseCommand.Grant(8, 60_000));
    assertEquals("5: 1000", tick(3, 91_000), "not what passed while nothing waited");
  }
}
