package dev.catwalk.felix.calc;

import dev.catwalk.acl.manifest.AddressRule;
import dev.catwalk.acl.manifest.ManifestObject;
import dev.catwalk.acl.manifest.Manifests;
import dev.catwalk.acl.manifest.Parsed;
import dev.catwalk.acl.model.Namespace;
import dev.catwalk.acl.model.Selector;
import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.felix.model.Keys;
import dev.catwalk.felix.model.Manifest;
import dev.catwalk.ipam.machine.AllocationRules;
import dev.catwalk.ipam.machine.Command;
import dev.catwalk.ipam.machine.Command.DeletePool;
import dev.catwalk.ipam.machine.Command.SetPool;
import dev.catwalk.ipam.machine.Ipam;
import dev.catwalk.ipam.machine.Outcome;
import dev.catwalk.ipam.machine.Outcome.Refused;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster's manifests say of addresses, as one node sees it: which pools serve which pods,
 * what is reserved, and what is to be done so that the pools are as the manifests say. A manifest
 * that this program cannot read closes its pool: nothing is given out of it.
 */
public final class AddressPlan {
  private static final String POOL = "IPPool";

  /**
   * Which pools may serve a request.
   *
   * @param any whether all of them may, whatever their names
   * @param names the most wanted first
   * @param why none may, where that is so
   */
  public record Choice(boolean any, List<String> names, String why) {
    public Choice {
      names = List.copyOf(names);
    }
  }

  private final ClusterState cluster;
  private final SortedMap<String, String> labels;
  private final TreeMap<String, AddressRule.Pool> rules = new TreeMap<>();
  private final TreeMap<String, String> unreadable = new TreeMap<>();
  private final List<Prefix> reserved = new ArrayList<>();
  private int maxBlocks = Integer.MAX_VALUE;
  private boolean borrows;

  /**
   * Reads the manifests.
   *
   * @param labels of this node
   */
  public AddressPlan(ClusterState cluster, String node, SortedMap<String, String> labels) {
    this.cluster = cluster;
    TreeMap<String, String> all = new TreeMap<>(labels);
    all.putIfAbsent("kubernetes.io/hostname", node);
    this.labels = Collections.unmodifiableSortedMap(all);
    for (String kind : List.of(POOL, "IPReservation", "IPAMConfiguration")) {
      cluster.manifestsOf(kind).forEach(this::read);
    }
  }

  private void read(Manifest manifest) {
    Parsed parsed = Manifests.parse(manifest.key(), manifest.text());
    if (!parsed.problems().isEmpty()) {
      unreadable.put(manifest.name(), parsed.problems().getFirst().toString());
      return;
    }
    for (ManifestObject object : parsed.objects()) {
      if (object instanceof ManifestObject.OfAddresses(String kind, String name, var rule, var t)) {
        switch (rule) {
          case AddressRule.Pool pool -> rules.put(name, pool);
          case AddressRule.Reservation reservation -> reserved.addAll(reservation.ranges());
          case AddressRule.Limits limits -> {
            if (name.equals("default")) {
              maxBlocks = limits.maxBlocks() > 0 ? limits.maxBlocks() : maxBlocks;
              borrows = limits.borrows();
            }
          }
        }
      }
    }
  }

  /**
   * What the owner of blocks keeps to.
   *
   * @param kept blocks that are never given back
   */
  public AllocationRules rules(
      Collection<Prefix> kept, long coolDownMs, int maxBlocksPerPool, long idleMs) {
    return new AllocationRules(
        reserved, coolDownMs, maxBlocks, maxBlocksPerPool, idleMs, borrows, new TreeSet<>(kept));
  }

  /** The pools that may give this node a block, for whichever of its pods. */
  public List<String> forNode(Family family) {
    List<String> names = new ArrayList<>();
    for (Pool pool : cluster.ipam().pools().values()) {
      if (pool.cidr().family() == family && notForNode(pool).isEmpty()) {
        names.add(pool.name());
      }
    }
    return names;
  }

