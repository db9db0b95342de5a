package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.rib.Path;
import dev.catwalk.bgp.rib.Source;
import dev.catwalk.bgp.rib.Underlay;
import dev.catwalk.bgp.rib.Via;
import dev.catwalk.bgp.speaker.SpeakerConfig.ListenAddress;
import dev.catwalk.bgp.speaker.SpeakerConfig.Multipath;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One network of one seed: how large, how joined, with which timers and delays, and what is done to
 * it. After every round of cuts, stalls, restarts and changes it is left alone until all sessions
 * that can be are up and nothing stale is held; then every table must be the {@link Oracle}'s.
 */
final class Simulation {
  static final int LEAST = 3;
  static final int MEDIAN = 12;
  static final int MOST = 200;

  /** RFC 4271 §8.2.2's wait for an OPEN, the longest stall, and the longest back-off. */
  private static final long QUIET_LIMIT_MS = 240_000 + 180_000 + 60_000;

  private static final long LOOK_MS = 5_000;

  /** Longer than any message and its consequences are under way. */
  private static final long SETTLE_MS = 15_000;

  private static final int RESTART_TIME = 20;

  enum Shape {
    /** All in one AS, each with each. */
    IBGP_MESH,
    /** Each in an AS of its own, each with each. */
    EBGP_MESH,
    /** All in one AS; the first two reflect for the others and know each other. */
    TWO_REFLECTORS
  }

  private final long seed;
  private final SplittableRandom random;
  private final SplittableRandom ways;
  private final int size;
  private final Shape shape;
  private final boolean transit;
  private final int maximumPaths;
  private final Extras extras;
  private final SessionConfig plain;
  private final SessionConfig client;
  private final World world;
  private final List<World.Node> nodes = new ArrayList<>();
  private final List<TreeMap<Prefix, Long>> originated = new ArrayList<>();
  private String phase = "start";

  Simulation(long seed) {
    this(seed, true);
  }

  /** @param more whether there may be {@link Extras} */
  Simulation(long seed, boolean more) {
    this.seed = seed;
    random = new SplittableRandom(seed * 0x9e3779b97f4a7c15L + 1);
    size = size(random.nextDouble());
    shape = Shape.values()[random.nextInt(Shape.values().length)];
    transit = size <= 6 && random.nextBoolean(); // how many paths there are grows faster than n!
    maximumPaths = random.nextBoolean() ? 1 : 4;
    int holdTime = size > 30 ? 90 : List.of(9, 30, 90).get(random.nextInt(3));
    GracefulRestart restart = random.nextBoolean()
        ? new GracefulRestart(true, RESTART_TIME, 2 * RESTART_TIME)
        : GracefulRestart.OFF;
    extras = more ? Extras.of(seed, restart.enabled(), shape, transit) : Extras.NONE;
    plain = extras.on(session(holdTime, false, restart));
    client = extras.on(session(holdTime, true, restart));
    world = new World(seed, List.of(3, 40, 300).get(random.nextInt(3)), false);
    world.watchPaths(extras.bfd());
    ways = new SplittableRandom(seed);
  }

  private static SessionConfig session(int holdTime, boolean client, GracefulRestart restart) {
    return new SessionConfig(
        holdTime,
        SessionConfig.THIRD_OF_HOLD,
        false,
        client,
        List.of(Family.IPV4),
        restart,
        Optional.empty());
  }

  /** Half of all below the median, few far above it. */
  private static int size(double chance) {
    double size = chance < 0.5
        ? LEAST * Math.pow((double) MEDIAN / LEAST, 2 * chance)
        : MEDIAN * Math.pow((double) MOST / MEDIAN, Math.pow(2 * chance - 1, 4));
    return (int) Math.round(size);
  }

  int size() {
    return size;
  }

  @Override
  public String toString() {
    return "seed " + seed + ": " + size + " speakers, " + shape + (transit ? " with transit" : "")
        + ", hold time " + plain.holdTime() + " s, graceful restart "
        + plain.gracefulRestart().enabled() + ", " + extras + ", paths " + maximumPaths + ", "
        + phase + ", "
        + world.time.nowMs() + " ms";
  }

