package dev.catwalk.felix.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.felix.agent.Answer.Question;
import dev.catwalk.felix.alloc.LocalAddresses;
import dev.catwalk.felix.alloc.Submitter;
import dev.catwalk.felix.kernel.KernelService;
import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.felix.model.IpamView;
import dev.catwalk.felix.model.Keys;
import dev.catwalk.felix.model.Manifest;
import dev.catwalk.ipam.machine.Command;
import dev.catwalk.ipam.machine.Command.ForgetName;
import dev.catwalk.ipam.machine.Command.ReleaseBlock;
import dev.catwalk.ipam.machine.Command.ReleaseByHandle;
import dev.catwalk.ipam.machine.Command.SplitPool;
import dev.catwalk.ipam.machine.Outcome;
import dev.catwalk.ipam.machine.Outcome.NameForgotten;
import dev.catwalk.ipam.machine.Outcome.Refused;
import dev.catwalk.ipam.model.Assignee;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.Held;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.ipam.model.Registration;
import dev.catwalk.ipam.model.StickyName;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Shows, compares, releases and splits: {@code ipam}. Any thread. */
final class IpamVerb {
  private static final long ANSWERED_WITHIN_S = 15;

  /** An address younger than this may be that of a pod which is just being made, milliseconds. */
  private static final long YOUNG_MS = 60_000;

  private final AgentLoop loop;
  private final Store store;
  private final IpamCheck check;

  IpamVerb(
      AgentLoop loop,
      LocalAddresses addresses,
      KernelService kernel,
      Store store,
      RuntimeCache runtime) {
    this.loop = loop;
    this.store = store;
    this.check = new IpamCheck(loop, addresses, kernel, store, runtime);
  }