  /**
   * The pools for a pod. Those that are wanted by name serve whatever their selectors say, as with
   * Calico; the others must select the node and the namespace, and serve workloads.
   *
   * @param wanted names or ranges of pools; empty: nobody asks for one
   */
  public Choice choose(Family family, String namespace, List<String> wanted) {
    if (!wanted.isEmpty()) {
      return wanted(family, wanted);
    }
    if (rules.isEmpty() && unreadable.isEmpty()) {
      return new Choice(true, List.of(), "");
    }
    List<String> names = new ArrayList<>();
    List<String> whyNot = new ArrayList<>();
    for (Pool pool : cluster.ipam().pools().values()) {
      if (pool.cidr().family() != family) {
        continue;
      }
      String why = notForNode(pool);
      AddressRule.Pool rule = rules.get(pool.name());
      if (why.isEmpty() && rule != null && !selects(rule.namespaces(), namespace)) {
        why = "does not select namespace " + namespace;
      }
      if (why.isEmpty()) {
        names.add(pool.name());
      } else {
        whyNot.add(pool.name() + " " + why);
      }
    }
    return new Choice(
        false,
        names,
        "no pool of " + family + " addresses serves pods of namespace " + namespace + " here: "
            + String.join("; ", whyNot));
  }

  /**
   * Why no pod may have an address though it asks for it by name: its pool is for others. Empty if
   * one may, as far as the pool is concerned.
   */
  public String notForPods(IpAddress address) {
    Pool pool = cluster.ipam().poolAround(address.asPrefix());
    if (pool == null) {
      return "";
    }
    AddressRule.Pool rule = rules.get(pool.name());
    return rule == null || rule.uses().contains("Workload")
        ? ""
        : address + " is of pool " + pool.name() + ", which is for "
            + String.join(", ", rule.uses())
            + " alone: choose an address of another pool, or add Workload to its allowedUses";
  }

  /**
   * The pools for what is no pod.
   *
   * @param use as {@code allowedUses} has it; a pool without a manifest is for workloads and tunnels
   * @param wanted names of pools; empty: any that are for this
   */
  public Choice forUse(String use, Family family, List<String> wanted) {
    List<String> names = new ArrayList<>();
    List<String> whyNot = new ArrayList<>();
    for (Pool pool : cluster.ipam().pools().values()) {
      AddressRule.Pool rule = rules.get(pool.name());
      boolean named = wanted.contains(pool.name());
      if (pool.cidr().family() != family || !wanted.isEmpty() && !named) {
        continue;
      }
      boolean serves = rule == null ? use.equals("Tunnel") : rule.uses().contains(use);
      if (!serves) {
        whyNot.add(pool.name() + " is not for it by its allowedUses");
      } else if (pool.disabled() || unreadable.containsKey(pool.name())) {
        whyNot.add(pool.name() + " is disabled");
      } else if (rule != null && !named && (rule.manual() || !rule.nodes().matches(labels))) {
        whyNot.add(pool.name()
            + (rule.manual()
                ? " serves only those who name it"
                : " does not" + " select this node"));
      } else {
        names.add(pool.name());
      }
    }
    wanted.stream()
        .filter(name -> !cluster.ipam().pools().containsKey(name))
        .forEach(name -> whyNot.add("there is no pool " + name));
    return new Choice(
        false,
        names,
        "no pool of " + family + " addresses is for " + use + " here"
            + (whyNot.isEmpty() ? "" : ": " + String.join("; ", whyNot)));
  }

  /** What only those get who name it. */
  public List<Prefix> reserved() {
    return List.copyOf(reserved);
  }

