package dev.catwalk.felix.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.ipam.machine.Change;
import dev.catwalk.ipam.machine.Command;
import dev.catwalk.ipam.machine.Command.AskAddress;
import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Command.Exactly;
import dev.catwalk.ipam.machine.Command.ForgetName;
import dev.catwalk.ipam.machine.Command.Most;
import dev.catwalk.ipam.machine.Command.RecordAllocations;
import dev.catwalk.ipam.machine.Outcome.Refused;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.StickyName;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.raftstore.atomix.Format;
import dev.catwalk.raftstore.store.StoreException;
import dev.catwalk.raftstore.store.StoreException.Kind;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class OlderMembersTest {
  private static final NodeEpoch NODE = new NodeEpoch("node1", 7);
  private static final Prefix BLOCK = Prefix.parse("10.42.0.0/24");
  private static final IpAddress IP = IpAddress.parse("10.42.0.1");

  private final StoreException refusal =
      new StoreException(Kind.REFUSED, "n3 runs an older program");
  private final StoreException nobody = new StoreException(Kind.NO_QUORUM, "no majority");

  @Test
  void thisProgramKnowsWhatItRequires() {
    assertTrue(OlderMembers.FORMAT <= Format.NEWEST);
  }

  @Test
  void whatAnOlderMemberWouldReadOtherwiseIsRefusedAndAClaimGoesWithoutItsLimits() {
    StickyName name = new StickyName("shop", "db-0", Family.IPV4);
    Command ask = new AskAddress(NODE, Family.IPV4, List.of("default"), name, null, false, 9);
    for (Command one : List.of(ask, new ForgetName(name))) {
      assertNull(OlderMembers.readable(one));
      Refused refused = assertInstanceOf(
          Refused.class,
          OlderMembers.unsaid(one, new CompletionException(refusal)).join());
      assertTrue(refused.what().contains("n3 runs an older program"));
      assertTrue(OlderMembers.unsaid(one, nobody).isCompletedExceptionally());
    }
    ClaimBlock limited = new ClaimBlock(NODE, new Exactly(BLOCK), 3, new Most(2, 1));
    assertEquals(new ClaimBlock(NODE, new Exactly(BLOCK), 3), OlderMembers.readable(limited));
  }

  @Test
  void aRecordOfAnAddressSetApartWaitsAndAnyOtherGoes() {
    Allocation a = new Allocation(IP, new Handle("c", "eth0"), "shop", "p", 1);
    Command old = new RecordAllocations(NODE, BLOCK, 1, List.of(new Change.Allocated(a)));
    assertEquals(old, OlderMembers.readable(old));
    Command apart =
        new RecordAllocations(NODE, BLOCK, 1, List.of(new Change.SetApart(IP, NODE, 9)));
    assertNull(OlderMembers.readable(apart));
    assertTrue(OlderMembers.unsaid(apart, refusal).isCompletedExceptionally());
  }
}
