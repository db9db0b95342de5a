package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.machine.Command.AskAddress;
import dev.catwalk.ipam.machine.Command.AssignAddress;
import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Command.CreatePools;
import dev.catwalk.ipam.machine.Command.DeletePool;
import dev.catwalk.ipam.machine.Command.Exactly;
import dev.catwalk.ipam.machine.Command.ForgetName;
import dev.catwalk.ipam.machine.Command.FromPools;
import dev.catwalk.ipam.machine.Command.GiveBack;
import dev.catwalk.ipam.machine.Command.Most;
import dev.catwalk.ipam.machine.Command.OfPast;
import dev.catwalk.ipam.machine.Command.RecordAllocations;
import dev.catwalk.ipam.machine.Command.RegisterNode;
import dev.catwalk.ipam.machine.Command.ReleaseBlock;
import dev.catwalk.ipam.machine.Command.ReleaseByHandle;
import dev.catwalk.ipam.machine.Command.SetPool;
import dev.catwalk.ipam.machine.Command.SplitPool;
import dev.catwalk.ipam.machine.Command.SucceedNode;
import dev.catwalk.ipam.machine.Command.UnassignAddress;
import dev.catwalk.ipam.machine.Command.Wanted;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.Prefix;

/** Commands as bytes: format version, kind, fields in the order of their records. */
public final class CommandCodec {
  static final int VERSION = 1;

  private CommandCodec() {}

  public static byte[] encode(Command command) {
    Sink out = new Sink(128).u8(VERSION);
    switch (command) {
      case CreatePools c -> {
        out.u8(1).u32(c.pools().size());
        c.pools().forEach(pool -> pool(pool, out));
        out.flag(c.onlyIfNone());
      }
      case DeletePool c -> out.u8(2).text(c.name());
      case RegisterNode c -> out.u8(3).node(c.node());
      case ClaimBlock c -> {
        boolean any = c.most().equals(Most.ANY);
        out.u8(any ? 4 : 13).node(c.owner());
        wanted(c.wanted(), out);
        out.u64(c.requestId());
        if (!any) {
          out.u32(c.most().blocks()).u32(c.most().ofPool());
        }
      }
      case ReleaseBlock c -> out.u8(5).node(c.owner()).prefix(c.block()).flag(c.evenIfUsed());
      case RecordAllocations c -> {
        boolean any = c.claimedAt() == RecordAllocations.ANY_CLAIM;
        out.u8(any ? 6 : 12).node(c.owner()).prefix(c.block());
        if (!any) {
          out.u64(c.claimedAt());
        }
        out.u64(c.firstSequence());
        out.u32(c.changes().size());
        c.changes().forEach(out::change);
      }
      case ReleaseByHandle c -> out.u8(7).handle(c.handle());
      case GiveBack c -> {
        out.u8(8).node(c.owner()).prefix(c.block()).u64(c.claimedAt()).u64(c.recorded());
      }
      case SetPool c -> pool(c.pool(), out.u8(9));
      case SucceedNode c -> out.u8(11).node(c.node()).node(c.before());
      case AskAddress c -> {
        out.u8(14).node(c.asker()).u8(c.family().bytes()).u32(c.pools().size());
        c.pools().forEach(out::text);
        out.nameIfAny(c.name()).ipIfAny(c.wanted()).flag(c.ofOthers()).u64(c.requestId());
      }
      case ForgetName c -> out.u8(15).name(c.name());
      case AssignAddress c -> {
        out.u8(16).assignee(c.to()).u32(c.pools().size());
        c.pools().forEach(out::text);
        out.u32(c.reserved().size());
        c.reserved().forEach(out::prefix);
        out.ipIfAny(c.wanted()).u64(c.atMs());
      }
      case UnassignAddress c -> out.u8(17).assignee(c.from());
      case SplitPool c -> out.u8(10).text(c.name()).u8(c.parts());
    }
    return out.bytes();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IllegalArgumentException naming the place
   */
  public static Command decode(byte[] bytes) {
    Source in = new Source(bytes);
    in.version(VERSION, "ipam command");
    int kind = in.u8();
    Command command = switch (kind) {
      case 1 -> new CreatePools(in.list(() -> pool(in)), in.flag());
      case 2 -> new DeletePool(in.text());
      case 3 -> new RegisterNode(in.node());
      case 4 -> new ClaimBlock(in.node(), wanted(in), in.u64());
      case 5 -> new ReleaseBlock(in.node(), in.prefix(), in.flag());
      case 6 -> new RecordAllocations(in.node(), in.prefix(), in.u64(), in.list(in::change));
      case 7 -> new ReleaseByHandle(in.handle());
      case 8 -> new GiveBack(in.node(), in.prefix(), in.u64(), in.u64());
      case 9 -> new SetPool(pool(in));
      case 12 ->
        new RecordAllocations(in.node(), in.prefix(), in.u64(), in.u64(), in.list(in::change));
      case 13 -> new ClaimBlock(in.node(), wanted(in), in.u64(), new Most(in.u32(), in.u32()));
      case 14 ->
        new AskAddress(
            in.node(),
            in.family(),
            in.list(in::text),
            in.nameIfAny(),
            in.ipIfAny(),
            in.flag(),
            in.u64());
      case 15 -> new ForgetName(in.name());
      case 16 ->
        new AssignAddress(
            in.assignee(), in.list(in::text), in.list(in::prefix), in.ipIfAny(), in.u64());
      case 17 -> new UnassignAddress(in.assignee());
      case 11 -> new SucceedNode(in.node(), in.node());
      case 10 -> new SplitPool(in.text(), in.u8());
      default -> throw new IllegalArgumentException("ipam command " + kind + " is unknown");
    };
    in.end();
    return command;
  }

  static void pool(Pool pool, Sink out) {
    out.text(pool.name()).prefix(pool.cidr()).u8(pool.blockSize());
    out.flag(pool.natOutgoing()).u8((pool.disabled() ? 1 : 0) | (pool.declared() ? 2 : 0));
  }

  static Pool pool(Source in) {
    String name = in.text();
    Prefix cidr = in.prefix();
    int blockSize = in.u8();
    boolean natOutgoing = in.flag();
    int marks = in.u8();
    if (marks > 3) {
      throw new IllegalArgumentException("pool " + name + " has marks " + marks + ", want 0 to 3");
    }
    return new Pool(name, cidr, blockSize, natOutgoing, (marks & 1) != 0, (marks & 2) != 0);
  }

  private static void wanted(Wanted wanted, Sink out) {
    switch (wanted) {
      case FromPools from -> {
        out.u8(1).u32(from.names().size());
        from.names().forEach(out::text);
      }
      case Exactly exactly -> out.u8(2).prefix(exactly.cidr());
      case OfPast past -> out.u8(3).prefix(past.cidr()).node(past.before());
    }
  }

  private static Wanted wanted(Source in) {
    int kind = in.u8();
    return switch (kind) {
      case 1 -> new FromPools(in.list(in::text));
      case 2 -> new Exactly(in.prefix());
      case 3 -> new OfPast(in.prefix(), in.node());
      default -> throw new IllegalArgumentException("wanted block " + kind + " is unknown");
    };
  }
}
