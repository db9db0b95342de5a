package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.model.Ask;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.Held;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.ipam.model.Registration;
import dev.catwalk.ipam.model.StickyName;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.net.tree.SortedTree;
import java.util.Map;

/**
 * The whole state as bytes: format version, then pools, registrations and blocks, each in key order.
 * Equal states give equal bytes, and bytes that are no state are refused whole. Where something is
 * set apart or asked for, that follows, and the version says so.
 */
public final class SnapshotCodec {
  static final int VERSION = 1;

  /** With what is set apart behind the blocks. */
  private static final int WITH_APART = 2;

  private SnapshotCodec() {}

  public static byte[] encode(IpamState state) {
    boolean plain =
        state.singles().isEmpty() && state.names().isEmpty() && state.asks().isEmpty();
    Sink out = new Sink(256 * (1 + state.blocks().size())).u8(plain ? VERSION : WITH_APART);
    out.u32(state.pools().size());
    for (Pool pool : state.pools().values()) {
      CommandCodec.pool(pool, out);
    }
    out.u32(state.nodes().size());
    for (Registration node : state.nodes().values()) {
      out.node(node.current()).u32(node.retired().size());
      node.retired().forEach(out::u64);
    }
    blocks(state.blocks(), out);
    if (!plain) {
      apart(state, out);
    }
    return out.bytes();
  }

  private static void blocks(SortedTree<Prefix, Block> blocks, Sink out) {
    out.u32(blocks.size());
    for (Block block : blocks.values()) {
      out.prefix(block.cidr()).text(block.pool()).node(block.owner());
      out.u64(block.requestId()).u64(block.claimedAt()).u64(block.recorded());
      out.u32(block.allocations().size());
      for (Held held : block.allocations().values()) {
        out.allocation(held.allocation()).u64(held.revision());
      }
    }
  }

  private static void apart(IpamState state, Sink out) {
    blocks(state.singles(), out);
    out.u32(state.names().size());
    for (Map.Entry<StickyName, IpAddress> kept : state.names()) {
      out.name(kept.getKey()).ip(kept.getValue());
    }
    out.u32(state.asks().size());
    for (Ask ask : state.asks().values()) {
      out.node(ask.asker().node()).u8(ask.asker().family().bytes()).prefix(ask.block());
      out.nameIfAny(ask.name()).ipIfAny(ask.wanted()).u64(ask.requestId()).flag(ask.declined());
    }
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IllegalArgumentException naming the place, or what cannot be together
   */
  public static IpamState decode(byte[] bytes) {
    Source in = new Source(bytes);
    int version = in.u8();
    require(
        version == VERSION || version == WITH_APART,
        "it has format version " + version + ", this program knows " + VERSION + " and "
            + WITH_APART);
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
    state = version == WITH_APART ? apart(state, in) : state;
    in.end();
    return state;
  }

  private static IpamState apart(IpamState state, Source in) {
    IpamState next = state;
    for (Block single : in.list(() -> block(in))) {
      Block around = next.blockAround(single.cidr().address());
      require(
          around != null
              && single.cidr().isHost()
              && Block.isUsable(around.cidr(), single.cidr().address())
              && around.pool().equals(single.pool())
              && !around.allocations().containsKey(single.cidr().address())
              && !next.isApart(single.cidr().address()),
          single.cidr() + " cannot be set apart");
      next = next.withSingle(single);
    }
    for (Map.Entry<StickyName, IpAddress> kept : in.list(() -> Map.entry(in.name(), in.ip()))) {
      require(
          next.blockAround(kept.getValue()) != null
              && !next.names().containsKey(kept.getKey())
              && next.nameOf(kept.getValue()) == null,
          kept.getValue() + " cannot be kept for " + kept.getKey());
      next = next.withName(kept.getKey(), kept.getValue());
    }
    for (Ask ask : in.list(() -> ask(in))) {
      require(!next.asks().containsKey(ask.asker()), ask.asker() + " asks twice");
      next = next.withAsk(ask);
    }
    return next;
  }

  private static Ask ask(Source in) {
    return new Ask(
        new Ask.Asker(in.node(), in.family()),
        in.prefix(),
        in.nameIfAny(),
        in.ipIfAny(),
        in.u64(),
        in.flag());
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
