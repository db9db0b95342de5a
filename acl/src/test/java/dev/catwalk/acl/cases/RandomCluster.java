package dev.catwalk.acl.cases;

import dev.catwalk.acl.model.Action;
import dev.catwalk.acl.model.NamedPort;
import dev.catwalk.acl.model.Namespace;
import dev.catwalk.acl.model.Peer;
import dev.catwalk.acl.model.Policy;
import dev.catwalk.acl.model.PolicyKey;
import dev.catwalk.acl.model.PolicyState;
import dev.catwalk.acl.model.Port;
import dev.catwalk.acl.model.Protocol;
import dev.catwalk.acl.model.Rule;
import dev.catwalk.acl.model.Scope;
import dev.catwalk.acl.model.Selector;
import dev.catwalk.acl.model.Workload;
import dev.catwalk.acl.model.WorkloadKey;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/** Small clusters made at random from a seed, crowded so that much overlaps. */
public final class RandomCluster {
  private static final List<String> NAMES = List.of("a", "b", "c", "d");
  private static final List<String> KEYS = List.of("app", "tier", "team");
  private static final List<String> PORTS = List.of("web", "dns");
  private static final List<Integer> NUMBERS = List.of(53, 80, 81, 443, 7000);

  private final Random random;

  public RandomCluster(long seed) {
    this.random = new Random(seed);
  }

  /** Addresses that packets go between: of pods and of nobody. */
  public static List<IpAddress> places(PolicyState state) {
    TreeSet<IpAddress> places = new TreeSet<>();
    state.workloads().values().forEach(w -> places.addAll(w.addresses()));
    places.add(IpAddress.parse("10.0.0.200"));
    places.add(IpAddress.parse("192.0.2.1"));
    places.add(IpAddress.parse("2001:db8::99"));
    return new ArrayList<>(places);
  }

  /** A state of up to 16 pods and 6 policies. */
  public PolicyState state() {
    List<Namespace> namespaces = new ArrayList<>();
    List<Workload> workloads = new ArrayList<>();
    int address = 1;
    for (String name : NAMES) {
      if (random.nextInt(4) != 0) {
        namespaces.add(new Namespace(name, labels()));
      }
      for (String pod : NAMES) {
        if (random.nextInt(3) != 0) {
          workloads.add(workload(new WorkloadKey(name, pod), address));
        }
        address += random.nextInt(9) == 0 ? 0 : 1; // Sometimes a finished pod's is used again.
      }
    }
    List<Policy> policies = new ArrayList<>();
    for (int i = random.nextInt(7); i > 0; i--) {
      policies.add(policy("p" + i));
    }
    return PolicyState.of(namespaces, unambiguous(workloads), policies);
  }

  /** Two live pods never share an address. */
  private static List<Workload> unambiguous(List<Workload> workloads) {
    List<Workload> out = new ArrayList<>();
    for (Workload one : workloads) {
      boolean taken = out.stream()
          .anyMatch(w -> w.selectable() && !Collections.disjoint(w.addresses(), one.addresses()));
      out.add(taken && one.selectable() ? one.at(List.of(), one.node()) : one);
    }
    return out;
  }

  private Workload workload(WorkloadKey key, int number) {
    List<IpAddress> addresses = new ArrayList<>();
    addresses.add(Prefix.parse("10.0.0.0/24").at(number));
    if (random.nextBoolean()) {
      addresses.add(Prefix.parse("2001:db8::/64").at(number));
    }
    List<NamedPort> ports = new ArrayList<>();
    for (String name : PORTS) {
      if (random.nextBoolean()) {
        ports.add(new NamedPort(name, pick(Protocol.values()), pick(NUMBERS)));
      }
    }
    return new Workload(
        key, labels(), addresses, ports, random.nextInt(8) == 0, random.nextInt(8) == 0, null);
  }

  private SortedMap<String, String> labels() {
    SortedMap<String, String> labels = new TreeMap<>();
    for (String key : KEYS) {
      if (random.nextBoolean()) {
        labels.put(key, pick(NAMES));
      }
    }
    return labels;
  }

  private Policy policy(String name) {
    String namespace = pick(NAMES);
    return new Policy(
        new PolicyKey("NetworkPolicy", namespace, name),
        new Scope.Same(namespace),
        selector(),
        random.nextInt(3) != 0,
        random.nextBoolean(),
        some(3, () -> rule(namespace)),
        some(3, () -> rule(namespace)));
  }

  private Rule rule(String namespace) {
    Action action = random.nextInt(5) == 0 ? Action.DENY : Action.ALLOW;
    return new Rule(action, some(3, () -> peer(namespace)), some(4, this::port));
  }

  private Peer peer(String namespace) {
    return switch (random.nextInt(3)) {
      case 0 -> new Peer.Pods(new Scope.Same(namespace), selector());
      case 1 -> new Peer.Pods(new Scope.Matching(selector()), selector());
      default -> {
        Prefix whole = Prefix.parse(
            random.nextInt(4) == 0
                ? "2001:db8::/120"
                : pick(List.of("0.0.0.0/0", "10.0.0.0/24", "10.0.0.0/28")));
        int bits = whole.family().bits();
        yield new Peer.Block(
            whole,
            some(
                3,
                () -> Prefix.of(
                    !whole.address().isV4()
                        ? whole.at(random.nextInt(64))
                        : Prefix.parse("10.0.0.0/24").at(random.nextInt(16)),
                    Math.max(whole.length() + 1, bits - random.nextInt(6)))));
      }
    };
  }

  private Port port() {
    Protocol protocol = pick(Protocol.values());
    return switch (random.nextInt(4)) {
      case 0 -> new Port.Every(protocol);
      case 1 -> new Port.Named(protocol, pick(PORTS));
      case 2 -> {
        int first = pick(NUMBERS);
        yield new Port.Range(protocol, first, first + random.nextInt(100));
      }
      default -> {
        int number = pick(NUMBERS);
        yield new Port.Range(protocol, number, number);
      }
    };
  }

  private Selector selector() {
    return Selector.and(some(3, () -> {
      Selector one = random.nextBoolean()
          ? new Selector.Has(pick(KEYS))
          : new Selector.In(pick(KEYS), new TreeSet<>(List.of(pick(NAMES), pick(NAMES))));
      return random.nextInt(3) == 0 ? new Selector.Not(one) : one;
    }));
  }

  private <T> List<T> some(int bound, Supplier<T> source) {
    List<T> all = new ArrayList<>();
    for (int i = random.nextInt(bound); i > 0; i--) {
      all.add(source.get());
    }
    return all;
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  @SafeVarargs
  private <T> T pick(T... from) {
    return from[random.nextInt(from.length)];
  }
}
