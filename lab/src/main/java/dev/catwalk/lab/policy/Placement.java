package dev.catwalk.lab.policy;

import dev.catwalk.lab.policy.PolicyCase.Host;
import dev.catwalk.lab.policy.PolicyCase.Pod;
import dev.catwalk.lab.policy.PolicyCase.Probe;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Where everything of the cases is in the lab. Its nodes share the pods by their addresses, each
 * has one block of them; all other addresses are outside, but for those of nodes and of pods on a
 * host's network, which are one of the lab's nodes' for as long as the case lasts.
 *
 * @param nodes at least one
 */
public record Placement(List<Node> nodes) {
  /** The space of all outside hosts. */
  public static final String OUTSIDE = "client";

  private static final Map<Family, Ground> GROUNDS = Map.of(
      Family.IPV4,
          new Ground(24, 20, Prefix.parse("198.51.100.0/24"), Prefix.parse("198.19.0.0/16")),
      Family.IPV6, new Ground(120, 116, Prefix.parse("3fff::/64"), Prefix.parse("2001:2::/104")));

  private static final int BLOCK_SIZE = 256;

  /**
   * What is the lab's own in a family.
   *
   * @param longest prefix length of a node's block
   * @param shortest prefix length of a node's block, if there are more of the longest than nodes
   * @param nodes for their addresses
   * @param spare for blocks of nodes that no pod falls to
   */
  private record Ground(int longest, int shortest, Prefix nodes, Prefix spare) {}

  /**
   * A node of the lab, with an agent.
   *
   * @param addresses by which the others reach it; no case should know them
   * @param blocks of its pods, one of each family that pods have
   */
  public record Node(
      String name, SortedMap<Family, IpAddress> addresses, SortedMap<Family, Prefix> blocks) {
    public Node {
      addresses = Collections.unmodifiableSortedMap(new TreeMap<>(addresses));
      blocks = Collections.unmodifiableSortedMap(new TreeMap<>(blocks));
    }

    boolean has(IpAddress address) {
      return blocks.values().stream().anyMatch(b -> b.contains(address));
    }
  }

  /** A pod that has an interface of its own. */
  public record PlacedPod(Pod pod, IpAddress address, String node) {}

  /**
   * Where probes begin and end.
   *
   * @param pod its full name; empty for a node and for the outside
   * @param space the node's, or {@link #OUTSIDE}
   */
  public record Spot(String pod, String space, IpAddress address) {}

  /**
   * A case in its place.
   *
   * @param pods those that have an interface of their own, the finished ones first
   * @param nodesOf every pod's node, by its full name
   * @param spots by the names that probes use
   * @param notes what was changed to make it possible
   */
  public record Placed(
      List<PlacedPod> pods,
      SortedMap<String, String> nodesOf,
      SortedMap<String, Spot> spots,
      List<String> notes) {
    public Placed {
      pods = List.copyOf(pods);
      nodesOf = Collections.unmodifiableSortedMap(new TreeMap<>(nodesOf));
      spots = Collections.unmodifiableSortedMap(new TreeMap<>(spots));
      notes = List.copyOf(notes);
    }
  }

  /** A case that this lab cannot play; the message says why. */
  public static final class UnplayableException extends Exception {
    private static final long serialVersionUID = 1;

    UnplayableException(String why) {
      super(why);
    }

    public UnplayableException(String why, Throwable cause) {
      super(why, cause);
    }
  }

  public Placement {
    nodes = List.copyOf(nodes);
  }