  /** @throws AssertionError saying the seed and what is wrong */
  void run() {
    try {
      build();
      world.start();
      quiet();
      int rounds = size > 60 ? 1 : 3;
      for (int round = 1; round <= rounds; round++) {
        phase = "round " + round;
        for (int i = 2 + size / 6; i > 0; i--) {
          disturb();
          world.time.run(random.nextInt(8_000));
        }
        phase += ", afterwards";
        quiet();
      }
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(this + ": " + e.getMessage(), e);
    }
  }

  private static IpAddress address(int n) {
    return IpAddress.v4(0x0a000001 + n);
  }

  private long as(int n) {
    return shape == Shape.EBGP_MESH ? 64600 + n : 64600;
  }

  private boolean areTied(int a, int b) {
    return a != b && (shape != Shape.TWO_REFLECTORS || a < 2 || b < 2);
  }

  private boolean hasClient(int reflector, int other) {
    return shape == Shape.TWO_REFLECTORS && reflector < 2 && other >= 2;
  }

  private SpeakerConfig config(int n) {
    List<PeerConfig> peers = new ArrayList<>();
    for (int other = 0; other < size; other++) {
      if (areTied(n, other) && !(extras.guests() && hasClient(n, other))) {
        SessionConfig session = hasClient(n, other) ? client : plain;
        peers.add(new PeerConfig("n" + other, address(other), PeerConfig.PORT, as(other), session));
      }
    }
    return new SpeakerConfig(
            as(n),
            address(n),
            List.of(new ListenAddress(address(n), PeerConfig.PORT)),
            new Multipath(maximumPaths, true),
            peers,
            extras.guests() && n < 2
                ? List.of(new DynamicPeers(Prefix.parse("10.0.0.0/8"), as(n), client))
                : List.of(),
            transit,
            SpeakerConfig.DEFERRAL_TIME)
        .aggregating(extras.summaries());
  }

  private void build() {
    for (int n = 0; n < size; n++) {
      nodes.add(world.add(config(n)));
      if (extras.kernels()) {
        nodes.get(n).forwardsLate(seed + n);
      }
      if (extras.far()) {
        nodes.get(n).reaches(reached(n));
      }
      originated.add(new TreeMap<>());
      originate(n);
    }
  }

  /** All others by way of one neighbour. */
  private static Underlay reached(int n) {
    TreeMap<Prefix, List<Via>> routes = new TreeMap<>();
    routes.put(Prefix.parse("10.0.0.0/8"), List.of(way(n)));
    return new Underlay(new TreeSet<>(), routes);
  }

  private static Via way(int n) {
    return new Via(IpAddress.v4(0x0b000001 + n), "");
  }

  /** Some prefixes of its own, and some that others may have as well. */
  private void originate(int n) {
    TreeMap<Prefix, Long> routes = new TreeMap<>();
    for (int k = random.nextInt(4); k > 0; k--) {
      int own = 0x64000000 | n << 16 | random.nextInt(6) << 8;
      routes.put(new Prefix(IpAddress.v4(own), 24), 10L * random.nextInt(3));
    }
    for (int k = random.nextInt(3) - 1; k > 0; k--) {
      int shared = 0xc0a80000 | random.nextInt(4) << 8;
      routes.put(new Prefix(IpAddress.v4(shared), 24), 10L * random.nextInt(3));
    }
    originated.set(n, routes);
    tellOriginated(n);
  }

  private void tellOriginated(int n) {
    TreeMap<Prefix, Origination> routes = new TreeMap<>();
    originated.get(n).forEach((prefix, med) -> routes.put(prefix, new Origination(med)));
    nodes.get(n).happen(new Happening.Originate(routes));
  }

