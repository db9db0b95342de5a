package dev.catwalk.felix.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.catwalk.ipam.machine.AddressRequest;
import dev.catwalk.ipam.machine.Change.Allocated;
import dev.catwalk.ipam.machine.Command;
import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Command.CreatePools;
import dev.catwalk.ipam.machine.Command.Exactly;
import dev.catwalk.ipam.machine.Command.FromPools;
import dev.catwalk.ipam.machine.Command.RecordAllocations;
import dev.catwalk.ipam.machine.Command.RegisterNode;
import dev.catwalk.ipam.machine.Command.ReleaseByHandle;
import dev.catwalk.ipam.machine.Grants;
import dev.catwalk.ipam.machine.Ipam;
import dev.catwalk.ipam.machine.Ledger;
import dev.catwalk.ipam.machine.Outcome;
import dev.catwalk.ipam.machine.Outcome.Granted;
import dev.catwalk.ipam.machine.Outcome.Refused;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.Held;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Calico's tables of released addresses and of claimed ranges, row by row in their order: a row that
 * does not want a clean start goes on from the one before. What differs on purpose is in the module's
 * README.
 */
class CalicoTablesTest {
  private static final int CALICO_BLOCK_V4 = 26;
  private static final int CALICO_BLOCK_V6 = 122;

  private IpamState state = IpamState.empty();
  private long revision;

  private Outcome say(Command command) {
    var applied = Ipam.apply(state, ++revision, command);
    state = applied.next();
    return applied.outcome();
  }

  private static List<JsonNode> rows(String table) throws IOException {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("catwalk")) && root.getParent() != null) {
      root = root.getParent();
    }
    Path file = root.resolve("../shared/data/calico/ipam-tables.json").normalize();
    assumeTrue(Files.exists(file), "no public tables beside the checkout");
    List<JsonNode> rows = new ArrayList<>();
    for (JsonNode row : new ObjectMapper().readTree(Files.readString(file))) {
      if (row.path("table").asText().startsWith(table)) {
        rows.add(row);
      }
    }
    return rows;
  }

  private void clean(JsonNode pools) {
    state = IpamState.empty();
    List<Pool> all = new ArrayList<>();
    for (JsonNode pool : pools) {
      Prefix cidr = Prefix.parse(pool.asText());
      int size = cidr.family() == Family.IPV4 ? CALICO_BLOCK_V4 : CALICO_BLOCK_V6;
      all.add(new Pool("p" + all.size(), cidr, size, true, false));
    }
    say(new CreatePools(all, true));
  }

  private static NodeEpoch node(String name) {
    return new NodeEpoch(name, 1);
  }

  private static Handle handle(String name) {
    return new Handle(name, "eth0");
  }

  /**
   * Claims the block around an address, and the address in it: the next one where it is the block's
   * first, which is not handed out here.
   */
  private IpAddress assigned(String host, IpAddress wanted) {
    say(new RegisterNode(node(host)));
    Prefix block = Prefix.of(wanted, CALICO_BLOCK_V4);
    Ledger ledger = new Ledger(node(host));
    Outcome granted = say(new ClaimBlock(node(host), new Exactly(block), revision));
    ledger.onDisk(ledger.take(assertInstanceOf(Granted.class, granted)));
    boolean usable = Block.isUsable(block, wanted);
    assertEquals(usable, isGiven(ledger, wanted));
    assertTrue(usable || isGiven(ledger, wanted.plus(1)));
    return usable ? wanted : wanted.plus(1);
  }

  private boolean isGiven(Ledger ledger, IpAddress wanted) {
    Ledger.Decision decision = ledger.allocate(
        List.of(new AddressRequest(handle(wanted.toString()), Family.IPV4, wanted, "", "", 1)));
    ledger.onDisk(decision.entries());
    for (RecordAllocations b = ledger.nextBatch(); b != null; b = ledger.nextBatch()) {
      ledger.onDisk(ledger.answered(b, say(b)));
    }
    return decision.grants() instanceof Grants.All;
  }

  @Test
  void releasedAddresses() throws Exception {
    int rows = 0;
    for (JsonNode row : rows("ReleaseIPs")) {
      JsonNode args = row.path("args");
      if (args.path(1).asBoolean()) {
        clean(args.path(2));
      }
      List<IpAddress> releases = new ArrayList<>();
      if (args.path(3).isTextual()) {
        releases.add(assigned("host-a", IpAddress.parse(args.path(3).asText())));
      }
      for (int i = 0; i < args.path(4).asInt(); i++) {
        releases.add(automatically("host-a", i));
      }
      if (args.path(0).isTextual()) {
        releases.add(IpAddress.parse(args.path(0).asText()));
      }
      List<String> unallocated = new ArrayList<>();
      for (IpAddress ip : releases) {
        Held held = state.holderOf(ip);
        if (held == null) {
          unallocated.add(ip.toString());
        } else {
          say(new ReleaseByHandle(held.allocation().handle()));
          assertNull(state.holderOf(ip), row.path("name").asText());
        }
      }
      List<String> wanted = new ArrayList<>();
      args.path(5).forEach(ip -> wanted.add(ip.asText()));
      assertEquals(wanted, unallocated, row.path("name").asText());
      rows++;
    }
    assertEquals(6, rows);
  }

  /** Of the block that has one, else of a further one. */
  private IpAddress automatically(String host, int number) {
    say(new RegisterNode(node(host)));
    String name = "auto" + number;
    List<Block> own = state.blocksOf(node(host));
    if (own.isEmpty() || own.getLast().free() == 0) {
      say(new ClaimBlock(node(host), new FromPools(List.of("p0")), revision));
      own = state.blocksOf(node(host));
    }
    Block block = own.getLast();
    IpAddress next = block.cidr().at(1 + block.allocated());
    Outcome told = say(new RecordAllocations(
        node(host),
        block.cidr(),
        block.recorded() + 1,
        List.of(new Allocated(new Allocation(next, handle(name), "", "", 1)))));
    assertFalse(told instanceof Refused, told::toString);
    return next;
  }

  /** A range of several blocks is a claim of each. */
  @Test
  void claimedRanges() throws Exception {
    int rows = 0;
    for (JsonNode row : rows("ClaimAffinity")) {
      JsonNode args = row.path("args").path(0);
      String name = row.path("name").asText();
      if (args.path("cleanEnv").asBoolean()) {
        clean(args.path("pool"));
      }
      if (args.path("assignIP").isTextual()) {
        assigned("another", IpAddress.parse(args.path("assignIP").asText()));
      }
      String host = args.path("host").asText();
      say(new RegisterNode(node(host)));
      Prefix range = Prefix.parse(args.path("inNet").asText());
      int claimed = 0;
      int failed = 0;
      boolean tooSmall = range.length() > CALICO_BLOCK_V4;
      long blocks = tooSmall ? 1 : 1L << (CALICO_BLOCK_V4 - range.length());
      for (long i = 0; i < blocks; i++) {
        Prefix block = tooSmall ? range : Prefix.of(range.at(i << 6), CALICO_BLOCK_V4);
        Outcome said = say(new ClaimBlock(node(host), new Exactly(block), revision));
        claimed += said instanceof Granted ? 1 : 0;
        failed += said instanceof Refused && !tooSmall ? 1 : 0;
        assertEquals(args.path("expError").isObject(), tooSmall && said instanceof Refused, name);
      }
      assertEquals(args.path("expClaimedIPs").asInt(), claimed, name);
      assertEquals(args.path("expFailedIPs").asInt(), failed, name);
      rows++;
    }
    assertEquals(5, rows);
  }
}
