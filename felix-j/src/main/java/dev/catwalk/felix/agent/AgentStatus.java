package dev.catwalk.felix.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.bgp.netty.BgpService;
import dev.catwalk.bgp.netty.Inquiry;
import dev.catwalk.bgp.speaker.PeerTotals;
import dev.catwalk.bgp.speaker.PeerView;
import dev.catwalk.felix.alloc.LocalAddresses;
import dev.catwalk.felix.calc.NodePlanner.Plan;
import dev.catwalk.felix.kernel.KernelService;
import dev.catwalk.felix.kernel.KernelStatus;
import dev.catwalk.felix.metrics.Health;
import dev.catwalk.felix.model.Endpoint;
import dev.catwalk.felix.model.NodeInfo;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.raftstore.store.Store;
import dev.catwalk.raftstore.store.StoreStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How this node is doing, gathered from all its parts. Any thread. */
final class AgentStatus {
  /** A loop that has not gone round for so long is stuck, milliseconds. */
  private static final long STUCK_MS = 10_000;

  /** So many peers that are not up are named; of the others there is the number. */
  private static final int SHOWN_PEERS = 20;

  private final Instant started = Instant.now().truncatedTo(ChronoUnit.MILLIS);
  private final NodeInfo self;
  private final AgentLoop loop;
  private final Store store;
  private final LocalAddresses addresses;
  private final KernelService kernel;
  private final @Nullable BgpService speaker;

  AgentStatus(
      NodeInfo self,
      AgentLoop loop,
      Store store,
      LocalAddresses addresses,
      KernelService kernel,
      @Nullable BgpService speaker) {
    this.self = self;
    this.loop = loop;
    this.store = store;
    this.addresses = addresses;
    this.kernel = kernel;
    this.speaker = speaker;
  }

  /** Whether a pod can be started here now. */
  boolean ready() {
    return loop.view().plan() != null && kernel.status().revision() >= 0 && hasBlocks();
  }

  /** Of each family that there are pools of. */
  private boolean hasBlocks() {
    List<Prefix> own = addresses.blocks();
    for (Pool pool : loop.view().cluster().ipam().pools().values()) {
      if (own.stream().noneMatch(b -> b.family() == pool.cidr().family())) {
        return false;
      }
    }
    return !own.isEmpty();
  }

  Health health() {
    boolean alive = loop.sinceTurnMs() < STUCK_MS;
    boolean ready = alive && ready();
    List<String> reasons = new ArrayList<>();
    if (!ready) {
      problems().forEach(p -> reasons.add(p.what() + ": " + p.remedy()));
      if (reasons.isEmpty()) {
        reasons.add("the agent is starting");
      }
    }
    return new Health(alive, ready, reasons);
  }

  /**
   * {@code ready}, {@code programming} until this node's kernel enforces all that concerns its pod,
   * {@code not in sync} where it refuses some of it, or {@code gone}. The store knows others' pods when ready.
   */
  String stateOf(Endpoint endpoint, AgentView view) {
    if (!endpoint.node().equals(self.name())) {
      return "ready";
    }
    LocalEndpoint local = view.local().get(new Handle(endpoint.containerId(), endpoint.ifname()));
    if (local != null && local.gone()) {
      return "gone";
    }
    Plan plan = view.plan();
    KernelStatus now = kernel.status();
    if (plan == null || now.revision() < plan.kernel().revision()) {
      return "programming";
    }
    return now.inSync() ? "ready" : "not in sync";
  }

  List<Problem> problems() {
    List<Problem> all = new ArrayList<>();
    AgentView view = loop.view();
    StoreStatus stored = store.status();
    if (!stored.quorum() && stored.role() != StoreStatus.Role.STOPPED) {
      all.add(new Problem(
          "no quorum: less than a majority of " + String.join(", ", stored.members())
              + " answers, so no new block can be claimed and nothing applied",
          "start the agents of the other members, or check the network between them"));
    }
    String trouble = stored.problem();
    if (trouble != null) {
      all.add(new Problem("store: " + trouble, "see the message"));
    }
    if (view.plan() == null && stored.quorum()) {
      all.add(new Problem("the cluster's state is not known yet", "wait a moment"));
    }
    all.addAll(view.problems());
    Gone.problem(view.local().values()).ifPresent(all::add);
    addresses.problems().forEach(p -> all.add(new Problem("ipam: " + p, "see the message")));
    if (view.plan() != null && !hasBlocks()) {
      all.add(
          view.cluster().ipam().pools().isEmpty()
              ? new Problem("there is no pool", "add one to 'pools' in agent.yaml, and restart")
              : new Problem("this node lacks a block", "see the other problems"));
    }
    if (kernel.status().guard().equals(KernelStatus.NO_GUARD)) {
      all.add(new Problem(
          "no guard: this kernel has neither iptable_security nor iptable_mangle, so packets of"
              + " pods pass unjudged for as long as somebody else's flush of rules lasts",
          "load one of them for both families ('modprobe -a iptable_security ip6table_security'),"
              + " or let dataplane.backend be iptables-nft, and restart the agent"));
    }
    kernel.status().lastErrors().forEach(e -> all.add(new Problem("kernel: " + e, remedy(e))));
    Plan plan = view.plan();
    if (plan != null) {
      plan.unreadable()
          .forEach((key, why) -> all.add(new Problem(
              key + " cannot be read: " + why, "apply it again, or update this agent")));
    }
    if (speaker != null) {
      Inquiry.Ailing ailing = speaker.inquiry().ailing(SHOWN_PEERS);
      ailing.peers().forEach(peer -> all.add(problem(peer)));
      if (ailing.count() > ailing.peers().size()) {
        all.add(new Problem(
            (ailing.count() - ailing.peers().size()) + " more peers are not up",
            "'catwalk peers' names them, and 'catwalk peers NAME' says what to look at"));
      }
    }
    return all;
  }