  Answer answer(Question q) {
    try {
      return switch (q.verb()) {
        case "ipam check" -> check.answer(q);
        case "ipam release" -> {
          if (AssignVerb.isMeant(q)) {
            yield AssignVerb.release(q, this::submit);
          }
          yield !q.argument("name").isEmpty()
              ? releaseName(q)
              : q.argument("node").isEmpty() ? release(q) : releaseNode(q);
        }
        case "ipam split" -> split(q);
        case "ipam assign" -> AssignVerb.assign(q, loop.view().cluster(), this::submit);
        default -> show(q);
      };
    } catch (ExecutionException e) {
      return Answer.refused(
          String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()));
    } catch (TimeoutException e) {
      return Answer.refused("the store does not answer: bring back a majority of its members");
    } catch (InterruptedException e) {
      return Answer.refused("the agent is stopping");
    }
  }

  private Answer show(Question q) {
    ClusterState cluster = loop.view().cluster();
    if (!q.argument("ip").isEmpty()) {
      return holder(q, cluster);
    }
    if (!q.argument("names").isEmpty()) {
      ArrayNode names = IpamView.names(cluster);
      return Render.as(
          q.format(),
          names,
          Render.table(names, "NAME=name", "ADDRESS=address", "NODE=node", "OWNER=owner"));
    }
    if (!q.argument("assigned").isEmpty()) {
      ArrayNode assigned = IpamView.assigned(cluster);
      return Render.as(
          q.format(),
          assigned,
          Render.table(
              assigned, "USE=use", "NAME=name", "ADDRESS=address", "POOL=pool", "SINCE=since"));
    }
    if (!q.argument("handles").isEmpty()) {
      ArrayNode handles = IpamView.handles(cluster);
      return Render.as(
          q.format(),
          handles,
          Render.table(
              handles, "HANDLE=handle", "OWNER=owner", "NODE=node", "ADDRESSES=addresses"));
    }
    ObjectNode json = IpamView.show(cluster);
    String pools = Render.table(
        json.path("pools"),
        "POOL=name",
        "CIDR=cidr",
        "BLOCKSIZE=blockSize",
        "NAT=natOutgoing",
        "DISABLED=disabled",
        "USED=used",
        "FREEBLOCKS=freeBlocks");
    String blocks = Render.table(
        json.path("blocks"),
        "BLOCK=cidr",
        "POOL=pool",
        "NODE=node",
        "EPOCH=epoch",
        "ALLOCATED=allocated",
        "FREE=free");
    return Render.as(
        q.format(), json, q.argument("blocks").isEmpty() ? pools + "\n" + blocks : blocks);
  }

  private static Answer holder(Question q, ClusterState cluster) {
    String ip = q.argument("ip");
    Optional<IpAddress> address = IpAddress.tryParse(ip);
    if (address.isEmpty()) {
      return new Answer(Answer.USAGE, "", "catwalk: '" + ip + "' is not an IP address");
    }
    Optional<ObjectNode> held = IpamView.show(cluster, address.get());
    if (held.isEmpty()) {
      return new Answer(Answer.NO, "", "catwalk: nobody holds " + ip);
    }
    ArrayNode row = JsonNodeFactory.instance.arrayNode().add(held.get());
    return Render.as(
        q.format(),
        held.get(),
        Render.table(row, "IP=ip", "OWNER=owner", "NODE=node", "SINCE=since", "REVISION=revision"));
  }

  /** Only what no pod has: an address that is let go may be another's the next moment. */
  private Answer release(Question q)
      throws InterruptedException, ExecutionException, TimeoutException {
    ClusterState cluster = loop.view().cluster();
    Optional<IpAddress> ip = IpAddress.tryParse(q.argument("ip"));
    if (ip.isEmpty()) {
      return new Answer(
          Answer.USAGE,
          "",
          "catwalk: want --ip ADDRESS, --name NAME, --service NAMESPACE/NAME, --host NODE, or --past"
              + " NODE and --epoch HEX");
    }
    Held held = cluster.ipam().holderOf(ip.get());
    if (held == null) {
      return new Answer(Answer.NO, "", "catwalk: nobody holds " + ip.get());
    }
    Handle handle = held.allocation().handle();
    Block block = cluster.ipam().blockAround(ip.get());
    if (block != null && block.owner().equals(Assignee.OWNER)) {
      return Answer.refused(
          ip.get() + " is the address of a service or a node: ipam show --assigned"
              + " says whose, ipam release --service or --host lets go of it");
    }
    if (isPod(cluster, handle) || loop.view().local().containsKey(handle)) {
      return Answer.refused(
          ip.get() + " is the address of pod " + held.allocation().owner() + ": delete the pod");
    }
    if (System.currentTimeMillis() - held.allocation().sinceMs() < YOUNG_MS) {
      return Answer.refused(ip.get() + " was handed out less than " + YOUNG_MS / 1000
          + " s ago, its pod may be about to come: try again later");
    }
    Outcome outcome = submit(new ReleaseByHandle(handle));
    return outcome instanceof Refused refused
        ? Answer.refused(refused.what())
        : Answer.ok("released " + ip.get() + " of " + held.allocation().owner() + "\n");
  }

  /** Keeps no address for a name any more, of either family. */
  private Answer releaseName(Question q)
      throws InterruptedException, ExecutionException, TimeoutException {
    StringBuilder out = new StringBuilder();
    for (StickyName name : loop.view().cluster().ipam().names().keys()) {
      if (name.toString().equals(q.argument("name"))) {
        switch (submit(new ForgetName(name))) {
          case NameForgotten gone ->
            out.append("released ")
                .append(gone.ip())
                .append(" of ")
                .append(name)
                .append('\n');
          case Refused refused -> {
            return new Answer(Answer.REFUSED, out.toString(), "catwalk: " + refused.what());
          }
          default -> throw new IllegalStateException("no answer to this");
        }
      }
    }
    return out.isEmpty()
        ? new Answer(
            Answer.NO,
            "",
            "catwalk: no address is kept for '" + q.argument("name")
                + "': want NAMESPACE/NAME, as ipam show --names has it")
        : Answer.ok(out.toString());
  }

  private static boolean isPod(ClusterState cluster, Handle handle) {
    for (var endpoint : cluster.endpoints().values()) {
      if (endpoint.containerId().equals(handle.containerId())) {
        return true;
      }
    }
    return false;
  }

  /** The blocks of a past life of a node, whose pods the operator says are gone. */
  private Answer releaseNode(Question q)
      throws InterruptedException, ExecutionException, TimeoutException {
    ClusterState cluster = loop.view().cluster();
    NodeEpoch past;
    try {
      past = new NodeEpoch(q.argument("node"), NodeEpoch.parseEpoch(q.argument("epoch")));
    } catch (IllegalArgumentException e) {
      return new Answer(Answer.USAGE, "", "catwalk: --epoch: " + e.getMessage());
    }
    Registration node = cluster.ipam().nodes().get(past.node());
    if (node == null || !node.retired().contains(past.epoch())) {
      return Answer.refused(
          past + " is no past life of a node: ipam show has the epochs of blocks, nodes those that"
              + " count");
    }
    StringBuilder out = new StringBuilder();
    for (Block block : cluster.ipam().blocksOf(past)) {
      if (submit(new ReleaseBlock(past, block.cidr(), true)) instanceof Refused refused) {
        return new Answer(Answer.REFUSED, out.toString(), "catwalk: " + refused.what());
      }
      out.append("released ").append(block.cidr()).append('\n');
    }
    return Answer.ok(
        out.append("no block is left to ").append(past).append('\n').toString());
  }

  private Answer split(Question q)
      throws InterruptedException, ExecutionException, TimeoutException {
    String name = q.argument("pool");
    String parts = q.argument("parts");
    if (!parts.matches("[0-9]{1,3}")) {
      return new Answer(Answer.USAGE, "", "catwalk: want a number of parts, 2, 4, 8 ..");
    }
    ClusterState cluster = loop.view().cluster();
    Pool whole = cluster.ipam().pools().get(name);
    Outcome outcome = submit(new SplitPool(name, Math.min(255, Integer.parseInt(parts))));
    if (outcome instanceof Refused refused) {
      return Answer.refused(refused.what());
    }
    List<String> names = ((Outcome.PoolsReady) outcome).created();
    Manifest manifest = cluster.manifests().get(Keys.manifest("IPPool", "", name));
    if (manifest != null && whole != null) {
      store
          .submit(KvMachine.NAME, manifests(manifest, whole, names).encode())
          .get(ANSWERED_WITHIN_S, TimeUnit.SECONDS);
    }
    return Answer.ok("pool " + name + " is " + String.join(", ", names) + " now\n");
  }

  /** A manifest of each part in the place of that of the whole. */
  private static KvTransaction manifests(Manifest of, Pool whole, List<String> names) {
    List<KvTransaction.Op> ops = new ArrayList<>();
    int bits = Integer.numberOfTrailingZeros(names.size());
    for (int i = 0; i < names.size(); i++) {
      try {
        ObjectNode json = (ObjectNode) Answer.JSON.readTree(of.text());
        Prefix part = new Prefix(
            whole.blockAt(i * (whole.blocks() >> bits)).address(), whole.cidr().length() + bits);
        json.withObject("/metadata").put("name", names.get(i));
        json.withObject("/spec").put("cidr", part.toString());
        Manifest manifest = new Manifest("IPPool", "", names.get(i), 1, json.toString());
        ops.add(new KvTransaction.Put(manifest.key(), manifest.encode()));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("a manifest in the store is no JSON", e);
      }
    }
    ops.add(new KvTransaction.Delete(of.key()));
    return new KvTransaction(List.of(), ops, List.of());
  }

  private Outcome submit(Command command)
      throws InterruptedException, ExecutionException, TimeoutException {
    CompletableFuture<Outcome> asked = Submitter.to(store).submit(command);
    return asked.get(ANSWERED_WITHIN_S, TimeUnit.SECONDS);
  }
}
