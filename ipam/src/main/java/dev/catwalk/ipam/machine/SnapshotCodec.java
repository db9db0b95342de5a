package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.Held;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.ipam.model.Registration;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.tree.SortedTree;

/**
 * The whole state as bytes: format version, then pools, registrations and blocks, each in key order.
 * Equal states give equal bytes, and bytes that are no state are refused whole.
 */
public final class SnapshotCodec {
  static final int VERSION = 1;

  private SnapshotCodec() {}

  public static byte[] encode(IpamState state) {
    Sink out = new Sink(256 * (1 + state.blocks().size())).u8(VERSION);
    out.u32(state.pools().size());
    for (Pool pool : state.pools().values()) {
      CommandCodec.pool(pool, out);
    }
    out.u32(state.nodes().size());
    for (Registration node : state.nodes().values()) {
      out.node(node.current()).u32(node.retired().size());
      node.retired().forEach(out::u64);
    }
    out.u32(state.blocks().size());
    for (Block block : state.blocks().values()) {
      out.prefix(block.cidr()).text(block.pool()).node(block.owner());
      out.u64(block.requestId()).u64(block.claimedAt()).u64(block.recorded());
      out.u32(block.allocations().size());
      for (Held held : block.allocations().values()) {
        out.allocation(held.allocation()).u64(held.revision());
      }
    }
    return out.bytes();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IllegalArgumentException naming the place, or what cannot be together
   */
  public static IpamState decode(byte[] bytes) {
    Source in = new Source(bytes);
    in.version(VERSION, "ipam snapshot");
    IpamState state = IpamState.empty();
    for (Pool pool : in.list(() -> CommandCodec.pool(in))) {
      require(
          state.poolOverlapping(pool.cidr()) == null && !state.pools().containsKey(pool.name()),
          "pool " + pool.name() + " is there twice or overlaps");
      state = state.withPool(pool);
    }
    for (Registration node : in.list(() -> registration(in))) {
      state = state.withNode(node);
    }
    for (Block block : in.list(() -> block(in))) {
      Pool pool = state.pools().get(block.pool());
      require(
          pool != null && pool.hasBlock(block.cidr()),
          "block " + block.cidr() + " is none of its pool");
      require(!state.blocks().containsKey(block.cidr()), "block " + block.cidr() + " comes twice");
      state = state.withBlock(block);
    }
    in.end();
    return state;
  }

  private static Registration registration(Source in) {
    NodeEpoch current = in.node();
    return new Registration(current, in.list(in::u64));
  }

  private static Block block(Source in) {
    Block block = new Block(
        in.prefix(), in.text(), in.node(), in.u64(), in.u64(), in.u64(), SortedTree.empty());
    SortedTree<IpAddress, Held> content = SortedTree.empty();
    for (Held held : in.list(() -> new Held(in.allocation(), in.u64()))) {
      IpAddress ip = held.allocation().ip();
      require(
          Block.isUsable(block.cidr(), ip) && !content.containsKey(ip),
          ip + " cannot be held in " + block.cidr());
      content = content.put(ip, held);
    }
    return block.with(block.recorded(), content);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException("ipam snapshot: " + otherwise);
    }
  }
}
