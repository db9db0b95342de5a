package dev.catwalk.felix.model;

import dev.catwalk.ipam.machine.SnapshotCodec;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.net.tree.SortedTree;
import dev.catwalk.raftstore.machine.Change;
import dev.catwalk.raftstore.machine.Change.Committed;
import dev.catwalk.raftstore.machine.Change.Replaced;
import dev.catwalk.raftstore.machine.KvDeeds;
import dev.catwalk.raftstore.machine.KvEntry;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction.Delete;
import dev.catwalk.raftstore.machine.KvTransaction.Get;
import dev.catwalk.raftstore.machine.KvTransaction.Op;
import dev.catwalk.raftstore.machine.KvTransaction.Put;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * All that the cluster's agents share, at one revision. Immutable; a change costs O(log n).
 *
 * @param nodes by the node's name
 * @param endpoints by {@code endpoints/NODE/CONTAINERID/IFNAME}
 * @param manifests by {@code manifests/KIND/NAMESPACE/NAME}
 * @param enforced by the node's name
 * @param unreadable keys whose value this program cannot read, with the reason; such a value is in
 *     none of the other members
 * @param modRevisions the revision that last changed each key: for comparing in a transaction
 */
public record ClusterState(
    long revision,
    SortedTree<String, NodeInfo> nodes,
    SortedTree<String, Endpoint> endpoints,
    SortedTree<String, Manifest> manifests,
    SortedTree<String, Enforced> enforced,
    SortedTree<String, String> unreadable,
    SortedTree<String, Long> modRevisions,
    IpamState ipam) {

  private static final ClusterState EMPTY = new ClusterState(
      0,
      SortedTree.empty(),
      SortedTree.empty(),
      SortedTree.empty(),
      SortedTree.empty(),
      SortedTree.empty(),
      SortedTree.empty(),
      IpamState.empty());

  /** Before the first revision. */
  public static ClusterState empty() {
    return EMPTY;
  }

  /** The state after what the store's feed tells; changes come in the order of their revisions. */
  public ClusterState apply(Change change) {
    return switch (change) {
      case Committed c -> committed(c);
      case Replaced r -> replaced(r);
    };
  }

  /** The endpoints of one node. */
  public List<Endpoint> endpointsOf(String node) {
    return below(endpoints, Keys.ENDPOINTS + node + "/");
  }

  /** The manifests of one kind, by namespace and name. */
  public List<Manifest> manifestsOf(String kind) {
    return below(manifests, Keys.MANIFESTS + kind + "/");
  }

  /** The revision that last changed a key; 0 if it is not there. */
  public long modRevision(String key) {
    Long known = modRevisions.get(key);
    return known == null ? 0 : known;
  }

  private ClusterState committed(Committed c) {
    if (c.revision() != revision + 1) {
      throw new IllegalStateException("revision " + c.revision() + " came after " + revision);
    }
    ClusterState next = at(c.revision());
    return switch (c.machine()) {
      case IpamMachine.NAME ->
        next.with(IpamMachine.step(ipam, c.revision(), c.command()).next());
      case KvMachine.NAME -> next.done(c);
      default -> next; // a machine that this program does not follow
    };
  }

  private static ClusterState replaced(Replaced r) {
    ClusterState next = EMPTY.at(r.revision());
    byte[] ipam = r.snapshots().get(IpamMachine.NAME);
    if (ipam != null) {
      next = next.with(SnapshotCodec.decode(ipam));
    }
    byte[] snapshot = r.snapshots().get(KvMachine.NAME);
    if (snapshot != null) {
      KvMachine kv = new KvMachine();
      kv.restore(snapshot);
      for (KvEntry entry : kv.list("")) {
        next = next.put(entry.key(), entry.value(), entry.modRevision());
      }
    }
    return next;
  }

  private ClusterState done(Committed c) {
    ClusterState next = this;
    for (Op op : KvDeeds.of(c.command(), c.outcome())) {
      next = switch (op) {
        case Put put -> next.put(put.key(), put.value(), c.revision());
        case Delete delete -> next.without(delete.key());
        case Get get -> next;
      };
    }
    return next;
  }

  private ClusterState put(String key, byte[] value, long modRevision) {
    ClusterState next = without(key);
    SortedTree<String, NodeInfo> nextNodes = next.nodes;
    SortedTree<String, Endpoint> nextEndpoints = next.endpoints;
    SortedTree<String, Manifest> nextManifests = next.manifests;
    SortedTree<String, Enforced> nextEnforced = next.enforced;
    SortedTree<String, String> nextUnreadable = next.unreadable;
    try {
      if (key.startsWith(Keys.NODES)) {
        NodeInfo node = NodeInfo.decode(value);
        nextNodes = nextNodes.put(same(node.key(), key, node.name()), node);
      } else if (key.startsWith(Keys.ENDPOINTS)) {
        Endpoint endpoint = Endpoint.decode(value);
        nextEndpoints = nextEndpoints.put(same(endpoint.key(), key, key), endpoint);
      } else if (key.startsWith(Keys.MANIFESTS)) {
        Manifest manifest = Manifest.decode(value);
        nextManifests = nextManifests.put(same(manifest.key(), key, key), manifest);
      } else if (key.startsWith(Keys.ENFORCED)) {
        Enforced said = Enforced.decode(value);
        nextEnforced = nextEnforced.put(same(said.key(), key, said.node()), said);
      }
    } catch (IllegalArgumentException e) {
      nextUnreadable = nextUnreadable.put(key, String.valueOf(e.getMessage()));
    }
    return new ClusterState(
        revision,
        nextNodes,
        nextEndpoints,
        nextManifests,
        nextEnforced,
        nextUnreadable,
        next.modRevisions.put(key, modRevision),
        ipam);
  }

  /** What is filed under another key than its own counts as unreadable. */
  private static String same(String own, String key, String result) {
    if (!own.equals(key)) {
      throw new IllegalArgumentException("the value belongs under " + own);
    }
    return result;
  }

  private ClusterState without(String key) {
    return new ClusterState(
        revision,
        key.startsWith(Keys.NODES) ? nodes.remove(key.substring(Keys.NODES.length())) : nodes,
        endpoints.remove(key),
        manifests.remove(key),
        key.startsWith(Keys.ENFORCED)
            ? enforced.remove(key.substring(Keys.ENFORCED.length()))
            : enforced,
        unreadable.remove(key),
        modRevisions.remove(key),
        ipam);
  }

  private ClusterState at(long next) {
    return new ClusterState(
        next, nodes, endpoints, manifests, enforced, unreadable, modRevisions, ipam);
  }

  private ClusterState with(IpamState next) {
    return new ClusterState(
        revision, nodes, endpoints, manifests, enforced, unreadable, modRevisions, next);
  }

  private static <V> List<V> below(SortedTree<String, V> tree, String prefix) {
    List<V> found = new ArrayList<>();
    for (Map.Entry<String, V> entry : tree.from(prefix)) {
      if (!entry.getKey().startsWith(prefix)) {
        break;
      }
      found.add(entry.getValue());
    }
    return found;
  }
}
