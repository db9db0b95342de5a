package dev.catwalk.felix.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Assignee;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.Held;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.IpAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What {@code ipam show} answers. It is taken from replicated state only, so that all members give
 * the same bytes at one revision.
 */
public final class IpamView {
  private IpamView() {}

  /** Pools by name and blocks by address. */
  public static ObjectNode show(ClusterState cluster) {
    ObjectNode json = Json.object().put("revision", cluster.revision());
    TreeMap<String, Integer> used = new TreeMap<>();
    for (Block block : cluster.ipam().blocks().values()) {
      int apart = cluster.ipam().apartIn(block.cidr()).size();
      used.merge(block.pool(), block.allocated() + apart, Integer::sum);
    }
    ArrayNode pools = json.putArray("pools");
    for (Pool pool : cluster.ipam().pools().values()) {
      pools
          .addObject()
          .put("name", pool.name())
          .put("cidr", pool.cidr().toString())
          .put("blockSize", pool.blockSize())
          .put("natOutgoing", pool.natOutgoing())
          .put("disabled", pool.disabled())
          .put("used", used.getOrDefault(pool.name(), 0))
          .put("freeBlocks", cluster.ipam().freeBlocks(pool));
    }
    ArrayNode blocks = json.putArray("blocks");
    List<Block> all = new ArrayList<>();
    cluster.ipam().blocks().values().forEach(all::add);
    cluster.ipam().singles().values().forEach(all::add);
    all.sort(Comparator.comparing(Block::cidr));
    for (Block block : all) {
      int apart = cluster.ipam().apartIn(block.cidr()).size();
      blocks
          .addObject()
          .put("cidr", block.cidr().toString())
          .put("pool", block.pool())
          .put("node", node(block))
          .put("epoch", epoch(block))
          .put("allocated", block.allocated())
          .put("free", block.free() - apart)
          .put("apart", apart);
    }
    return json;
  }

  /** Of a block for services and for nodes themselves: nobody. */
  private static String node(Block block) {
    return block.owner().equals(Assignee.OWNER) ? "" : block.owner().node();
  }

  private static String epoch(Block block) {
    return block.owner().equals(Assignee.OWNER) ? "" : block.owner().epochText();
  }

  /** What services have, and nodes for themselves. */
  public static ArrayNode assigned(ClusterState cluster) {
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    for (Block block : cluster.ipam().blocksOf(Assignee.OWNER)) {
      for (Held held : block.allocations().values()) {
        Allocation a = held.allocation();
        boolean service = !a.namespace().isEmpty();
        json.addObject()
            .put("use", (service ? Assignee.Use.SERVICE : Assignee.Use.NODE).word())
            .put("name", service ? a.owner() : a.pod())
            .put("address", a.ip().toString())
            .put("pool", block.pool())
            .put("since", Instant.ofEpochMilli(a.sinceMs()).toString());
      }
    }
    return json;
  }

  /** Which address is kept for whom, and which node has it; none where no pod has it. */
  public static ArrayNode names(ClusterState cluster) {
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    cluster.ipam().names().forEach(kept -> {
      Block single = cluster.ipam().singles().get(kept.getValue().asPrefix());
      Held held = cluster.ipam().holderOf(kept.getValue());
      json.addObject()
          .put("name", kept.getKey().toString())
          .put("address", kept.getValue().toString())
          .put("node", single == null ? "" : single.owner().node())
          .put("owner", held == null ? "" : held.allocation().owner());
    });
    return json;
  }

  /** What each handle holds, in the order of addresses. */
  public static ArrayNode handles(ClusterState cluster) {
    TreeMap<Handle, ObjectNode> all = new TreeMap<>();
    List<Block> blocks = new ArrayList<>();
    cluster.ipam().blocks().values().forEach(blocks::add);
    cluster.ipam().singles().values().forEach(blocks::add);
    for (Block block : blocks) {
      for (Held held : block.allocations().values()) {
        Allocation a = held.allocation();
        ObjectNode one = all.computeIfAbsent(
            a.handle(),
            h -> Json.object()
                .put("handle", h.toString())
                .put("owner", a.owner())
                .put("node", node(block))
                .put("epoch", epoch(block)));
        one.withArray("addresses").add(a.ip().toString());
      }
    }
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    all.values().forEach(json::add);
    return json;
  }

  /** Who has an address; nothing if nobody is recorded as having it. */
  public static Optional<ObjectNode> show(ClusterState cluster, IpAddress ip) {
    Block block = cluster.ipam().blockAround(ip);
    Held held = block == null ? null : block.allocations().get(ip);
    if (block == null || held == null) {
      return Optional.empty();
    }
    Allocation a = held.allocation();
    return Optional.of(Json.object()
        .put("ip", ip.toString())
        .put("owner", a.owner())
        .put("node", node(block))
        .put("since", Instant.ofEpochMilli(a.sinceMs()).toString())
        .put("revision", held.revision())
        .put("block", block.cidr().toString())
        .put("containerId", a.handle().containerId())
        .put("interface", a.handle().ifname()));
  }
}
