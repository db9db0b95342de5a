package dev.catwalk.raftstore.machine;

import dev.catwalk.raftstore.machine.KvTransaction.Op;
import java.util.ArrayList;
import java.util.List;

/** What a command of {@link KvMachine} did to its keys, whichever command it was. */
public final class KvDeeds {
  private KvDeeds() {}

  /** Puts, and removals of keys that were there, in order; none if nothing was changed. */
  public static List<Op> of(byte[] command, byte[] outcome) {
    List<Op> deeds = new ArrayList<>();
    if (LeaseCommand.is(command)) {
      if (LeaseOutcome.decode(outcome) instanceof LeaseOutcome.Ended ended) {
        ended.keys().forEach(key -> deeds.add(new KvTransaction.Delete(key)));
      }
      return deeds;
    }
    if (!(KvOutcome.decode(outcome) instanceof KvOutcome.Done done)) {
      return deeds;
    }
    KvTransaction transaction = KvTransaction.decode(command);
    List<Op> ops = done.succeeded() ? transaction.then() : transaction.orElse();
    for (int i = 0; i < ops.size(); i++) {
      boolean changes = switch (ops.get(i)) {
        case KvTransaction.Put put -> true;
        case KvTransaction.Delete delete -> done.results().get(i) != null;
        case KvTransaction.Get get -> false;
      };
      if (changes) {
        deeds.add(ops.get(i));
      }
    }
    return deeds;
  }
}
