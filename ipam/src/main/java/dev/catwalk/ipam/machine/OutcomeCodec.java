package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.machine.Outcome.Asked;
import dev.catwalk.ipam.machine.Outcome.Assigned;
import dev.catwalk.ipam.machine.Outcome.BlockReleased;
import dev.catwalk.ipam.machine.Outcome.Granted;
import dev.catwalk.ipam.machine.Outcome.HandleReleased;
import dev.catwalk.ipam.machine.Outcome.NameForgotten;
import dev.catwalk.ipam.machine.Outcome.PoolDeleted;
import dev.catwalk.ipam.machine.Outcome.PoolsReady;
import dev.catwalk.ipam.machine.Outcome.Reason;
import dev.catwalk.ipam.machine.Outcome.Recorded;
import dev.catwalk.ipam.machine.Outcome.Refused;
import dev.catwalk.ipam.machine.Outcome.Registered;
import dev.catwalk.ipam.machine.Outcome.Unassigned;

/** Outcomes as bytes: format version, kind, fields in the order of their records. */
public final class OutcomeCodec {
  static final int VERSION = 1;

  private OutcomeCodec() {}

  public static byte[] encode(Outcome outcome) {
    Sink out = new Sink(64).u8(VERSION);
    switch (outcome) {
      case PoolsReady o -> {
        out.u8(1).u32(o.created().size());
        o.created().forEach(out::text);
      }
      case PoolDeleted o -> out.u8(2).text(o.name());
      case Registered o -> out.u8(3).node(o.node());
      case Granted o -> {
        boolean plain = o.apart().isEmpty() && o.name() == null;
        out.u8(plain ? 4 : 9).prefix(o.block()).text(o.pool()).node(o.owner());
        out.u64(o.claimedAt()).u64(o.recorded());
        if (!plain) {
          out.u32(o.apart().size());
          o.apart().forEach(out::ip);
          out.nameIfAny(o.name());
        }
      }
      case BlockReleased o -> out.u8(5).prefix(o.block());
      case Recorded o -> out.u8(6).prefix(o.block()).u64(o.sequence());
      case HandleReleased o -> {
        out.u8(7).u32(o.released().size());
        o.released().forEach(out::allocation);
      }
      case Asked o -> out.u8(10).prefix(o.block()).node(o.owner()).u64(o.askedAt());
      case Assigned o -> out.u8(12).assignee(o.to()).ip(o.ip()).text(o.pool());
      case Unassigned o -> out.u8(13).assignee(o.from()).ip(o.ip());
      case NameForgotten o -> out.u8(11).name(o.name()).ip(o.ip());
      case Refused o -> out.u8(8).text(o.reason().name()).text(o.what());
    }
    return out.bytes();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IllegalArgumentException naming the place
   */
  public static Outcome decode(byte[] bytes) {
    Source in = new Source(bytes);
    in.version(VERSION, "ipam outcome");
    int kind = in.u8();
    Outcome outcome = switch (kind) {
      case 1 -> new PoolsReady(in.list(in::text));
      case 2 -> new PoolDeleted(in.text());
      case 3 -> new Registered(in.node());
      case 4 -> new Granted(in.prefix(), in.text(), in.node(), in.u64(), in.u64());
      case 9 ->
        new Granted(
            in.prefix(), in.text(), in.node(), in.u64(), in.u64(), in.list(in::ip), in.nameIfAny());
      case 10 -> new Asked(in.prefix(), in.node(), in.u64());
      case 11 -> new NameForgotten(in.name(), in.ip());
      case 12 -> new Assigned(in.assignee(), in.ip(), in.text());
      case 13 -> new Unassigned(in.assignee(), in.ip());
      case 5 -> new BlockReleased(in.prefix());
      case 6 -> new Recorded(in.prefix(), in.u64());
      case 7 -> new HandleReleased(in.list(in::allocation));
      case 8 -> new Refused(Reason.valueOf(in.text()), in.text());
      default -> throw new IllegalArgumentException("ipam outcome " + kind + " is unknown");
    };
    in.end();
    return outcome;
  }
}
