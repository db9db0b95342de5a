package dev.catwalk.lab.topology;

import dev.catwalk.lab.topology.Plan.Cable;
import dev.catwalk.lab.topology.Plan.End;
import dev.catwalk.lab.topology.Plan.Hop;
import dev.catwalk.lab.topology.Plan.Kind;
import dev.catwalk.lab.topology.Plan.Neighbour;
import dev.catwalk.lab.topology.Plan.Route;
import dev.catwalk.lab.topology.Plan.Space;
import dev.catwalk.lab.topology.Plan.Uplink;
import dev.catwalk.lab.topology.Topology.Interface;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Gives everything in a topology its name, address and neighbours. */
public final class Planner {
  private final Topology topology;
  private final Options options;
  private final Prefix pool;
  private final Underlay underlay;
  private final Map<String, Space> spaces = new LinkedHashMap<>();
  private final Map<String, Long> as = new LinkedHashMap<>();
  private final List<Cable> cables = new ArrayList<>();
  private int numbered;

  private Planner(Topology topology, Options options) throws PlanException {
    this.topology = topology;
    this.options = options;
    this.pool =
        options.pool(topology.pool().cidr().family()).orElse(topology.pool().cidr());
    this.underlay = Underlay.pick(topology.underlay(), pool, options.seed());
  }

  /**
   * Plans.
   *
   * @throws PlanException if the options do not fit the topology, or it names what it lacks
   */
  public static Plan plan(Topology topology, Options options) throws PlanException {
    for (Prefix pool : options.pools()) {
      if (!options.families().all().contains(pool.family())) {
        throw new PlanException(
            "pool " + pool + ": the lab has no " + pool.family() + ", choose another --family");
      }
    }
    return switch (options.families()) {
      case FOUR -> new Planner(topology, options).plan();
      case SIX -> new Planner(inIpv6(topology), options).plan();
      case DUAL ->
        new Planner(topology, options).plan().beside(new Planner(inIpv6(topology), options).plan());
    };
  }

  private static Topology inIpv6(Topology topology) throws PlanException {
    return topology
        .inIpv6()
        .orElseThrow(() ->
            new PlanException("the topology " + topology.name() + " has no addresses of IPv6"));
  }

  private Plan plan() throws PlanException {
    check();
    populate();
    cable();
    List<Plan.Node> nodes = new ArrayList<>();
    List<Plan.Router> routers = new ArrayList<>();
    for (Space space : spaces.values()) {
      if (space.kind() == Kind.NODE) {
        nodes.add(node(space));
      } else if (space.kind() == Kind.ROUTER) {
        routers.add(router(space));
      }
    }
    return new Plan(
        topology,
        options,
        new Topology.Pool(topology.pool().name(), pool, topology.pool().blockSize()),
        List.copyOf(spaces.values()),
        List.copyOf(cables),
        routes(),
        routers,
        nodes,
        topology.client().map(c -> new Plan.Client(c.name(), loopback(c.name()))),
        pods(),
        Optional.empty());
  }

  private int count() {
    return options.nodes().orElse(topology.nodes().count());
  }

  private void check() throws PlanException {
    if (count() < 1 || count() > TopologyFile.MAX_NODES) {
      throw new PlanException(count() + " nodes: want 1 to " + TopologyFile.MAX_NODES);
    }
    fixed();
    int blockSize = topology.pool().blockSize();
    if (pool.length() > blockSize) {
      throw new PlanException("pool " + pool + ": want an " + pool.family() + " prefix of /"
          + blockSize + " or shorter");
    }
    long blocks = 1L << Math.min(30, blockSize - pool.length());
    if (blocks < count()) {
      throw new PlanException("pool " + pool + " has " + blocks + " blocks of /" + blockSize
          + " for " + count() + " nodes: give a larger pool or fewer nodes");
    }
    boolean ofOne = pool.family().bits() == blockSize; // every pod's address is a block of its own
    long pods = ofOne
        ? (1L << Math.min(30, blockSize - pool.length())) / count()
        : (1L << (pool.family().bits() - blockSize)) - 2;
    if (topology.pods().perNode() > pods) {
      throw new PlanException(topology.pods().perNode() + " pods do not fit a /" + blockSize);
    }
    if (topology.client().isPresent() && topology.client().get().within().overlaps(pool)) {
      throw new PlanException("pool " + pool + " overlaps the outside client's "
          + topology.client().get().within() + ": choose another pool");
    }
  }

