package dev.catwalk.felix.alloc;

import dev.catwalk.felix.model.IpamMachine;
import dev.catwalk.ipam.machine.Command;
import dev.catwalk.ipam.machine.CommandCodec;
import dev.catwalk.ipam.machine.Outcome;
import dev.catwalk.ipam.machine.OutcomeCodec;
import dev.catwalk.raftstore.store.Store;
import java.util.concurrent.CompletableFuture;

/** The way to the replicated state: a command in, what became of it out. */
@FunctionalInterface
public interface Submitter {

  /**
   * Commits one command.
   *
   * @return its outcome, or a failure if it is not known whether and when it will be applied
   */
  CompletableFuture<Outcome> submit(Command command);

  /** Which store this is: 16 hex digits that no other has; empty if that is not known. */
  default String origin() {
    return "";
  }

  /** Through the store. */
  static Submitter to(Store store) {
    return new Submitter() {
      @Override
      public CompletableFuture<Outcome> submit(Command command) {
        Command old =
            store.requires(OlderMembers.FORMAT) ? command : OlderMembers.readable(command);
        if (command.equals(old)) {
          return say(command);
        }
        CompletableFuture<Void> known = store.require(OlderMembers.FORMAT);
        return old == null
            ? known
                .thenCompose(done -> say(command))
                .exceptionallyCompose(why -> OlderMembers.unsaid(command, why))
            : known.thenApply(done -> command).exceptionally(why -> old).thenCompose(this::say);
      }

      private CompletableFuture<Outcome> say(Command command) {
        return store
            .submit(IpamMachine.NAME, CommandCodec.encode(command))
            .thenApply(applied -> OutcomeCodec.decode(applied.outcome()));
      }

      @Override
      public String origin() {
        return store.origin();
      }
    };
  }
}
