package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.DesiredKernel;
import dev.catwalk.felix.calc.FoundPod;
import dev.catwalk.felix.calc.Leftover;
import dev.catwalk.felix.calc.PodWiring;
import dev.catwalk.felix.calc.RouteTarget;
import dev.catwalk.felix.kernel.NetlinkSocket.OverflowException;
import dev.catwalk.felix.kernel.PendingPods.Doing;
import dev.catwalk.felix.netlink.wire.Inbound;
import dev.catwalk.felix.netlink.wire.Inbound.Payload;
import dev.catwalk.felix.netlink.wire.Link;
import dev.catwalk.felix.netlink.wire.NextHop;
import dev.catwalk.felix.netlink.wire.Request;
import dev.catwalk.felix.netlink.wire.Route;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.net.diff.Delta;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Keeps our routes and the host sides of pods as desired. It holds a copy of what the kernel has,
 * which {@link #resync} reads and {@link #heard} keeps fresh; {@link #reconcile} writes the
 * difference. Without thread or clock of its own.
 */
final class RouteKeeper {

  /** The kernel as this class needs it. */
  interface Kernel {
    List<Payload> dump(Request request) throws KernelException, OverflowException;

    /** Returns what was refused, by index. */
    SortedMap<Integer, Inbound.Refused> send(List<? extends Request> requests)
        throws KernelException, OverflowException;
  }

  /** What a change that we heard of asks for. */
  enum Heard {
    NOTHING,
    /** The copy is fresh; it may differ from what is desired. */
    RECONCILE,
    /** The kernel drops and changes routes then without telling. */
    RESYNC
  }

  /** What tells routes of one kernel apart. */
  record Key(Prefix destination, int table, int metric) implements Comparable<Key> {
    private static final Comparator<Key> ORDER = Comparator.comparing(Key::destination)
        .thenComparingInt(Key::table)
        .thenComparingInt(Key::metric);

    static Key of(Route route) {
      return new Key(route.destination(), route.table(), route.metric());
    }

    @Override
    public int compareTo(Key other) {
      return ORDER.compare(this, other);
    }
  }

  /** Routes of single addresses that are written at once, while an ADD may have to wait. */
  private static final int APART = 1000;

  /** What is refused of a route begins so in {@link #failures}, with its prefix behind it. */
  private static final String ROUTE = "route ";

  private record Put(Route route, Request request) {}

  private final Kernel kernel;
  private final RouteCopy copy = new RouteCopy();
  private final Others others = new Others();
  private final Interfaces interfaces = new Interfaces();
  private final RouteResolver resolver = new RouteResolver(interfaces, this::unresolved);
  private final TreeMap<String, String> failures = new TreeMap<>();

  /** Those of the failures where there is a route already: a foreign one, or one we missed. */
  private final TreeSet<String> occupied = new TreeSet<>();

  private Optional<DesiredKernel> reconciled = Optional.empty();
  private long writes;
  private long routeRepairs;
  private long linkRepairs;

  RouteKeeper(Kernel kernel) {
    this.kernel = kernel;
  }

  /** Reads all that the kernel has. */
  void resync() throws KernelException, OverflowException {
    List<Payload> found = new ArrayList<>(kernel.dump(new Request.DumpLinks()));
    for (Family family : Family.values()) {
      found.addAll(kernel.dump(new Request.DumpAddresses(family)));
      found.addAll(kernel.dump(new Request.DumpRoutes(family, 0)));
    }
    copy.clear();
    others.clear();
    interfaces.clear();
    found.forEach(this::take);
  }

  /** Takes note of a change that somebody else made. */
  Heard heard(Payload payload) {
    return switch (payload) {
      case Inbound.LinkIs is -> heardLink(is.link());
      case Inbound.LinkGone gone -> {
        take(gone);
        yield PodWiring.isHostName(gone.link().name()) ? Heard.RECONCILE : Heard.RESYNC;
      }
      case Inbound.AddressIs is -> interfaces.has(is.address()) ? Heard.NOTHING : Heard.RESYNC;
      case Inbound.AddressGone gone -> Heard.RESYNC;
      case Inbound.RouteIs is -> {
        if (isDoubtful(is.route())) {
          yield Heard.RESYNC;
        }
        take(is);
        yield is.route().protocol() == Route.CATWALK || is.replaced()
            ? Heard.RECONCILE
            : Heard.NOTHING;
      }
      case Inbound.RouteGone gone -> {
        if (isDoubtful(gone.route()) || others.gone(gone.route())) {
          yield Heard.RESYNC;
        }
        take(gone);
        // The place that a foreign route leaves may be the one that a refused one of ours waits
        // for.
        yield gone.route().protocol() == Route.CATWALK || !failures.isEmpty()
            ? Heard.RECONCILE
            : Heard.NOTHING;
      }
      case Inbound.NeighbourIs n -> Heard.NOTHING;
      case Inbound.NeighbourGone n -> Heard.NOTHING;
      case Inbound.GenerationIs g -> Heard.NOTHING;
      case Inbound.SetIs i -> Heard.NOTHING;
      case Inbound.Acknowledged a -> Heard.NOTHING;
      case Inbound.Refused r -> Heard.NOTHING;
      case Inbound.Done d -> Heard.NOTHING;
      case Inbound.Unread u -> Heard.NOTHING;
    };
  }

  private boolean isDoubtful(Route route) {
    return copy.isDoubtful(Key.of(route));
  }

  /** Everything has been heard that others did before that {@link #pass} had ended. */
  void heardUntil(long pass) {
    copy.heardUntil(pass);
  }

  /** How often {@link #reconcile} was called. */
  long pass() {
    return copy.pass();
  }

  private Heard heardLink(Link link) {
    Link before = interfaces.link(link.index());
    take(new Inbound.LinkIs(link));
    if (PodWiring.isHostName(link.name())) {
      if (!link.up()) {
        copy.forgetRoutesOf(link.index());
      }
      return Heard.RECONCILE;
    }
    return before != null && before.up() == link.up() ? Heard.NOTHING : Heard.RESYNC;
  }

  private void take(Payload payload) {
    switch (payload) {
      case Inbound.LinkIs is -> interfaces.put(is.link());
      case Inbound.LinkGone gone -> {
        interfaces.remove(gone.link());
        copy.forgetRoutesOf(gone.link().index());
        others.forgetRoutesOf(gone.link().index());
      }
      case Inbound.AddressIs is -> interfaces.put(is.address());
      case Inbound.AddressGone gone -> interfaces.remove(gone.address());
      case Inbound.RouteIs is -> takeRoute(is);
      case Inbound.RouteGone gone -> {
        if (gone.route().protocol() == Route.CATWALK) {
          copy.gone(Key.of(gone.route()));
        }
      }
      case Inbound.NeighbourIs n -> {}
      case Inbound.NeighbourGone n -> {}
      case Inbound.GenerationIs g -> {}
      case Inbound.SetIs i -> {}
      case Inbound.Acknowledged a -> {}
      case Inbound.Refused r -> {}
      case Inbound.Done d -> {}
      case Inbound.Unread u -> {}
    }
  }

  private void takeRoute(Inbound.RouteIs is) {
    others.read(is.route(), is.replaced());
    if (is.route().protocol() == Route.CATWALK) {
      copy.read(is.route());
    } else if (is.replaced()) {
      copy.gone(Key.of(is.route()));
    }
  }

  /**
   * Writes what differs: additions and replacements first, removals last. What the kernel refuses is
   * kept in {@link #failures} and tried again next time.
   *
   * @param pending what CNI does and has done since {@code desired} was made: what is being wired is
   *     left alone, what is wired stays, and what is unwired is not wanted any more
   * @return false where the copy turned out to be stale: resync and call again
   */
  boolean reconcile(DesiredKernel desired, PendingPods pending)
      throws KernelException, OverflowException {
    copy.begin();
    boolean known = reconciled.filter(desired::equals).isPresent();
    TreeMap<String, String> failedBefore = new TreeMap<>(failures);
    failures.clear();
    SortedMap<String, Doing> pods = pending.now();
    Delta<Route> delta = Delta.between(wanted(desired, pods), copy.routes());
    int links = raise(desired, pods);
    List<Put> puts = new ArrayList<>();
    delta.missing().forEach(r -> puts.add(new Put(r, new Request.AddRoute(r))));
    delta
        .changed()
        .forEach(c -> puts.add(new Put(c.desired(), new Request.ReplaceRoute(c.desired()))));
    occupied.clear();
    int routes = unlessHeld(puts, Put::route, pending, this::put);
    List<Route> stale = delta.stale().stream().filter(r -> !isOfWired(r, pods)).toList();
    routes += unlessHeld(
        stale,
        r -> r,
        pending,
        rs -> remove(rs.stream().map(Request.DeleteRoute::new).toList()));
    List<Request> linkRemovals = new ArrayList<>();
    staleLinks(desired, pods).forEach(l -> linkRemovals.add(new Request.DeleteLink(l.index())));
    links += remove(linkRemovals);
    writes += routes + links;
    routeRepairs += known ? routes : 0;
    linkRepairs += known ? links : 0;
    reconciled = Optional.of(desired);
    return occupied.stream().allMatch(failedBefore::containsKey);
  }

  private void unresolved(Prefix prefix, String why) {
    failures.put(ROUTE + prefix, why);
  }

  private interface Writing<T> {
    /** Returns how many were done. */
    int write(List<T> routes) throws KernelException, OverflowException;
  }

  /** Writes all, but what may be a pod's only where none that is under way holds it. */
  private <T> int unlessHeld(
      List<T> all, Function<T, Route> route, PendingPods pending, Writing<T> writing)
      throws KernelException, OverflowException {
    List<T> hosts =
        all.stream().filter(t -> route.apply(t).destination().isHost()).toList();
    int done = writing.write(
        all.stream().filter(t -> !route.apply(t).destination().isHost()).toList());
    for (int from = 0; from < hosts.size(); from += APART) {
      List<T> some = hosts.subList(from, Math.min(from + APART, hosts.size()));
      done += pending.apart(() -> writing.write(
          some.stream().filter(t -> !isHeld(route.apply(t), pending)).toList()));
    }
    return done;
  }

  private boolean isHeld(Route route, PendingPods pending) {
    String link =
        route.nextHops().isEmpty() ? "" : nameOf(route.nextHops().getFirst().link());
    return pending.isHeld(route.destination(), link);
  }

  private TreeMap<Key, Route> wanted(DesiredKernel desired, SortedMap<String, Doing> pods) {
    TreeMap<Key, Route> wanted = new TreeMap<>();
    desired.routes().forEach((prefix, target) -> {
      Doing doing = target instanceof RouteTarget.Device d ? pods.get(d.link()) : null;
      if (doing != Doing.WIRING && doing != Doing.UNWIRED) {
        resolver.resolve(prefix, target).ifPresent(r -> wanted.put(Key.of(r), r));
      }
    });
    return wanted;
  }

  private boolean isOfWired(Route route, SortedMap<String, Doing> pods) {
    for (NextHop hop : route.nextHops()) {
      Link link = interfaces.link(hop.link());
      // A link that we have not heard of yet may be one that is just being made.
      boolean isMade = link == null
          ? hop.link() != 0 && pods.values().stream().anyMatch(d -> d != Doing.UNWIRED)
          : pods.getOrDefault(link.name(), Doing.UNWIRED) != Doing.UNWIRED;
      if (isMade) {
        return true;
      }
    }
    return false;
  }

  /** Sets pods' links up that somebody set down: no route goes through them before. */
  private int raise(DesiredKernel desired, SortedMap<String, Doing> pods)
      throws KernelException, OverflowException {
    List<Request> raises = new ArrayList<>();
    for (String name : desired.podLinks()) {
      Link link = interfaces.link(name);
      if (link != null && !link.up() && !pods.containsKey(name)) {
        raises.add(new Request.SetLink(link.index(), true, 0, Optional.empty()));
        take(new Inbound.LinkIs(link.raised()));
      }
    }
    return raises.size() - kernel.send(raises).size();
  }

  private List<Link> staleLinks(DesiredKernel desired, SortedMap<String, Doing> pods) {
    return interfaces.links().values().stream()
        .filter(l -> PodWiring.isHostName(l.name()) && l.kind().equals("veth"))
        .filter(l -> !desired.podLinks().contains(l.name()) && !pods.containsKey(l.name()))
        .toList();
  }

  private int put(List<Put> puts) throws KernelException, OverflowException {
    SortedMap<Integer, Inbound.Refused> refused =
        kernel.send(puts.stream().map(Put::request).toList());
    for (int i = 0; i < puts.size(); i++) {
      Route route = puts.get(i).route();
      Inbound.Refused no = refused.get(i);
      if (no == null) {
        copy.put(route);
        continue;
      }
      String what = ROUTE + route.destination();
      failures.put(what, NetlinkSocket.refusal(what, no).getMessage());
      if (no.errno() == Errno.EEXIST) {
        occupied.add(what);
      }
    }
    return puts.size() - refused.size();
  }

  private int remove(List<? extends Request> removals) throws KernelException, OverflowException {
    SortedMap<Integer, Inbound.Refused> refused = kernel.send(removals);
    for (int i = 0; i < removals.size(); i++) {
      Inbound.Refused no = refused.get(i);
      if (no != null && no.errno() != Errno.ESRCH && no.errno() != Errno.ENODEV) {
        String what = "removal of " + removals.get(i);
        failures.put(what, NetlinkSocket.refusal(what, no).getMessage());
      } else if (removals.get(i) instanceof Request.DeleteRoute r) {
        copy.removed(r.route());
      } else if (removals.get(i) instanceof Request.DeleteLink l) {
        Link link = interfaces.link(l.index());
        if (link != null) {
          take(new Inbound.LinkGone(link));
        }
      }
    }
    return removals.size() - refused.size();
  }

  /** Routes of ours that lead to other nodes or nowhere, as they are now. */
  Leftover leftover() {
    return Remnants.leftover(copy.routes().values(), interfaces.links());
  }

  /** Pods of ours as they are now, by what is written on their links and leads there. */
  List<FoundPod> pods() {
    return Remnants.pods(copy.routes().values(), interfaces.links());
  }

  private String nameOf(int index) {
    return Remnants.nameOf(interfaces.links(), index);
  }

  /** See {@link Interfaces#connected}. */
  SortedSet<Prefix> connected() {
    return interfaces.connected();
  }

  /** Where others' routes lead; nothing where there are too many. */
  Optional<SortedMap<Prefix, RouteTarget>> others() {
    return others.targets(this::nameOf);
  }

  /** What was refused, a sentence each, by what it is about. */
  SortedMap<String, String> failures() {
    return Collections.unmodifiableSortedMap(failures);
  }

  /** Prefixes whose route was refused. */
  SortedSet<Prefix> refused() {
    TreeSet<Prefix> refused = new TreeSet<>();
    for (String what : failures.keySet()) {
      if (what.startsWith(ROUTE)) {
        refused.add(Prefix.parse(what.substring(ROUTE.length())));
      }
    }
    return Collections.unmodifiableSortedSet(refused);
  }

  int installed() {
    return copy.routes().size();
  }

  long writes() {
    return writes;
  }

  /** Routes that somebody else had changed and that were put right. */
  long routeRepairs() {
    return routeRepairs;
  }

  /** The same of pods' links. */
  long linkRepairs() {
    return linkRepairs;
  }

  /** Routes of ours that are there; for tests. */
  Map<Key, Route> routes() {
    return copy.routes();
  }
}