  private static Problem problem(PeerView peer) {
    return new Problem(
        "peer " + peer.name() + " (" + peer.address() + "): " + peer.lastError(),
        peer.hint().isEmpty()
            ? "compare bgp.peers in agent.yaml with that peer's own configuration"
            : peer.hint());
  }

  private static String remedy(String error) {
    return error.startsWith("route ") && error.contains("EEXIST")
        ? "a route of another program is in the way, which 'ip route show' names: remove one of the"
            + " two; ours comes in when the place is free"
        : "it is tried again and again; 'catwalk logs --level warn' tells since when";
  }

  Answer answer(String format) {
    ObjectNode json = json();
    return Render.as(format, json, table(json));
  }

  private ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("node", self.name());
    json.put("version", self.version());
    json.put("started", started.toString());
    json.put("ready", ready());
    json.set("problems", Views.problems(problems()));
    json.set("store", Views.store(store.status()).put("choice", store.choice()));
    Optional<PeerTotals> totals = speaker == null
        ? Optional.of(PeerTotals.NONE)
        : speaker.inquiry().totals(Duration.ofSeconds(10));
    json.set(
        "bgp",
        Views.bgp(totals.orElseThrow(
            () -> new IllegalStateException("the speaker did not answer for 10 s"))));
    KernelStatus kernelStatus = kernel.status();
    json.set("dataplane", Views.dataplane(kernelStatus, loop.view().enforced()));
    ObjectNode ipam = json.putObject("ipam");
    ArrayNode blocks = ipam.putArray("blocks");
    addresses.blocks().forEach(b -> blocks.add(b.toString()));
    ipam.put("free", addresses.free());
    return json;
  }

  /** What others broke, for the table: nothing where they broke nothing. */
  private static String repairs(JsonNode repairs) {
    List<String> parts = new ArrayList<>();
    for (var kind : repairs.properties()) {
      if (kind.getValue().asLong() > 0) {
        parts.add(kind.getValue().asText() + " " + kind.getKey());
      }
    }
    return parts.isEmpty() ? "" : ", repaired " + String.join(", ", parts);
  }

  private static String table(ObjectNode json) {
    StringBuilder out = new StringBuilder();
    out.append("node       ").append(json.path("node").asText());
    out.append(json.path("ready").asBoolean() ? ", ready" : ", NOT READY");
    out.append(" (catwalk ").append(json.path("version").asText()).append(")\n");
    JsonNode store = json.path("store");
    out.append("store      ").append(store.path("role").asText());
    out.append(", leader ").append(Render.cell(store.path("leader")));
    out.append(", members ").append(Render.cell(store.path("members")));
    out.append(store.path("quorum").asBoolean() ? ", quorum" : ", NO QUORUM");
    String transport = store.path("transport").asText();
    out.append(transport.equals("plain text") ? ", PLAIN TEXT between members" : "");
    out.append(", revision ").append(store.path("revision").asText());
    out.append(", hash ").append(store.path("stateHash").asText()).append('\n');
    String choice = store.path("choice").asText();
    out.append(choice.isEmpty() ? "" : "voters     " + choice + "\n");
    JsonNode bgp = json.path("bgp");
    out.append("bgp        ").append(bgp.path("established").asText()).append(" of ");
    out.append(bgp.path("configured").asText()).append(" sessions, ");
    out.append(bgp.path("routesIn").asText()).append(" routes in, ");
    out.append(bgp.path("routesOut").asText()).append(" out\n");
    JsonNode dataplane = json.path("dataplane");
    out.append("dataplane  ").append(dataplane.path("backend").asText());
    out.append(dataplane.path("inSync").asBoolean() ? ", in sync" : ", NOT IN SYNC");
    out.append(", enforces revision ").append(dataplane.path("storeRevision").asText());
    out.append(repairs(dataplane.path("repairs"))).append('\n');
    out.append("ipam       blocks ").append(Render.cell(json.at("/ipam/blocks")));
    out.append(", ").append(json.at("/ipam/free").asText()).append(" addresses free\n");
    for (JsonNode problem : json.path("problems")) {
      out.append("problem    ").append(problem.path("what").asText());
      out.append("\n  remedy   ").append(problem.path("remedy").asText()).append('\n');
    }
    return out.toString();
  }
}
