package dev.catwalk.felix.agent;

import dev.catwalk.felix.calc.AddressPlan;
import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.felix.model.Manifest;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.tree.SortedTree;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** The plan for addresses, made anew when manifests or pools have changed. Any thread. */
final class AddressPlans {
  private final String node;
  private final SortedMap<String, String> labels;

  private @Nullable AddressPlan plan;
  private @Nullable SortedTree<String, Manifest> manifests;
  private @Nullable SortedTree<String, Pool> pools;

  AddressPlans(String node, SortedMap<String, String> labels) {
    this.node = node;
    this.labels = labels;
  }

  @SuppressWarnings("ReferenceEquality") // an unchanged tree is the same one; another costs a look
  synchronized AddressPlan of(ClusterState cluster) {
    AddressPlan known = plan;
    if (known == null
        || manifests != cluster.manifests()
        || pools != cluster.ipam().pools()) {
      known = new AddressPlan(cluster, node, labels);
      plan = known;
      manifests = cluster.manifests();
      pools = cluster.ipam().pools();
    }
    return known;
  }
}
