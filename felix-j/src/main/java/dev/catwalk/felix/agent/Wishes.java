package dev.catwalk.felix.agent;

import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.felix.model.Endpoint;
import dev.catwalk.felix.model.Enforced;
import dev.catwalk.felix.model.IpamMachine;
import dev.catwalk.felix.model.NodeInfo;
import dev.catwalk.ipam.machine.Command;
import dev.catwalk.ipam.machine.Command.CreatePools;
import dev.catwalk.ipam.machine.Command.RegisterNode;
import dev.catwalk.ipam.machine.Command.SucceedNode;
import dev.catwalk.ipam.machine.CommandCodec;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.ipam.model.Registration;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** What this node wants the store to know of it, as the difference to what the store does know. */
final class Wishes {
  /** Puts and deletes of one transaction. */
  private static final int MAX_OPS = 64;

  /** A transaction stays well below the longest command that the store takes, bytes. */
  private static final int MAX_BYTES = 32 * 1024;

  /**
   * A command and what it is for.
   *
   * @param many whether more of the kind may follow soon, which then better go together
   */
  @SuppressWarnings("ArrayRecordComponent") // Opaque bytes on their way; nobody compares them.
  record Wish(String machine, byte[] command, String what, boolean many) {}

  private Wishes() {}

  /**
   * The next one; nothing when the store knows all.
   *
   * @param pools written if the store has none
   */
  static Optional<Wish> next(
      ClusterState cluster, NodeInfo self, List<Pool> pools, List<Endpoint> local) {
    NodeEpoch life = new NodeEpoch(self.name(), self.epoch());
    Registration registration = cluster.ipam().nodes().get(self.name());
    if (registration != null && registration.retired().contains(self.epoch())) {
      return Optional.empty(); // another life of this node counts: nobody wants to hear from us
    }
    if (registration == null || !registration.current().equals(life)) {
      return Optional.of(ipam(
          registration == null
              ? new RegisterNode(life)
              : new SucceedNode(life, registration.current()),
          "register " + life));
    }
    if (cluster.ipam().pools().isEmpty() && !pools.isEmpty()) {
      return Optional.of(ipam(new CreatePools(pools, true), "create pools"));
    }
    if (!self.equals(cluster.nodes().get(self.name()))) {
      return Optional.of(
          kv(KvTransaction.put(self.key(), self.encode()), "present node " + self.name()));
    }
    return endpoints(cluster, self.name(), local);
  }

  /** The change of pools that is due, where this life of the node counts. */
  static Optional<Wish> ofPools(ClusterState cluster, NodeInfo self, Optional<Command> due) {
    Registration registration = cluster.ipam().nodes().get(self.name());
    return registration != null && registration.current().epoch() == self.epoch()
        ? due.map(command -> ipam(command, "change pools"))
        : Optional.empty();
  }

  /**
   * To tell what this node enforces, once for each change of manifests; others wait for that.
   *
   * @param manifestsAt the last revision that may have changed a manifest
   * @param revision all of the cluster's state as of it is in the kernel
   */
  static Optional<Wish> enforced(
      ClusterState cluster, NodeInfo self, long manifestsAt, long revision) {
    Enforced told = cluster.enforced().get(self.name());
    boolean isNews = revision >= manifestsAt && (told == null ? 0 : told.revision()) < manifestsAt;
    if (!isNews || !self.equals(cluster.nodes().get(self.name()))) {
      return Optional.empty();
    }
    Enforced now = new Enforced(self.name(), revision);
    return Optional.of(
        kv(KvTransaction.put(now.key(), now.encode()), "tell that " + revision + " is enforced"));
  }

  private static Optional<Wish> endpoints(ClusterState cluster, String node, List<Endpoint> local) {
    List<KvTransaction.Op> ops = new ArrayList<>();
    TreeSet<String> keys = new TreeSet<>();
    int bytes = 0;
    for (Endpoint endpoint : local) {
      keys.add(endpoint.key());
      Endpoint known = cluster.endpoints().get(endpoint.key());
      if (endpoint.equals(known)) {
        continue;
      }
      byte[] value = endpoint.encode();
      boolean same = known != null && Arrays.equals(known.encode(), value);
      if (!same && ops.size() < MAX_OPS && bytes + value.length < MAX_BYTES) {
        ops.add(new KvTransaction.Put(endpoint.key(), value));
        bytes += value.length;
      }
    }
    for (Endpoint known : cluster.endpointsOf(node)) {
      if (!keys.contains(known.key()) && ops.size() < MAX_OPS) {
        ops.add(new KvTransaction.Delete(known.key()));
      }
    }
    return ops.isEmpty()
        ? Optional.empty()
        : Optional.of(new Wish(
            KvMachine.NAME,
            new KvTransaction(List.of(), ops, List.of()).encode(),
            "record " + ops.size() + " endpoints",
            true));
  }

  private static Wish ipam(Command command, String what) {
    return new Wish(IpamMachine.NAME, CommandCodec.encode(command), what, false);
  }

  private static Wish kv(KvTransaction transaction, String what) {
    return new Wish(KvMachine.NAME, transaction.encode(), what, false);
  }
}