  private void disturb() {
    int n = random.nextInt(size);
    int other = random.nextInt(size);
    World.Node node = nodes.get(n);
    if (extras.far() && ways.nextInt(3) == 0) {
      int which = ways.nextInt(size);
      Underlay none = new Underlay(new TreeSet<>(), new TreeMap<>());
      Underlay near = new Underlay(new TreeSet<>(reached(0).routes().keySet()), new TreeMap<>());
      nodes.get(which).reaches(List.of(none, near, reached(which)).get(ways.nextInt(3)));
    }
    switch (random.nextInt(9)) {
      case 0, 1 -> {
        if (!areTied(n, other)) {
          originate(n);
        } else if (world.isCut(node, nodes.get(other))) {
          world.heal(node, nodes.get(other));
        } else {
          world.cut(node, nodes.get(other));
        }
      }
      case 2 -> world.stall(node, nodes.get(other), random.nextInt(2 * plain.holdTime() * 1000));
      case 3 -> {
        if (!node.isDead()) {
          node.kill();
        }
      }
      case 4 -> {
        if (!node.isDead()) {
          node.vanish();
        }
      }
      case 5, 6 -> revive(n);
      default -> originate(n);
    }
  }

  private void revive(int n) {
    World.Node node = nodes.get(n);
    if (!node.isDead()) {
      node.kill();
      world.time.run(random.nextInt(3_000));
    }
    node.selected.clear();
    boolean kept = plain.gracefulRestart().enabled() && random.nextBoolean();
    node.revive(config(n), kept ? new Restart(true, List.of(Family.IPV4), false) : Restart.NONE);
    tellOriginated(n);
  }

  /** Leaves all alone until nothing is under way, and judges what has come of it. */
  private void quiet() {
    for (int n = 0; extras.far() && n < size; n++) {
      nodes.get(n).reaches(reached(n));
    }
    long limit = world.time.nowMs() + QUIET_LIMIT_MS;
    int at = 0;
    int good = 0;
    while (good < size) { // from the one that was late to where all have been good in one look
      String late = unsettled(at);
      if (late.isEmpty()) {
        at = (at + 1) % size;
        good++;
      } else {
        good = 0;
        if (world.time.nowMs() >= limit) {
          throw new AssertionError("stuck: " + late);
        }
        world.time.run(LOOK_MS);
      }
    }
    world.time.run(SETTLE_MS);
    for (int n = 0; n < size; n++) {
      String late = unsettled(n);
      if (!late.isEmpty()) {
        throw new AssertionError("fell again: " + late);
      }
    }
    judge();
  }

  /** What a speaker still waits for; empty: nothing. */
  private String unsettled(int n) {
    World.Node node = nodes.get(n);
    if (node.isDead()) {
      return "";
    }
    TreeSet<Integer> missing = new TreeSet<>();
    for (int other = 0; other < size; other++) {
      if (isJoined(n, other)) {
        missing.add(other);
      }
    }
    for (PeerView peer : node.speaker.peers(world.time.nowMs())) {
      int other = IpAddress.parse(peer.address()).v4Bits() - address(0).v4Bits();
      missing.remove(other);
      boolean possible = isJoined(n, other);
      if (possible != peer.state().equals(PeerView.ESTABLISHED)) {
        return "n" + n + " is " + peer.state() + " with " + peer.name() + " "
            + (possible ? "who is there" : "who is out of reach") + "; " + peer.lastError();
      }
      if (world.isStalled(node, nodes.get(other))) {
        return "n" + n + " hears " + peer.name() + " late";
      }
      if (peer.gracefulRestart().stalePrefixes() > 0) {
        return "n" + n + " holds stale routes of " + peer.name();
      }
    }
    return missing.isEmpty() ? "" : "n" + n + " knows nothing of " + missing;
  }

  private boolean isJoined(int n, int other) {
    return areTied(n, other)
        && !nodes.get(n).isDead()
        && !nodes.get(other).isDead()
        && !world.isCut(nodes.get(n), nodes.get(other));
  }

