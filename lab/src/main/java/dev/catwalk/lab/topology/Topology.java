package dev.catwalk.lab.topology;

import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A lab's description as its file has it, before it has addresses.
 *
 * @param links pairs of routers that are cabled to each other
 * @param lan the one layer 2 that nodes can be attached to
 * @param underlay where the seed picks the addresses of cables and machines from
 * @param namespaces Kubernetes namespaces and their labels
 * @param manifests paths below the repository, applied after the first matrix
 */
public record Topology(
    String name,
    List<Router> routers,
    List<Link> links,
    Optional<String> lan,
    Nodes nodes,
    Optional<Client> client,
    Prefix underlay,
    Bgp bgp,
    Pool pool,
    SortedMap<String, SortedMap<String, String>> namespaces,
    Pods pods,
    List<String> manifests) {

  /** What stands in for a switch vendor. */
  public enum Speaker {
    BIRD,
    FRR
  }

  public record Router(String name, Speaker speaker, long as) {}

  public record Link(String one, String other) {}

  /**
   * @param name what their names begin with; then follow numbers from 1
   * @param as of the first; the others' follow it unless all are in one
   * @param attach whom the first node is cabled to, the second and so on, in turn
   */
  public record Nodes(String name, int count, long as, boolean oneAs, List<List<String>> attach) {}

  /** A host outside the pool, with an address of its own out of {@code within}. */
  public record Client(String name, Prefix within, List<String> attach) {}

  /**
   * Times in seconds.
   *
   * @param transit whether nodes carry traffic between their routers
   */
  public record Bgp(int holdTime, int keepalive, boolean mesh, boolean transit) {}

  public record Pool(String name, Prefix cidr, int blockSize) {}

  /** @param port where every pod serves TCP */
  public record Pods(int perNode, int port, List<Role> roles) {}

  /** What a pod is: its name is the role's with a number. */
  public record Role(String name, String namespace, SortedMap<String, String> labels) {}
}
