package dev.catwalk.lab.topology;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A lab's description as its file has it, before it has addresses; some files fix a few of them.
 *
 * @param links pairs of routers that are cabled to each other
 * @param lan the one layer 2 that nodes can be attached to
 * @param underlay where the seed picks the addresses of cables and machines from
 * @param namespaces Kubernetes namespaces and their labels
 * @param six the same places in IPv6; nothing where the file has none
 * @param steps manifests, applied one after another after the first matrix
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
    Optional<Six> six,
    SortedMap<String, SortedMap<String, String>> namespaces,
    Pods pods,
    List<Step> steps) {

  /** Where IPv6 addresses come from: cables and machines, pods, the outside client. */
  public record Six(Prefix underlay, Pool pool, Optional<Prefix> client) {}

  /** This with the addresses of IPv6 alone, where it has them. */
  Optional<Topology> inIpv6() {
    return six.map(v6 -> new Topology(
        name,
        routers,
        links,
        lan,
        nodes,
        client.flatMap(c -> v6.client().map(within -> new Client(c.name(), within, c.attach()))),
        v6.underlay(),
        bgp,
        v6.pool(),
        six,
        namespaces,
        pods,
        steps));
  }

  Topology withoutMesh() {
    return new Topology(
        name,
        routers,
        links,
        lan,
        nodes,
        client,
        underlay,
        new Bgp(bgp.holdTime(), bgp.keepalive(), false, bgp.transit()),
        pool,
        six,
        namespaces,
        pods,
        steps);
  }

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
   * @param chain each node but the first is cabled to the one before it, and to nobody else
   * @param device what the port to the switch is called; the switch's name where it is not said
   * @param addresses on the switch, one a node; none: the seed picks them
   * @param blocks that the nodes claim, one a node; none: the store chooses
   */
  public record Nodes(
      String name,
      int count,
      long as,
      boolean oneAs,
      List<List<String>> attach,
      boolean chain,
      Optional<String> device,
      List<Interface> addresses,
      List<Prefix> blocks) {}

  /** An address with the length of its subnet; unlike a prefix it keeps its host bits. */
  public record Interface(IpAddress address, int length) {
    @Override
    public String toString() {
      return address + "/" + length;
    }
  }

  /** A host outside the pool, with an address of its own out of {@code within}. */
  public record Client(String name, Prefix within, List<String> attach) {}

  /**
   * Times in seconds.
   *
   * @param transit whether nodes carry traffic between their routers
   */
  public record Bgp(int holdTime, int keepalive, boolean mesh, boolean transit) {}

  public record Pool(String name, Prefix cidr, int blockSize) {}

  /**
   * @param port where every pod serves TCP
   * @param otherPorts where it does so too
   * @param addresses that the pods ask for, in their order; none: the agents choose
   */
  public record Pods(
      int perNode,
      int port,
      List<Integer> otherPorts,
      List<IpAddress> addresses,
      List<Role> roles) {}

  /** What a pod is: its name is the role's with a number. */
  public record Role(String name, String namespace, SortedMap<String, String> labels) {}

  /**
   * A manifest to apply, and what must be open then, said independently of what is in it: that is
   * how the published design has it.
   *
   * @param manifest a path below the repository
   * @param open {@code FROM > TO} or {@code FROM > TO:PORT}, with a pod's full name or {@code any};
   *     nothing where the design does not say
   */
  public record Step(String manifest, Optional<List<String>> open) {}
}