  private void judge() {
    List<Oracle.Node> all = new ArrayList<>();
    for (int n = 0; n < size; n++) {
      TreeMap<Integer, Oracle.Tie> sessions = new TreeMap<>();
      for (int other = 0; other < size; other++) {
        if (isJoined(n, other)) {
          Oracle.Tie ibgp = hasClient(n, other) ? Oracle.Tie.CLIENT : Oracle.Tie.IBGP;
          sessions.put(other, shape == Shape.EBGP_MESH ? Oracle.Tie.EBGP : ibgp);
        }
      }
      TreeMap<Prefix, Long> own = nodes.get(n).isDead() ? new TreeMap<>() : originated.get(n);
      all.add(new Oracle.Node(address(n), as(n), own, sessions));
    }
    List<TreeMap<Prefix, List<Oracle.Route>>> expected =
        new Oracle(all, transit, maximumPaths).selected();
    for (int n = 0; n < size; n++) {
      if (!nodes.get(n).isDead()) {
        if (extras.aggregates()) {
          judgeWhole(n, expected.get(n));
        }
        compare(n, expected.get(n), all);
      }
    }
  }

  /**
   * Its own where it has a part of it (without transit: which it originates), else that of somebody
   * who does, else none.
   */
  private void judgeWhole(int n, TreeMap<Prefix, List<Oracle.Route>> expected) {
    boolean own =
        transit ? expected.keySet().stream().anyMatch(Extras.WHOLE::contains) : hasPart(n);
    boolean others = false;
    for (int other = 0; other < size && !transit; other++) {
      others |= isJoined(n, other) && hasPart(other);
    }
    List<Path> held = nodes.get(n).selected.get(Extras.WHOLE);
    boolean local = held != null && held.getFirst().source().name().equals("local");
    if (local != own || (held != null) != (own || others)) {
      throw new AssertionError("n" + n + " has " + held + " for the aggregate, where it should be "
          + (own ? "its own" : others ? "another's" : "none"));
    }
  }

  /** Without transit: what others tell is no part. */
  private boolean hasPart(int n) {
    return !nodes.get(n).isDead()
        && originated.get(n).keySet().stream().anyMatch(Extras.WHOLE::contains);
  }

  private void compare(int n, TreeMap<Prefix, List<Oracle.Route>> expected, List<Oracle.Node> all) {
    World.Node node = nodes.get(n);
    TreeMap<Prefix, List<Path>> selected = new TreeMap<>(node.selected);
    selected.remove(Extras.WHOLE);
    if (!selected.keySet().equals(expected.keySet())) {
      TreeMap<Prefix, List<Path>> extra = new TreeMap<>(selected);
      extra.keySet().removeAll(expected.keySet());
      TreeMap<Prefix, List<Oracle.Route>> missing = new TreeMap<>(expected);
      missing.keySet().removeAll(selected.keySet());
      throw new AssertionError("n" + n + " has " + extra + " in excess and lacks " + missing);
    }
    expected.forEach((prefix, routes) -> {
      List<Path> held = node.selected.get(prefix);
      boolean same = held.size() == routes.size();
      for (int i = 0; same && i < held.size(); i++) {
        same = routes.get(i).is(held.get(i), all);
      }
      if (!same) {
        throw new AssertionError(
            "n" + n + " has " + held + " for " + prefix + " where " + routes + " should be");
      }
    });
    selected
        .values()
        .forEach(paths -> paths.forEach(path -> {
          boolean local = path.source().kind() == Source.Kind.LOCAL;
          if (extras.far() && !local && !path.via().equals(List.of(way(n)))) {
            throw new AssertionError("n" + n + " sends packets to " + path.via() + ": " + path);
          }
        }));
    for (RouteView route : node.speaker.routes(Optional.empty())) {
      Prefix prefix = Prefix.parse(route.prefix());
      if (!expected.containsKey(prefix)
          && !prefix.equals(Extras.WHOLE)
          && !route.best().isEmpty()) {
        throw new AssertionError("n" + n + " shows " + route + ", which it does not use");
      }
    }
  }
}
