package dev.catwalk.felix.cli;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Changes who is in the store, while it works. */
@Command(
    name = "member",
    description = {
      "Change who is in the store, one member at a time, while it works.",
      "'store members' shows who is."
    },
    subcommands = {
      StoreMemberVerbs.Add.class,
      StoreMemberVerbs.Remove.class,
      StoreMemberVerbs.Replace.class,
      StoreMemberVerbs.Move.class
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated with @ParentCommand.
final class StoreMemberVerbs {
  @ParentCommand
  StoreVerbs store;

  /** What all of them have in common. */
  abstract static class Change implements Callable<Integer> {
    @ParentCommand
    StoreMemberVerbs member;

    @Option(
        names = "--even-without-majority",
        description = {
          "Do it though too few of those that vote then answer.",
          "Dangerous: until they do, no pod gets an address of a new block and no policy changes."
        })
    boolean evenWithoutMajority;

    /** Asks this agent, which asks the leader. */
    int ask(String verb, String name, String address, String replaces) {
      TreeMap<String, String> arguments =
          new TreeMap<>(Map.of("name", name, "address", address, "replaces", replaces));
      if (evenWithoutMajority) {
        arguments.put("evenWithoutMajority", "true");
      }
      return AgentClient.ask(
          member.store.catwalk, "store member " + verb, arguments, Collections.emptyMap());
    }
  }

  /** A change that says where a member listens. */
  abstract static class Placed extends Change {
    @Parameters(index = "0", paramLabel = "NAME", description = "the member's node")
    String name;

    @Parameters(index = "1", paramLabel = "HOST:PORT", description = "where it listens")
    String address;
  }

  @Command(
      name = "add",
      description = {
        "Take a new member in; then start its agent with an empty store.",
        "It learns what the others know first, and votes then."
      })
  static final class Add extends Placed {
    @Override
    public Integer call() {
      return ask("add", name, address, "");
    }
  }

  @Command(name = "remove", description = "Let a member go for good; stop its agent afterwards.")
  static final class Remove extends Change {
    @Parameters(index = "0", paramLabel = "NAME", description = "the member's node")
    String name;

    @Override
    public Integer call() {
      return ask("remove", name, "", "");
    }
  }

  @Command(
      name = "replace",
      description = {
        "Let a new member take another's place: one that is dead leaves before the new one votes, one"
            + " that lives after.",
        "A member that comes back with an empty disk under its own name needs no command."
      })
  static final class Replace extends Change {
    @Parameters(index = "0", paramLabel = "OLD", description = "the node that leaves")
    String old;

    @Parameters(index = "1", paramLabel = "NEW", description = "the node that comes")
    String name;

    @Parameters(index = "2", paramLabel = "HOST:PORT", description = "where it listens")
    String address;

    @Override
    public Integer call() {
      return ask("add", name, address, old);
    }
  }

  @Command(name = "move", description = "Tell the others where a member listens from now on.")
  static final class Move extends Placed {
    @Override
    public Integer call() {
      return ask("move", name, address, "");
    }
  }
}
