package dev.catwalk.lab.topology;

import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A lab with every name and address decided. Names are the lab's own; the shell puts its prefix
 * before those of namespaces.
 *
 * <p>A plan has the addresses of one family. A lab of both has the plan of IPv6 beside that of IPv4:
 * the same spaces, cables, machines and pods, other addresses.
 *
 * @param pool what the pods' addresses come from
 * @param spaces every namespace but the pods'
 * @param beside the plan of the other family, if the lab has both
 */
public record Plan(
    Topology topology,
    Options options,
    Topology.Pool pool,
    List<Space> spaces,
    List<Cable> cables,
    List<Route> routes,
    List<Router> routers,
    List<Node> nodes,
    Optional<Client> client,
    List<Pod> pods,
    Optional<Plan> beside) {

  public enum Kind {
    ROUTER,
    SWITCH,
    CLIENT,
    NODE
  }

  /** A namespace, with the address of its loopback interface if it has one there. */
  public record Space(String name, Kind kind, Optional<IpAddress> loopback) {}

  public record Cable(End one, End other) {}

  /** An end without an address is a port of the switch. */
  public record End(String space, String device, Optional<Topology.Interface> address) {}

  /** A route that the machine's owner has set before any agent or router starts. */
  public record Route(String space, Prefix to, List<Hop> hops, Optional<IpAddress> source) {}

  public record Hop(IpAddress via, String device) {}

  /**
   * @param local what it originates: itself and the hosts behind it
   * @param toNodes what it tells nodes of: the pool and the outside, not the way to themselves
   */
  public record Router(
      String name,
      Topology.Speaker speaker,
      long as,
      IpAddress address,
      List<Neighbour> neighbours,
      List<Prefix> local,
      List<Prefix> toNodes) {}

  /** @param node whether it is a node, else it is a router */
  public record Neighbour(String name, IpAddress local, IpAddress address, long as, boolean node) {}

  /**
   * @param neighbours its sessions as its agent is told; none of a mesh
   * @param block what it claims, where the topology says so
   */
  public record Node(
      String name,
      long as,
      IpAddress address,
      List<Uplink> uplinks,
      List<Neighbour> neighbours,
      Optional<Prefix> block) {}

  /**
   * @param via who is at the other end; nothing where that is the switch
   * @param behind the nodes that are that way, where a node is at the other end
   */
  public record Uplink(
      String device, IpAddress local, Optional<IpAddress> via, List<String> behind) {}

  public record Client(String name, IpAddress address) {}

  /**
   * @param port where it serves TCP, and {@code otherPorts} too
   * @param fixed the address that it asks for
   */
  public record Pod(
      String name,
      String namespace,
      SortedMap<String, String> labels,
      String node,
      int port,
      List<Integer> otherPorts,
      Optional<IpAddress> fixed) {
    /** As manifests and the agent name it. */
    public String fullName() {
      return namespace + "/" + name;
    }

    /** What the runtime calls the container. */
    public String containerId() {
      return "lab-" + namespace + "-" + name;
    }
  }

  /** The same before its nodes have BGP sessions with each other. */
  public Plan withoutMesh() {
    return new Plan(
        topology.withoutMesh(),
        options,
        pool,
        spaces,
        cables,
        routes,
        routers,
        nodes,
        client,
        pods,
        beside.map(Plan::withoutMesh));
  }

  /** This, and the plan beside it: one for each family of the lab. */
  public List<Plan> layers() {
    List<Plan> layers = new ArrayList<>(List.of(this));
    beside.ifPresent(layers::add);
    return layers;
  }

  Plan beside(Plan other) {
    return new Plan(
        topology,
        options,
        pool,
        spaces,
        cables,
        routes,
        routers,
        nodes,
        client,
        pods,
        Optional.of(other));
  }

  /** The one that its addresses are of. */
  public Family family() {
    return pool.cidr().family();
  }

  /** The same neighbour's second session, that of the family beside, needs a name of its own. */
  String session(Neighbour neighbour) {
    boolean second = options.families() == Families.DUAL && family() == Family.IPV6;
    return second ? neighbour.name() + "-v6" : neighbour.name();
  }

  /** A BGP identifier is four octets: of an IPv6 address it is the last four. */
  static IpAddress identifier(IpAddress address) {
    return address.isV4() ? address : IpAddress.v4((int) address.low());
  }

  public Space space(String name) {
    return spaces.stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
  }

  public Router router(String name) {
    return routers.stream().filter(r -> r.name().equals(name)).findFirst().orElseThrow();
  }

  public Node node(String name) {
    return nodes.stream().filter(n -> n.name().equals(name)).findFirst().orElseThrow();
  }
}
