package dev.catwalk.felix.cli;

import dev.catwalk.felix.agent.Places;
import dev.catwalk.raftstore.atomix.Backup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** The replicated store: who is in it, a copy of it, and a new one from a copy. */
@Command(
    name = "store",
    description = "The replicated store.",
    subcommands = {
      StoreVerbs.Members.class,
      StoreVerbs.Leases.class,
      StoreMemberVerbs.class,
      StoreVerbs.Save.class,
      StoreVerbs.Restore.class
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated with @ParentCommand.
final class StoreVerbs {
  @ParentCommand
  Catwalk catwalk;

  @Command(name = "members", description = "Who votes, and who leads.")
  static final class Members implements Callable<Integer> {
    @ParentCommand
    StoreVerbs store;

    @Override
    public Integer call() {
      return AgentClient.ask(
          store.catwalk, "store members", Collections.emptyMap(), Collections.emptyMap());
    }
  }

  @Command(
      name = "leases",
      description = {
        "The leases of the store's keys: how long each lives, what is left of it, its keys.",
        "Time passes for them only while a member leads."
      })
  static final class Leases implements Callable<Integer> {
    @ParentCommand
    StoreVerbs store;

    @Override
    public Integer call() {
      return AgentClient.ask(
          store.catwalk, "store leases", Collections.emptyMap(), Collections.emptyMap());
    }
  }

  @Command(
      name = "backup",
      description = "Write all that was acknowledged to a file, at this agent's node.")
  static final class Save implements Callable<Integer> {
    @ParentCommand
    StoreVerbs store;

    @Parameters(paramLabel = "FILE", description = "must not be there yet")
    Path file;

    @Override
    public Integer call() {
      return AgentClient.ask(
          store.catwalk,
          "store backup",
          Map.of("file", file.toAbsolutePath().normalize().toString()),
          Collections.emptyMap());
    }
  }

  @Command(
      name = "restore",
      description = {
        "Let a new store begin with a backup.",
        "On every member, before its agent is started: a member's earlier directory has to be",
        "gone. The new store is another one: a node that holds addresses of the old store hands",
        "out none until its pods are deleted and its data directory is emptied."
      })
  static final class Restore implements Callable<Integer> {
    @ParentCommand
    StoreVerbs store;

    @Option(names = "--root", paramLabel = "DIR", description = "prefix of all places, else /")
    Path root = Path.of("/");

    @Parameters(paramLabel = "FILE", description = "as 'store backup' wrote it")
    Path file;

    @Override
    public Integer call() {
      byte[] backup;
      try {
        backup = Files.readAllBytes(file);
      } catch (IOException e) {
        throw new CliException(CliException.USAGE, file + " cannot be read: " + e);
      }
      Path directory = new Places(root).store();
      try {
        long index = Backup.restore(backup, directory);
        store.catwalk.out.println("restored " + directory + " to entry " + index
            + ": restore the same file on every other member, then start the agents");
        return CliException.OK;
      } catch (IOException e) {
        throw new CliException(CliException.NO, String.valueOf(e.getMessage()));
      }
    }
  }
}
