package dev.catwalk.ipam.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.catwalk.ipam.machine.Command.AssignAddress;
import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Command.CreatePools;
import dev.catwalk.ipam.machine.Command.Exactly;
import dev.catwalk.ipam.machine.Command.FromPools;
import dev.catwalk.ipam.machine.Command.RegisterNode;
import dev.catwalk.ipam.machine.Command.UnassignAddress;
import dev.catwalk.ipam.machine.Outcome.Assigned;
import dev.catwalk.ipam.machine.Outcome.Granted;
import dev.catwalk.ipam.machine.Outcome.Reason;
import dev.catwalk.ipam.machine.Outcome.Refused;
import dev.catwalk.ipam.machine.Outcome.Unassigned;
import dev.catwalk.ipam.model.Assignee;
import dev.catwalk.ipam.model.Assignee.Use;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Addresses of services, and of nodes for themselves: of the log alone, never a node's to give. */
class AssigningTest {
  private static final NodeEpoch NODE = new NodeEpoch("node1", 1);
  private static final Prefix FIRST = Prefix.parse("10.9.0.0/30");

  private IpamState state = IpamState.empty();
  private long revision;

  private Outcome apply(Command command) {
    assertEquals(command, CommandCodec.decode(CommandCodec.encode(command)));
    Applied applied = Ipam.apply(state, ++revision, command);
    state = applied.next();
    assertEquals(applied.outcome(), OutcomeCodec.decode(OutcomeCodec.encode(applied.outcome())));
    assertEquals(state, SnapshotCodec.decode(SnapshotCodec.encode(state)));
    return applied.outcome();
  }

  private static Assignee service(String name) {
    return new Assignee(Use.SERVICE, "shop", name, Family.IPV4);
  }

  private Outcome assign(Assignee to, @Nullable String wanted, String... reserved) {
    List<Prefix> apart = List.of(reserved).stream().map(Prefix::parse).toList();
    IpAddress ip = wanted == null ? null : IpAddress.parse(wanted);
    return apply(new AssignAddress(to, List.of("lb"), apart, ip, 7));
  }

  private String ipOf(Outcome outcome) {
    return assertInstanceOf(Assigned.class, outcome).ip().toString();
  }

  private Reason refused(Outcome outcome) {
    return assertInstanceOf(Refused.class, outcome).reason();
  }

  @BeforeEach
  void twoBlocksAndAPoolForPods() {
    Pool services = new Pool("lb", Prefix.parse("10.9.0.0/29"), 30, false, false);
    Pool pods = new Pool("pods", Prefix.parse("10.8.0.0/24"), 28, false, false);
    apply(new CreatePools(List.of(services, pods), false));
    apply(new RegisterNode(NODE));
  }

  @Test
  void whoeverHasOneKeepsItAndNobodyElseGetsIt() {
    assertEquals("10.9.0.1", ipOf(assign(service("a"), null)));
    assertEquals("10.9.0.2", ipOf(assign(service("b"), null)));
    assertEquals("10.9.0.1", ipOf(assign(service("a"), null)));
    assertEquals("10.9.0.1", ipOf(assign(service("a"), "10.9.0.1")));
    assertEquals(Reason.CONFLICT, refused(assign(service("a"), "10.9.0.3")));
    assertEquals(Reason.CONFLICT, refused(assign(service("c"), "10.9.0.2")));
    assertEquals("10.9.0.6", ipOf(assign(service("c"), "10.9.0.6")));
    assertEquals(
        "shop/b", state.holderOf(IpAddress.parse("10.9.0.2")).allocation().owner());
    for (String left : List.of("10.9.0.3", "10.9.0.5", "10.9.0.7")) {
      assertEquals(left, ipOf(assign(service("of" + left), null)));
    }
    assertEquals(Reason.EXHAUSTED, refused(assign(service("last"), null)));
    assertEquals(
        new Unassigned(service("b"), IpAddress.parse("10.9.0.2")),
        apply(new UnassignAddress(service("b"))));
    assertEquals("10.9.0.2", ipOf(assign(service("last"), null)));
    assertEquals(Reason.CONFLICT, refused(apply(new UnassignAddress(service("b")))));
  }

  @Test
  void aNodeHasOneForItselfBesideAServiceOfItsName() {
    Assignee node = new Assignee(Use.NODE, "", "shop.a", Family.IPV4);
    assertEquals("10.9.0.1", ipOf(assign(node, null)));
    assertEquals("10.9.0.2", ipOf(assign(service("a"), null)));
    apply(new UnassignAddress(node));
    assertEquals("10.9.0.2", ipOf(assign(service("a"), null)));
  }

  @Test
  void itsBlocksAreNoNodesAndComeBackToThePool() {
    assign(service("a"), null);
    assertEquals(Reason.CONFLICT, refused(apply(new ClaimBlock(NODE, new Exactly(FIRST), 1))));
    Granted other = assertInstanceOf(
        Granted.class, apply(new ClaimBlock(NODE, new FromPools(List.of("lb")), 2)));
    assertEquals(Prefix.parse("10.9.0.4/30"), other.block());
    assertEquals(Reason.NOT_OWNER, refused(assign(service("b"), "10.9.0.5")));
    assertEquals(Reason.UNKNOWN_POOL, refused(assign(service("b"), "10.8.0.5")));
    apply(new UnassignAddress(service("a")));
    assertNull(state.block(FIRST));
    assertInstanceOf(Granted.class, apply(new ClaimBlock(NODE, new Exactly(FIRST), 3)));
  }

  /** And a block with nothing else in it stays the pool's. */
  @Test
  void whatIsReservedIsOnlyGivenByName() {
    assertEquals("10.9.0.5", ipOf(assign(service("a"), null, "10.9.0.0/30")));
    assertNull(state.block(FIRST));
    assertEquals("10.9.0.2", ipOf(assign(service("b"), "10.9.0.2", "10.9.0.0/30")));
  }

  @Test
  void noNodeIsTheClusterItself() {
    assertEquals(Reason.MALFORMED, refused(apply(new RegisterNode(Assignee.OWNER))));
    assertNull(state.nodes().get(Assignee.OWNER.node()));
  }
}
