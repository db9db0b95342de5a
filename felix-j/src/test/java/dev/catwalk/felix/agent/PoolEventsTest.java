package dev.catwalk.felix.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.felix.agent.PoolEvents.Event;
import dev.catwalk.ipam.machine.Command;
import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Command.CreatePools;
import dev.catwalk.ipam.machine.Command.FromPools;
import dev.catwalk.ipam.machine.Command.RegisterNode;
import dev.catwalk.ipam.machine.Command.ReleaseBlock;
import dev.catwalk.ipam.machine.Ipam;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import org.junit.jupiter.api.Test;

class PoolEventsTest {
  private static final NodeEpoch NODE = new NodeEpoch("node1", 1);

  private final PoolEvents events = new PoolEvents();
  private IpamState state = IpamState.empty();
  private long revision;

  private void say(Command command) {
    state = Ipam.apply(state, ++revision, command).next();
  }

  private void claim(int blocks) {
    for (int i = 0; i < blocks; i++) {
      say(new ClaimBlock(NODE, new FromPools(List.of("p")), revision + 1));
    }
  }

  /** Ten blocks of sixteen are no news, thirteen are, and each level is told once. */
  @Test
  void eachLevelIsToldOnceAndAgainAfterItWasLeft() {
    say(new CreatePools(
        List.of(new Pool("p", Prefix.parse("10.42.0.0/26"), 30, true, false)), true));
    say(new RegisterNode(NODE));
    assertEquals(List.of(), events.changes(state));
    claim(10);
    assertEquals(List.of(), events.changes(state));
    claim(3);
    assertEquals(List.of(new Event("p", 80, true)), events.changes(state));
    assertEquals(List.of(), events.changes(state));
    claim(2);
    assertEquals(List.of(new Event("p", 90, true)), events.changes(state));
    say(new ReleaseBlock(NODE, Prefix.parse("10.42.0.0/30"), false));
    assertEquals(List.of(new Event("p", 80, false)), events.changes(state));
    claim(2);
    assertEquals(
        List.of(new Event("p", 0, false)),
        events.changes(state),
        "no block is free any more: then addresses count, and none is used");
  }
}