  private Choice wanted(Family family, List<String> wanted) {
    List<String> names = new ArrayList<>();
    for (String name : wanted) {
      Pool found = null;
      for (Pool pool : cluster.ipam().pools().values()) {
        if (pool.name().equals(name) || pool.cidr().toString().equals(name)) {
          found = pool;
        }
      }
      if (found == null) {
        return new Choice(false, List.of(), "there is no pool " + name);
      }
      if (found.disabled() || unreadable.containsKey(found.name())) {
        return new Choice(false, List.of(), "pool " + name + " is disabled");
      }
      if (found.cidr().family() == family) {
        names.add(found.name());
      }
    }
    return new Choice(false, names, "none of the wanted pools has " + family + " addresses");
  }

  /** Why a pool gives this node no block; empty if it does. */
  private String notForNode(Pool pool) {
    AddressRule.Pool rule = rules.get(pool.name());
    if (pool.disabled()) {
      return "is disabled";
    }
    if (unreadable.containsKey(pool.name())) {
      return "has a manifest that cannot be read";
    }
    if (rule == null) {
      return pool.declared() ? "has lost its manifest" : "";
    }
    return rule.manual()
        ? "serves only those who name it"
        : !rule.uses().contains("Workload")
            ? "is not for workloads"
            : rule.nodes().matches(labels) ? "" : "does not select this node";
  }

  private boolean selects(Selector namespaces, String namespace) {
    if (namespaces instanceof Selector.All) {
      return true;
    }
    Manifest manifest = cluster.manifests().get(Keys.manifest("Namespace", "", namespace));
    Namespace known = new Namespace(namespace, Collections.emptySortedMap());
    if (manifest != null) {
      for (ManifestObject o : Manifests.parse(manifest.key(), manifest.text()).objects()) {
        known = o instanceof ManifestObject.OfNamespace n ? n.value() : known;
      }
    }
    TreeMap<String, String> all = new TreeMap<>(known.labels());
    all.putIfAbsent("projectcalico.org/name", namespace);
    return namespaces.matches(all);
  }

  /** What is wrong with the manifests, each with its remedy. */
  public List<String> problems(IpamState ipam) {
    List<String> all = new ArrayList<>();
    unreadable.forEach((name, why) -> all.add(name + " cannot be read: " + why));
    for (String name : rules.keySet()) {
      if (step(name, ipam) instanceof Refusal(String why)) {
        all.add(POOL + " " + name + " cannot be as its manifest says: " + why);
      }
    }
    return all;
  }

  /** The next change that makes the pools what the manifests say; nothing if they are. */
  public Optional<Command> wish(IpamState ipam) {
    for (String name : rules.keySet()) {
      if (step(name, ipam) instanceof Due(Command command)) {
        return Optional.of(command);
      }
    }
    for (Pool pool : ipam.pools().values()) {
      if (pool.declared() && !rules.containsKey(pool.name())) {
        if (unreadable.containsKey(pool.name()) || ipam.hasBlocks(pool)) {
          if (!pool.disabled()) {
            return Optional.of(new SetPool(pool.closed()));
          }
        } else {
          return Optional.of(new DeletePool(pool.name()));
        }
      }
    }
    return Optional.empty();
  }

  private sealed interface Step {}

  private record Due(Command command) implements Step {}

  private record Refusal(String why) implements Step {}

  /** What is to be done for a pool that a manifest declares; null if nothing is. */
  private @Nullable Step step(String name, IpamState ipam) {
    AddressRule.Pool rule = rules.get(name);
    if (rule == null) {
      return null;
    }
    try {
      Pool wanted =
          new Pool(name, rule.cidr(), rule.blockSize(), rule.natOutgoing(), rule.disabled(), true);
      if (wanted.equals(ipam.pools().get(name))) {
        return null;
      }
      Command command = new SetPool(wanted);
      Outcome outcome = Ipam.apply(ipam, 0, command).outcome();
      return outcome instanceof Refused refused ? new Refusal(refused.what()) : new Due(command);
    } catch (IllegalArgumentException e) {
      return new Refusal(String.valueOf(e.getMessage()));
    }
  }
}