  /** Addresses that the file fixes hold for as many as it names, and for its own pool. */
  private void fixed() throws PlanException {
    List<IpAddress> addresses = topology.pods().addresses();
    List<Prefix> blocks = topology.nodes().blocks();
    for (int given : List.of(topology.nodes().addresses().size(), blocks.size())) {
      if (given > 0 && given < count()) {
        throw new PlanException(topology.name() + " has addresses for " + given + " nodes, not for "
            + count() + ": give fewer");
      }
    }
    if (!addresses.isEmpty() && addresses.size() < count() * topology.pods().perNode()) {
      throw new PlanException(topology.name() + " has addresses for " + addresses.size()
          + " pods, not for " + count() * topology.pods().perNode() + ": give fewer nodes");
    }
    if (!blocks.stream().allMatch(pool::contains) || !addresses.stream().allMatch(pool::contains)) {
      throw new PlanException("the addresses of " + topology.name()
          + " are fixed: it has no other pool than " + topology.pool().cidr());
    }
  }

  private void populate() {
    int index = 0;
    for (Topology.Router router : topology.routers()) {
      add(router.name(), Kind.ROUTER, Optional.of(underlay.router(++index)), router.as());
    }
    topology.lan().ifPresent(name -> add(name, Kind.SWITCH, Optional.empty(), 0));
    topology.client().ifPresent(c -> {
      long host = 1 + Math.floorMod(options.seed(), c.within().size() - 2);
      add(c.name(), Kind.CLIENT, Optional.of(c.within().at(host)), 0);
    });
    for (int i = 1; i <= count(); i++) {
      Topology.Nodes nodes = topology.nodes();
      boolean onLan = topology.lan().isPresent()
          && attachments(i).equals(List.of(topology.lan().get()));
      Optional<IpAddress> loopback = onLan ? Optional.empty() : Optional.of(underlay.node(i));
      long number = nodes.oneAs() ? nodes.as() : nodes.as() + i - 1;
      add(nodes.name() + i, Kind.NODE, loopback, number);
    }
  }

  private void add(String name, Kind kind, Optional<IpAddress> loopback, long number) {
    spaces.put(name, new Space(name, kind, loopback));
    as.put(name, number);
  }

  /** @param node from 1 */
  private List<String> attachments(int node) {
    if (topology.nodes().chain()) {
      return node == 1 ? List.of() : List.of(topology.nodes().name() + (node - 1));
    }
    List<List<String>> turns = topology.nodes().attach();
    return turns.get((node - 1) % turns.size());
  }

  private void cable() throws PlanException {
    for (Topology.Link link : topology.links()) {
      cable(link.one(), link.other());
    }
    for (Topology.Client client : topology.client().stream().toList()) {
      for (String router : client.attach()) {
        cable(router, client.name());
      }
    }
    for (int i = 1; i <= count(); i++) {
      String node = topology.nodes().name() + i;
      for (String other : attachments(i)) {
        if (topology.lan().filter(other::equals).isPresent()) {
          String device = topology.nodes().device().orElse(other);
          cables.add(new Cable(
              new End(other, node, Optional.empty()),
              new End(node, device, Optional.of(onLan(i)))));
        } else {
          cable(other, node);
        }
      }
    }
  }

  /** @param node from 1 */
  private Interface onLan(int node) {
    List<Interface> given = topology.nodes().addresses();
    return given.isEmpty()
        ? new Interface(underlay.onLan(node), underlay.lanLength())
        : given.get(node - 1);
  }

  /** Each end's device has the name of who is at the other end. */
  private void cable(String near, String far) throws PlanException {
    for (String name : List.of(near, far)) {
      if (!spaces.containsKey(name)) {
        throw new PlanException("'" + name + "' is cabled but is no router, switch or client of "
            + topology.name() + ": there are " + String.join(", ", spaces.keySet()));
      }
    }
    Interface first =
        new Interface(underlay.cable(numbered, true), pool.family().bits() - 1);
    Interface second =
        new Interface(underlay.cable(numbered, false), pool.family().bits() - 1);
    numbered++;
    cables.add(
        new Cable(new End(near, far, Optional.of(first)), new End(far, near, Optional.of(second))));
  }

  private Plan.Node node(Space space) {
    List<Uplink> uplinks = new ArrayList<>();
    List<Neighbour> neighbours = new ArrayList<>();
    for (Pair pair : pairsOf(space.name())) {
      Optional<IpAddress> via = pair.far().address().map(Interface::address);
      IpAddress local = pair.near().address().orElseThrow().address();
      List<String> behind = space(pair.far().space()).kind() == Kind.NODE
          ? behind(space.name(), pair.far().space())
          : List.of();
      uplinks.add(new Uplink(pair.near().device(), local, via, behind));
      via.ifPresent(address -> neighbours.add(
          new Neighbour(pair.far().space(), local, address, asOf(pair.far().space()), false)));
    }
    IpAddress address = space.loopback().orElseGet(() -> uplinks.getFirst().local());
    return new Plan.Node(
        space.name(), asOf(space.name()), address, uplinks, neighbours, block(space.name()));
  }