  /**
   * Gives each node a block of IPv4, and one of IPv6 if any pod has such an address.
   *
   * @param count of nodes, 1 to 9
   */
  public static Placement of(List<PolicyCase> cases, int count) {
    TreeSet<IpAddress> pods = new TreeSet<>();
    for (PolicyCase one : cases) {
      for (Pod pod : one.pods()) {
        if (!pod.hostNetwork()) {
          IpAddress.tryParse(pod.address()).ifPresent(pods::add);
        }
      }
    }
    List<TreeMap<Family, Prefix>> blocks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      blocks.add(new TreeMap<>());
    }
    for (Family family : Family.values()) {
      List<IpAddress> own = pods.stream().filter(a -> a.family() == family).toList();
      if (family == Family.IPV4 || !own.isEmpty()) {
        List<Prefix> all = blocks(family, own, count);
        for (int i = 0; i < count; i++) {
          blocks.get(i).put(family, all.get(i));
        }
      }
    }
    List<Node> nodes = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      TreeMap<Family, IpAddress> addresses = new TreeMap<>();
      for (Family family : Family.values()) {
        addresses.put(family, ground(family).nodes().at(10L + i));
      }
      nodes.add(new Node("node" + i, addresses, blocks.get(i - 1)));
    }
    return new Placement(nodes);
  }

  /** As many as there are nodes: those of the pods, then spare ones. */
  private static List<Prefix> blocks(Family family, List<IpAddress> pods, int count) {
    Ground ground = ground(family);
    SortedSet<Prefix> found = new TreeSet<>();
    for (int length = ground.longest(); length >= ground.shortest(); length--) {
      int now = length;
      found = new TreeSet<>(pods.stream().map(a -> Prefix.of(a, now)).toList());
      if (found.size() <= count) {
        break;
      }
    }
    List<Prefix> blocks = new ArrayList<>(found.stream().limit(count).toList());
    while (blocks.size() < count) {
      long offset = (long) blocks.size() * BLOCK_SIZE;
      blocks.add(Prefix.of(ground.spare().at(offset), ground.longest()));
    }
    return blocks;
  }

  private static Ground ground(Family family) {
    return Objects.requireNonNull(GROUNDS.get(family), family::toString);
  }

  /** Finds every place of a case. */
  public Placed place(PolicyCase one) throws UnplayableException {
    return new Placer(one).place();
  }

  /** Places one case. */
  private final class Placer {
    private final PolicyCase one;
    private final TreeMap<String, Spot> spots = new TreeMap<>();
    private final TreeMap<String, String> nodesOf = new TreeMap<>();
    private final TreeSet<IpAddress> live = new TreeSet<>();
    private final List<String> notes = new ArrayList<>();

    Placer(PolicyCase one) {
      this.one = one;
    }

    Placed place() throws UnplayableException {
      List<PlacedPod> finished = new ArrayList<>();
      List<PlacedPod> running = new ArrayList<>();
      for (Pod pod : one.pods()) {
        if (!pod.hostNetwork()) {
          PlacedPod placed = withAddress(pod);
          (pod.finished() ? finished : running).add(placed);
          nodesOf.put(pod.fullName(), placed.node());
          spots.put(pod.fullName(), new Spot(pod.fullName(), placed.node(), placed.address()));
        }
      }
      for (Host host : one.externals()) {
        spots.put("ext:" + host.name(), new Spot("", OUTSIDE, host.address()));
      }
      SortedMap<String, String> cluster = clusterNodes();
      for (Host host : one.nodes()) {
        spots.put(
            "node:" + host.name(),
            new Spot("", Objects.requireNonNull(cluster.get(host.name())), host.address()));
      }
      for (Pod pod : one.pods()) {
        if (pod.hostNetwork()) {
          onHost(pod, cluster);
        }
      }
      for (Probe probe : one.probes()) {
        check(probe);
      }
      finished.addAll(running);
      return new Placed(finished, nodesOf, spots, notes);
    }

    private void check(Probe probe) throws UnplayableException {
      Family family = null;
      for (String end : List.of(probe.from(), probe.to())) {
        Spot spot = spots.get(end);
        if (spot == null) {
          throw new UnplayableException("nothing is called '" + end + "'");
        }
        if (family != null && family != spot.address().family()) {
          throw new UnplayableException(probe + " is from one address family to the other");
        }
        family = spot.address().family();
      }
    }

    private PlacedPod withAddress(Pod pod) throws UnplayableException {
      Optional<IpAddress> own = IpAddress.tryParse(pod.address());
      Optional<Node> holder =
          own.flatMap(a -> nodes.stream().filter(n -> n.has(a)).findFirst());
      if (own.isPresent() && (pod.finished() || live.add(own.get()))) {
        return new PlacedPod(
            pod,
            own.get(),
            holder
                .orElseThrow(() -> new UnplayableException(pod.fullName() + " has the address "
                    + own.get() + ", and no node has a block left for it: try with more --nodes"))
                .name());
      }
      Node node = holder.orElse(nodes.getLast());
      Family family = own.map(IpAddress::family).orElse(Family.IPV4);
      IpAddress other = free(Objects.requireNonNull(node.blocks().get(family)));
      live.add(other);
      notes.add(
          pod.fullName() + " has " + other + ": '" + pod.address() + "' is no address of its own");
      return new PlacedPod(pod, other, node.name());
    }

    /** From the end of a block, where no case has its pods. */
    private IpAddress free(Prefix block) {
      long offset = block.size() - 6;
      while (isTaken(block.at(offset))) {
        offset--;
      }
      return block.at(offset);
    }

    private boolean isTaken(IpAddress address) {
      return live.contains(address)
          || one.pods().stream().anyMatch(p -> p.address().equals(address.toString()));
    }

    /** A node of the case is the one of the lab that has its pods; without pods, one that is free. */
    private SortedMap<String, String> clusterNodes() throws UnplayableException {
      TreeMap<String, String> found = new TreeMap<>();
      for (Pod pod : one.pods()) {
        String own = nodesOf.get(pod.fullName());
        if (own != null && pod.node().isPresent()) {
          String known = found.putIfAbsent(pod.node().get(), own);
          if (known != null && !known.equals(own)) {
            throw new UnplayableException("the addresses of the pods on "
                + pod.node().get() + " are not of one block of any node");
          }
        }
      }
      if (new TreeSet<>(found.values()).size() < found.size()) {
        throw new UnplayableException("pods of several nodes share one block of addresses");
      }
      for (Host host : one.nodes()) {
        if (!found.containsKey(host.name())) {
          Node free = nodes.stream()
              .filter(n -> !found.containsValue(n.name()))
              .findFirst()
              .orElseThrow(() -> new UnplayableException("it has more nodes than this lab"));
          found.put(host.name(), free.name());
        }
      }
      return found;
    }

    /**
     * Where nobody says which node a pod on a host's network is on, it is on one without pods that it
     * has to do with: between a node and its own pods no policy counts.
     */
    private void onHost(Pod pod, SortedMap<String, String> cluster) throws UnplayableException {
      IpAddress address = IpAddress.tryParse(pod.address())
          .orElseThrow(() -> new UnplayableException(pod.fullName() + " has no address"));
      Optional<String> named = pod.node()
          .or(() -> one.nodes().stream()
              .filter(h -> h.address().equals(address))
              .map(Host::name)
              .findFirst())
          .flatMap(n -> Optional.ofNullable(cluster.get(n)));
      TreeSet<String> partners = new TreeSet<>();
      for (Probe probe : one.probes()) {
        if (probe.from().equals(pod.fullName()) || probe.to().equals(pod.fullName())) {
          partners.add(nodesOf.getOrDefault(probe.from(), ""));
          partners.add(nodesOf.getOrDefault(probe.to(), ""));
        }
      }
      String space = named
          .or(() ->
              nodes.stream().map(Node::name).filter(n -> !partners.contains(n)).findFirst())
          .orElse(OUTSIDE);
      nodesOf.put(pod.fullName(), space);
      spots.put(pod.fullName(), new Spot("", space, address));
    }
  }
}
