package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.PodWiring;
import dev.catwalk.felix.kernel.NetlinkSocket.OverflowException;
import dev.catwalk.felix.netlink.wire.Address;
import dev.catwalk.felix.netlink.wire.Inbound;
import dev.catwalk.felix.netlink.wire.Link;
import dev.catwalk.felix.netlink.wire.Neighbour;
import dev.catwalk.felix.netlink.wire.NextHop;
import dev.catwalk.felix.netlink.wire.Request;
import dev.catwalk.felix.netlink.wire.Route;
import dev.catwalk.felix.netlink.wire.Rule;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.MacAddress;
import dev.catwalk.net.addr.Prefix;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Gives pods their interface. One thread at a time, which it moves into the pod's namespace and back:
 * {@link #alone} and {@link #visiting} see to that. A pair of veth links: the host's side carries no address of ours; the pod's side has one of full length
 * for each family and a default route through {@code 169.254.1.1} and {@code fe80::1}, which a
 * permanent neighbour entry says is the host's side. No link has these addresses: the same two serve
 * every pod, so nothing in a pod depends on what its host's side came to be called. Neither side
 * asks who is where, looks for a duplicate of its address or heeds a router's advertisement. Each
 * step finds what an earlier try has done. A pod's further interfaces have routes in tables of their
 * own, for what has their address as its source.
 */
final class PodWirer implements AutoCloseable {
  private static final IpAddress GATEWAY_V4 = IpAddress.parse("169.254.1.1");
  private static final IpAddress GATEWAY_V6 = IpAddress.parse("fe80::1");
  private static final Prefix DEFAULT_V4 = Prefix.parse("0.0.0.0/0");
  private static final Prefix DEFAULT_V6 = Prefix.parse("::/0");
  private static final int PROTOCOL_BOOT = 3; // as "ip route add" writes in the pod

  /** Of a further interface's routes: beyond what anybody else numbers, plus its index. */
  private static final int FIRST_TABLE = 6_700_000;

  private static final int RULE_PRIORITY = 6700;

  /** A route that others change meanwhile is tried so often. */
  private static final int TRIES = 3;

  /** What a namespace's first link after the loopback interface gets. */
  private static final int FIRST_INSIDE = 2;

  /** Beyond what the kernel numbers links with by itself, for a long time. */
  private static final int LEAST_INDEX = 1 << 24;

  private final ReentrantLock one = new ReentrantLock();
  private final Netns process;
  private final Netns home;
  private final NetlinkSocket host;
  private final boolean isAbroad;
  private boolean closed;

  /** Begins anywhere: no link of an earlier life of this agent shall have had it lately. */
  private int nextIndex = LEAST_INDEX + new Random().nextInt(1 << 30);

  /**
   * Works from the namespace of the calling thread.
   *
   * @param process the namespace that threads are in from their start; closed with this
   */
  PodWirer(Netns process) throws KernelException {
    this.process = process;
    this.home = Netns.current();
    this.isAbroad = !process.isSame(home);
    this.host = NetlinkSocket.open();
  }

  /** Does what a thread of this namespace has to do, when no other is at it. */
  <T> T alone(KernelThread.Opening<T> work) throws KernelException, OverflowException {
    one.lock();
    try {
      if (closed) {
        throw new KernelException("the agent is stopping");
      }
      return work.open();
    } finally {
      one.unlock();
    }
  }

  /** The same for a thread from where the process is. */
  <T> T visiting(KernelThread.Opening<T> work) throws KernelException, OverflowException {
    return alone(() -> {
      if (!isAbroad) {
        return work.open();
      }
      home.enter();
      try {
        return work.open();
      } finally {
        process.enter();
      }
    });
  }

  void wire(PodWiring pod) throws KernelException, OverflowException {
    try (Netns netns = Netns.open(Path.of(pod.netns()));
        NetlinkSocket inside = socketIn(netns)) {
      Optional<Pair> fresh = freshPair(pod, netns);
      Pair pair = fresh.isPresent() ? fresh.get() : pair(pod, netns, inside);
      PodSysctls.ofHostSide(pod);
      if (PodSysctls.concernPodSide(pod)) {
        inside(netns, () -> PodSysctls.ofPodSide(pod));
      }
      connect(pod, pair);
      int table = table(pod, pair.podSide(), inside);
      inside.demandAll(
          podRequests(pod, pair.podSide(), table), pod.ifName() + " in " + pod.netns());
      if (table != Route.MAIN) {
        leadBack(pod, table, inside);
      }
    }
  }

  /** What is not as {@link #wire} made it. */
  List<Difference> inspect(PodWiring pod) throws KernelException, OverflowException {
    try (Netns netns = Netns.open(Path.of(pod.netns()));
        NetlinkSocket inside = socketIn(netns)) {
      return PodInspector.inspect(pod, host, inside);
    }
  }

  /** Removes a pod's interface, both sides and all routes through it; there may be none. */
  void unwire(String hostName) throws KernelException, OverflowException {
    Optional<Inbound.LinkIs> link = host.link(hostName);
    if (link.isEmpty()) {
      return;
    }
    var refused = host.send(List.of(new Request.DeleteLink(link.get().link().index())));
    for (Inbound.Refused no : refused.values()) {
      if (no.errno() != Errno.ENODEV) {
        throw NetlinkSocket.refusal("removal of link " + hostName, no);
      }
    }
  }

  private interface Inside {
    void run() throws KernelException;
  }

  private void inside(Netns netns, Inside work) throws KernelException {
    netns.enter();
    try {
      work.run();
    } finally {
      home.enter();
    }
  }

  private NetlinkSocket socketIn(Netns netns) throws KernelException {
    netns.enter();
    try {
      return NetlinkSocket.brief(host.buffers());
    } finally {
      home.enter();
    }
  }

  /**
   * The two sides, by their indexes in their namespaces.
   *
   * @param podMac what the pod's side has
   */
  private record Pair(int hostSide, int podSide, MacAddress podMac) {}

  /**
   * A pair made by one request, with indexes that we choose: in a namespace that has only its loopback
   * interface, as a new pod's, nothing is in the way and nothing has to be asked for.
   *
   * @return nothing where the kernel refuses, for whatever reason
   */
  private Optional<Pair> freshPair(PodWiring pod, Netns netns)
      throws KernelException, OverflowException {
    int index = nextIndex++;
    return host.send(List.of(veth(pod, index, FIRST_INSIDE, netns.fd()))).isEmpty()
        ? Optional.of(new Pair(index, FIRST_INSIDE, pod.podMac()))
        : Optional.empty();
  }

  private static Request veth(PodWiring pod, int index, int indexInside, int netns) {
    return new Request.CreateVeth(
        index,
        pod.hostName(),
        pod.hostMac(),
        pod.mtu(),
        indexInside,
        pod.ifName(),
        pod.podMac(),
        netns);
  }

  /** What the kernel is asked for a pod in a new namespace. */
  static List<Request> freshRequests(PodWiring pod) {
    List<Request> requests = new ArrayList<>();
    requests.add(veth(pod, LEAST_INDEX, FIRST_INSIDE, 0));
    requests.addAll(hostRequests(pod, new Pair(LEAST_INDEX, FIRST_INSIDE, pod.podMac())));
    requests.addAll(podRequests(pod, FIRST_INSIDE, Route.MAIN));
    return requests;
  }

  /** The pair where something is there already, which may be itself; else it is made. */
  private Pair pair(PodWiring pod, Netns netns, NetlinkSocket inside)
      throws KernelException, OverflowException {
    Link hostSide = hostSide(pod, netns, inside);
    Link podSide = inside
        .link(pod.ifName())
        .map(Inbound.LinkIs::link)
        .orElseThrow(() -> new KernelException("link " + pod.ifName() + " vanished from the pod"));
    return new Pair(hostSide.index(), podSide.index(), podSide.mac().orElseGet(pod::podMac));
  }

  private Link hostSide(PodWiring pod, Netns netns, NetlinkSocket inside)
      throws KernelException, OverflowException {
    Optional<Link> hostSide = host.link(pod.hostName()).map(Inbound.LinkIs::link);
    Optional<Link> podSide = inside.link(pod.ifName()).map(Inbound.LinkIs::link);
    boolean podSideIsOurs =
        podSide.flatMap(Link::mac).filter(pod.podMac()::equals).isPresent();
    if (podSide.isPresent() && !podSideIsOurs) {
      throw new KernelException("there is a link " + pod.ifName() + " in " + pod.netns()
          + " already, and it is not ours: remove it or choose another interface name");
    }
    if (hostSide.isPresent() && podSide.isPresent()) {
      return hostSide.get();
    }
    if (hostSide.isPresent()) { // of an earlier pod of that id, whose namespace is another
      unwire(pod.hostName());
    }
    host.demand(veth(pod, 0, 0, netns.fd()), "veth pair " + pod.hostName());
    return host.link(pod.hostName())
        .map(Inbound.LinkIs::link)
        .orElseThrow(() -> new KernelException("link " + pod.hostName() + " vanished"));
  }

  /** Sets the host's side up, leads the pod's addresses there and says who has them. */
  private void connect(PodWiring pod, Pair pair) throws KernelException, OverflowException {
    List<Request> requests = hostRequests(pod, pair);
    for (var refused : host.send(requests).entrySet()) {
      boolean isThere = refused.getValue().errno() == Errno.EEXIST;
      if (!isThere || !(requests.get(refused.getKey()) instanceof Request.AddRoute add)) {
        throw NetlinkSocket.refusal("host side " + pod.hostName(), refused.getValue());
      }
      takeOver(add.route(), refused.getValue());
    }
  }

  private static List<Request> hostRequests(PodWiring pod, Pair pair) {
    List<Request> requests = new ArrayList<>();
    requests.add(
        new Request.SetLink(pair.hostSide(), true, pod.mtu(), Optional.empty(), pod.mark()));
    for (IpAddress address : pod.addresses()) {
      requests.add(new Request.AddRoute(hostRoute(address, pair.hostSide())));
    }
    for (IpAddress address : pod.addresses()) {
      requests.add(
          new Request.PutNeighbour(Neighbour.permanent(pair.hostSide(), address, pair.podMac())));
    }
    return requests;
  }

  /** How the node reaches a pod's address. */
  static Route hostRoute(IpAddress address, int link) {
    return Route.ours(address.asPrefix(), Route.Kind.UNICAST, List.of(NextHop.device(link)));
  }

  /**
   * What is there may be ours: of an earlier try, learned while the pod was elsewhere, or the block
   * of this one address, which the thread of routes takes away at the same moment.
   */
  private void takeOver(Route route, Inbound.Refused refused)
      throws KernelException, OverflowException {
    Inbound.Refused last = refused;
    for (int i = 0; i < TRIES && last.errno() == Errno.EEXIST; i++) {
      if (isOurs(route)) {
        host.demand(new Request.ReplaceRoute(route), "route " + route.destination());
        return;
      }
      var again = host.send(List.of(new Request.AddRoute(route)));
      if (again.isEmpty()) {
        return;
      }
      last = again.values().iterator().next();
    }
    throw NetlinkSocket.refusal("route " + route.destination(), last);
  }

  private boolean isOurs(Route route) throws KernelException, OverflowException {
    Request ours = new Request.DumpRoutes(route.destination().family(), Route.CATWALK);
    return host.dump(ours).stream()
        .anyMatch(p -> p instanceof Inbound.RouteIs is
            && RouteKeeper.Key.of(is.route()).equals(RouteKeeper.Key.of(route)));
  }

  /**
   * Where the interface's routes are inside the pod: in the main table, or, if another interface
   * leads from there to everything, in one of its own.
   */
  static int table(PodWiring pod, int link, NetlinkSocket inside)
      throws KernelException, OverflowException {
    for (Family family : families(pod)) {
      for (Inbound.Payload payload : inside.dump(new Request.DumpRoutes(family, 0))) {
        if (payload instanceof Inbound.RouteIs(Route route, boolean replaced)
            && route.table() == Route.MAIN
            && route.destination().length() == 0
            && route.nextHops().stream().anyMatch(h -> h.link() != link)) {
          return FIRST_TABLE + link;
        }
      }
    }
    return Route.MAIN;
  }

  private static SortedSet<Family> families(PodWiring pod) {
    TreeSet<Family> families = new TreeSet<>();
    pod.addresses().forEach(a -> families.add(a.family()));
    return families;
  }

  /** What has a further interface's address for its source leaves by that interface. */
  private static void leadBack(PodWiring pod, int table, NetlinkSocket inside)
      throws KernelException, OverflowException {
    List<Request> rules = new ArrayList<>();
    pod.addresses()
        .forEach(a -> rules.add(new Request.AddRule(new Rule(a.asPrefix(), table, RULE_PRIORITY))));
    for (Inbound.Refused no : inside.send(rules).values()) {
      if (no.errno() != Errno.EEXIST) {
        throw NetlinkSocket.refusal("routing rule for " + pod.ifName(), no);
      }
    }
  }

  /** What the kernel is asked for inside the pod, each of which can be asked for again. */
  static List<Request> podRequests(PodWiring pod, int link, int table) {
    List<Request> requests = new ArrayList<>();
    requests.add(new Request.SetLink(link, true, pod.mtu(), Optional.empty()));
    for (IpAddress address : pod.addresses()) {
      boolean v4 = address.isV4();
      IpAddress gateway = v4 ? GATEWAY_V4 : GATEWAY_V6;
      requests.add(
          new Request.PutAddress(new Address(link, address, address.family().bits())));
      requests.add(new Request.PutNeighbour(Neighbour.permanent(link, gateway, pod.hostMac())));
      if (v4) {
        requests.add(route(gateway.asPrefix(), table, NextHop.device(link)));
      }
      requests.add(route(
          v4 ? DEFAULT_V4 : DEFAULT_V6, table, new NextHop(Optional.of(gateway), link, 1, false)));
    }
    return requests;
  }

  private static Request route(Prefix prefix, int table, NextHop hop) {
    return new Request.ReplaceRoute(
        new Route(prefix, table, PROTOCOL_BOOT, Route.Kind.UNICAST, 0, List.of(hop)));
  }

  /** Waits for what is under way; what comes after it is refused. */
  @Override
  public void close() {
    one.lock();
    try {
      closed = true;
      host.close();
      home.close();
      process.close();
    } finally {
      one.unlock();
    }
  }
}