  private Optional<Prefix> block(String node) {
    List<Prefix> blocks = topology.nodes().blocks();
    String number = node.substring(topology.nodes().name().length());
    return blocks.isEmpty()
        ? Optional.empty()
        : Optional.of(blocks.get(Integer.parseInt(number) - 1));
  }

  private Plan.Router router(Space space) {
    List<Neighbour> neighbours = new ArrayList<>();
    List<Prefix> local = new ArrayList<>();
    local.add(space.loopback().orElseThrow().asPrefix());
    List<Prefix> toNodes = new ArrayList<>();
    toNodes.add(pool);
    topology.client().ifPresent(c -> toNodes.add(loopback(c.name()).asPrefix()));
    for (Pair pair : pairsOf(space.name())) {
      Space far = space(pair.far().space());
      if (far.kind() != Kind.ROUTER) {
        far.loopback().ifPresent(a -> local.add(a.asPrefix()));
      }
      if (far.kind() == Kind.ROUTER || far.kind() == Kind.NODE) {
        neighbours.add(new Neighbour(
            far.name(),
            pair.near().address().orElseThrow().address(),
            pair.far().address().orElseThrow().address(),
            asOf(far.name()),
            far.kind() == Kind.NODE));
      }
    }
    Topology.Router described = topology.routers().stream()
        .filter(r -> r.name().equals(space.name()))
        .findFirst()
        .orElseThrow();
    return new Plan.Router(
        space.name(),
        described.speaker(),
        described.as(),
        space.loopback().orElseThrow(),
        neighbours,
        local,
        toNodes);
  }

  /**
   * Routers know the hosts at their cables; hosts leave everything to their routers, but know each
   * other where they are cabled to each other.
   */
  private List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    Prefix everywhere = Prefix.of(pool.address(), 0);
    for (Space space : spaces.values()) {
      List<Hop> routersHere = new ArrayList<>();
      for (Pair pair : pairsOf(space.name())) {
        Space far = space(pair.far().space());
        if (pair.far().address().isEmpty() || far.loopback().isEmpty()) {
          continue;
        }
        Hop hop = new Hop(pair.far().address().get().address(), pair.near().device());
        if (space.kind() == Kind.NODE && far.kind() == Kind.NODE) {
          for (String there : behind(space.name(), far.name())) {
            routes.add(new Route(
                space.name(), loopback(there).asPrefix(), List.of(hop), space.loopback()));
          }
        } else if (space.kind() != Kind.ROUTER) {
          routersHere.add(hop);
        } else if (far.kind() != Kind.ROUTER) {
          routes.add(new Route(
              space.name(), far.loopback().get().asPrefix(), List.of(hop), Optional.empty()));
        }
      }
      if (!routersHere.isEmpty()) {
        routes.add(new Route(space.name(), everywhere, routersHere, space.loopback()));
      }
    }
    return routes;
  }

  /** Which nodes are that way, the one at the cable's end first. */
  private List<String> behind(String node, String first) {
    List<String> found = new ArrayList<>(List.of(first));
    for (int i = 0; i < found.size(); i++) {
      for (Pair pair : pairsOf(found.get(i))) {
        String next = pair.far().space();
        if (space(next).kind() == Kind.NODE && !next.equals(node) && !found.contains(next)) {
          found.add(next);
        }
      }
    }
    return found;
  }

  private List<Plan.Pod> pods() {
    List<Topology.Role> roles = topology.pods().roles();
    int[] dealt = new int[roles.size()];
    List<Plan.Pod> pods = new ArrayList<>();
    for (int i = 0; i < count() * topology.pods().perNode(); i++) {
      int role = (int) Math.floorMod(options.seed() + i, (long) roles.size());
      Topology.Role r = roles.get(role);
      String node = topology.nodes().name() + (1 + i / topology.pods().perNode());
      Topology.Pods all = topology.pods();
      pods.add(new Plan.Pod(
          r.name() + "-" + ++dealt[role],
          r.namespace(),
          r.labels(),
          node,
          all.port(),
          all.otherPorts(),
          all.addresses().isEmpty()
              ? Optional.empty()
              : Optional.of(all.addresses().get(i))));
    }
    return pods;
  }

  private record Pair(End near, End far) {}

  private List<Pair> pairsOf(String space) {
    List<Pair> pairs = new ArrayList<>();
    for (Cable cable : cables) {
      if (cable.one().space().equals(space)) {
        pairs.add(new Pair(cable.one(), cable.other()));
      } else if (cable.other().space().equals(space)) {
        pairs.add(new Pair(cable.other(), cable.one()));
      }
    }
    return pairs;
  }

  private Space space(String name) {
    return Objects.requireNonNull(spaces.get(name), name);
  }

  private IpAddress loopback(String name) {
    return space(name).loopback().orElseThrow();
  }

  private long asOf(String name) {
    return Objects.requireNonNull(as.get(name), name);
  }
}
