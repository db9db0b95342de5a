package dev.catwalk.felix.alloc;

import dev.catwalk.ipam.machine.Change;
import dev.catwalk.ipam.machine.Command;
import dev.catwalk.ipam.machine.Command.AskAddress;
import dev.catwalk.ipam.machine.Command.AssignAddress;
import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Command.ForgetName;
import dev.catwalk.ipam.machine.Command.RecordAllocations;
import dev.catwalk.ipam.machine.Command.UnassignAddress;
import dev.catwalk.ipam.machine.Outcome;
import dev.catwalk.ipam.machine.Outcome.Reason;
import dev.catwalk.ipam.machine.Outcome.Refused;
import dev.catwalk.raftstore.store.StoreException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * What may be said in a store of which a member does not know addresses set apart or assigned: that
 * member would refuse what the others apply, and have another state from then on.
 */
final class OlderMembers {
  /** The store's format with which programs know addresses set apart, and claims with limits. */
  static final int FORMAT = 5;

  private OlderMembers() {}

  /** The same as every member reads it; null if it cannot be said. */
  static @Nullable Command readable(Command command) {
    return switch (command) {
      case AskAddress c -> null;
      case ForgetName c -> null;
      case AssignAddress c -> null;
      case UnassignAddress c -> null;
      case ClaimBlock c -> new ClaimBlock(c.owner(), c.wanted(), c.requestId());
      case RecordAllocations c -> c.changes().stream().allMatch(OlderMembers::isOld) ? c : null;
      default -> command;
    };
  }

  private static boolean isOld(Change change) {
    return change instanceof Change.Allocated || change instanceof Change.Released;
  }

  /**
   * What becomes of a command that cannot be said: a refusal where a member is too old for it; of
   * what an owner did already a failure, so that it is told again later.
   */
  static CompletableFuture<Outcome> unsaid(Command command, Throwable why) {
    Throwable cause = why instanceof CompletionException ? why.getCause() : why;
    return cause instanceof StoreException refusal
            && refusal.kind() == StoreException.Kind.REFUSED
            && !(command instanceof RecordAllocations)
        ? CompletableFuture.completedFuture(new Refused(
            Reason.CONFLICT,
            "not every member of the store knows such addresses: " + cause.getMessage()))
        : CompletableFuture.failedFuture(why);
  }
}
