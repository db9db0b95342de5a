package dev.catwalk.felix.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.ipam.machine.Change.Allocated;
import dev.catwalk.ipam.machine.Command;
import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Command.CreatePools;
import dev.catwalk.ipam.machine.Command.FromPools;
import dev.catwalk.ipam.machine.Command.RecordAllocations;
import dev.catwalk.ipam.machine.Command.RegisterNode;
import dev.catwalk.ipam.machine.Command.SetPool;
import dev.catwalk.ipam.machine.Ipam;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import org.junit.jupiter.api.Test;

class PoolUseTest {
  private static final NodeEpoch NODE = new NodeEpoch("node1", 1);

  private IpamState state = IpamState.empty();
  private long revision;

  private void say(Command command) {
    state = Ipam.apply(state, ++revision, command).next();
  }

  @Test
  void blocksCountWhileSomeAreFreeThenAddresses() {
    Pool pool = new Pool("p", Prefix.parse("10.42.0.0/29"), 30, true, false);
    say(new CreatePools(List.of(pool), true));
    say(new RegisterNode(NODE));
    assertEquals(0, PoolUse.fullestPercent(state));
    say(new ClaimBlock(NODE, new FromPools(List.of("p")), 1));
    assertEquals(50, PoolUse.fullestPercent(state));
    say(new ClaimBlock(NODE, new FromPools(List.of("p")), 2));
    assertEquals(0, PoolUse.fullestPercent(state));
    Allocation one =
        new Allocation(IpAddress.parse("10.42.0.1"), new Handle("c", "eth0"), "shop", "p", 1);
    say(new RecordAllocations(NODE, Prefix.parse("10.42.0.0/30"), 1, List.of(new Allocated(one))));
    assertEquals(100.0 / 6, PoolUse.fullestPercent(state), 1e-9);
    say(new SetPool(pool.closed()));
    assertEquals(0, PoolUse.fullestPercent(state));
  }
}
