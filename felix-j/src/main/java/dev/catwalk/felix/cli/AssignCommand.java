package dev.catwalk.felix.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code ipam assign}. */
@Command(
    name = "assign",
    description =
        "Give a service an address of a pool whose allowedUses has LoadBalancer, or a node"
            + " one for itself of a pool that has Tunnel; of each family that there is such a pool of."
            + " Whoever has one keeps it. No route is told for it.")
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated with @ParentCommand.
final class AssignCommand implements Callable<Integer> {
  @ParentCommand
  AskVerbs.Ipam ipam;

  @Option(names = "--service", paramLabel = "NAMESPACE/NAME", description = "the service")
  @Nullable
  String service;

  @Option(names = "--host", paramLabel = "NODE", description = "the node")
  @Nullable
  String host;

  @Option(names = "--pool", paramLabel = "NAME", description = "of this pool; may be repeated")
  List<String> pools = new ArrayList<>();

  @Option(names = "--ip", paramLabel = "ADDRESS", description = "this address and no other")
  @Nullable
  String ip;

  @Option(names = "--family", paramLabel = "4|6", description = "of this family only")
  @Nullable
  String family;

  @Override
  public Integer call() {
    return AskVerbs.ask(
        ipam.catwalk,
        "ipam assign",
        "service",
        service,
        "host",
        host,
        "pools",
        pools.isEmpty() ? null : String.join(",", pools),
        "ip",
        ip,
        "family",
        family);
  }
}
