package dev.catwalk.felix.cli;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** The verbs that ask the agent without sending it anything. */
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated with @ParentCommand.
final class AskVerbs {

  private AskVerbs() {}

  static int ask(Catwalk catwalk, String verb, @Nullable String... arguments) {
    SortedMap<String, String> given = new TreeMap<>();
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      String name = arguments[i];
      String value = arguments[i + 1];
      if (name != null && value != null) {
        given.put(name, value);
      }
    }
    return AgentClient.ask(catwalk, verb, given, Collections.emptyMap());
  }

  @Command(
      name = "status",
      description = "How this node's agent is doing, and what to do about it.")
  static final class Status implements Callable<Integer> {
    @ParentCommand
    Catwalk catwalk;

    @Override
    public Integer call() {
      return ask(catwalk, "status");
    }
  }

  @Command(name = "nodes", description = "The nodes of the cluster.")
  static final class Nodes implements Callable<Integer> {
    @ParentCommand
    Catwalk catwalk;

    @Override
    public Integer call() {
      return ask(catwalk, "nodes");
    }
  }

  @Command(name = "peers", description = "The BGP sessions of this node, or all about one.")
  static final class Peers implements Callable<Integer> {
    @ParentCommand
    Catwalk catwalk;

    @Parameters(arity = "0..1", paramLabel = "PEER", description = "name or address of one peer")
    @Nullable
    String peer;

    @Override
    public Integer call() {
      return ask(catwalk, "peers", "peer", peer);
    }
  }

  @Command(
      name = "routes",
      description = "What this node learned by BGP, and why it chose. Of an address: the longest"
          + " prefix that it is in.")
  static final class Routes implements Callable<Integer> {
    @ParentCommand
    Catwalk catwalk;

    @Parameters(
        arity = "0..1",
        paramLabel = "PREFIX|ADDRESS",
        description = "this prefix only, or the one that this address goes by")
    @Nullable
    String prefix;

    @Override
    public Integer call() {
      return ask(catwalk, "routes", "prefix", prefix);
    }
  }

  @Command(name = "endpoints", description = "The pods of the cluster.")
  static final class Endpoints implements Callable<Integer> {
    @ParentCommand
    Catwalk catwalk;

    @Override
    public Integer call() {
      return ask(catwalk, "endpoints");
    }
  }

  @Command(
      name = "ipam",
      description = "Pools, blocks and addresses.",
      subcommands = {
        Ipam.Show.class,
        Ipam.Check.class,
        AssignCommand.class,
        Ipam.Release.class,
        Ipam.Split.class
      })
  static final class Ipam {
    @ParentCommand
    Catwalk catwalk;

    @Command(name = "show", description = "Pools and blocks, or who owns one address.")
    static final class Show implements Callable<Integer> {
      @ParentCommand
      Ipam ipam;

      @Option(names = "--ip", paramLabel = "ADDRESS", description = "who owns this address")
      @Nullable
      String ip;

      @Option(names = "--blocks", description = "blocks only")
      boolean blocks;

      @Option(names = "--handles", description = "what each container's interface holds")
      boolean handles;

      @Option(names = "--names", description = "which addresses are kept for whom")
      boolean names;

      @Option(names = "--assigned", description = "what services have, and nodes for themselves")
      boolean assigned;

      @Override
      public Integer call() {
        return ask(
            ipam.catwalk,
            "ipam show",
            "ip",
            ip,
            "blocks",
            blocks ? "true" : null,
            "handles",
            handles ? "true" : null,
            "names",
            names ? "true" : null,
            "assigned",
            assigned ? "true" : null);
      }
    }

    @Command(
        name = "check",
        description = "Compare what is handed out with the store, this node's pods and its kernel;"
            + " status 1 if anything differs.")
    static final class Check implements Callable<Integer> {
      @ParentCommand
      Ipam ipam;

      @Override
      public Integer call() {
        return ask(ipam.catwalk, "ipam check");
      }
    }

    @Command(
        name = "release",
        description =
            "Let go of an address that no pod has, of one that is kept for a name, of those"
                + " of a service or a node, or of the blocks of a past life of a node whose pods are"
                + " gone.")
    static final class Release implements Callable<Integer> {
      @ParentCommand
      Ipam ipam;

      @Option(names = "--ip", paramLabel = "ADDRESS", description = "the address")
      @Nullable
      String ip;

      @Option(
          names = "--name",
          paramLabel = "NAMESPACE/NAME",
          description = "whose address is not kept any more")
      @Nullable
      String name;

      @Option(
          names = "--service",
          paramLabel = "NAMESPACE/NAME",
          description = "whose addresses ipam assign gave")
      @Nullable
      String service;

      @Option(names = "--host", paramLabel = "NODE", description = "the same of a node")
      @Nullable
      String host;

      @Option(names = "--past", paramLabel = "NODE", description = "the node, with --epoch")
      @Nullable
      String node;

      @Option(names = "--epoch", paramLabel = "HEX", description = "its life that is past")
      @Nullable
      String epoch;

      @Override
      public Integer call() {
        return ask(
            ipam.catwalk,
            "ipam release",
            "ip",
            ip,
            "name",
            name,
            "service",
            service,
            "host",
            host,
            "node",
            node,
            "epoch",
            epoch);
      }
    }

    @Command(
        name = "split",
        description = "Cut a pool into equal parts; blocks stay with their nodes.")
    static final class Split implements Callable<Integer> {
      @ParentCommand
      Ipam ipam;

      @Parameters(paramLabel = "POOL", description = "its name")
      String pool;

      @Parameters(paramLabel = "PARTS", description = "2, 4, 8 .. 64")
      String parts;

      @Override
      public Integer call() {
        return ask(ipam.catwalk, "ipam split", "pool", pool, "parts", parts);
      }
    }
  }

  @Command(
      name = "drain",
      description = "Withdraw this node's routes, then stop its agent; the kernel keeps its state.")
  static final class Drain implements Callable<Integer> {
    @ParentCommand
    Catwalk catwalk;

    @Override
    public Integer call() {
      return ask(catwalk, "drain");
    }
  }
}
