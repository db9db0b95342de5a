package dev.catwalk.felix.model;

import dev.catwalk.ipam.machine.Applied;
import dev.catwalk.ipam.machine.Command;
import dev.catwalk.ipam.machine.CommandCodec;
import dev.catwalk.ipam.machine.Ipam;
import dev.catwalk.ipam.machine.Outcome.Reason;
import dev.catwalk.ipam.machine.Outcome.Refused;
import dev.catwalk.ipam.machine.OutcomeCodec;
import dev.catwalk.ipam.machine.SnapshotCodec;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.raftstore.machine.Machine;

/** Address management as a machine of the store. Not thread-safe, as every machine. */
public final class IpamMachine implements Machine {
  /** The name under which the store holds it. */
  public static final String NAME = "ipam";

  private IpamState state = IpamState.empty();

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public byte[] apply(long revision, byte[] command) {
    Applied applied = step(state, revision, command);
    state = applied.next();
    return OutcomeCodec.encode(applied.outcome());
  }

  @Override
  public byte[] snapshot() {
    return SnapshotCodec.encode(state);
  }

  @Override
  public void restore(byte[] snapshot) {
    state = SnapshotCodec.decode(snapshot);
  }

  /** As {@link #apply}, for whoever keeps the state as a value. */
  static Applied step(IpamState state, long revision, byte[] bytes) {
    Command command;
    try {
      command = CommandCodec.decode(bytes);
    } catch (IllegalArgumentException e) {
      return new Applied(state, new Refused(Reason.MALFORMED, String.valueOf(e.getMessage())));
    }
    return Ipam.apply(state, revision, command);
  }
}
