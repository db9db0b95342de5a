package dev.catwalk.felix.agent;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.catwalk.acl.model.Policy;
import dev.catwalk.acl.model.Selector;
import dev.catwalk.acl.model.Workload;
import dev.catwalk.acl.model.WorkloadKey;
import dev.catwalk.bgp.netty.BgpService;
import dev.catwalk.bgp.netty.Inquiry;
import dev.catwalk.bgp.speaker.PeerView;
import dev.catwalk.bgp.speaker.RouteView;
import dev.catwalk.felix.agent.Answer.Question;
import dev.catwalk.felix.calc.NodePlanner.Plan;
import dev.catwalk.felix.cni.Frame;
import dev.catwalk.felix.model.Endpoint;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers the command line. Any thread. */
final class Verbs {
  private static final Logger log = LoggerFactory.getLogger(Verbs.class);

  private final AgentStatus status;
  private final AgentLoop loop;
  private final @Nullable BgpService speaker;
  private final ManifestStore manifests;
  private final StoreVerb store;
  private final IpamVerb ipam;
  private final Stopper stopper;

  /** Ends the agent after the answer has gone out. */
  interface Stopper {
    void stop(Agent.Ending how);
  }

  Verbs(
      AgentStatus status,
      AgentLoop loop,
      @Nullable BgpService speaker,
      ManifestStore manifests,
      StoreVerb store,
      IpamVerb ipam,
      Stopper stopper) {
    this.status = status;
    this.loop = loop;
    this.speaker = speaker;
    this.manifests = manifests;
    this.store = store;
    this.ipam = ipam;
    this.stopper = stopper;
  }

  byte[] answer(byte[] bytes) {
    Answer answer;
    try {
      Question question = Question.read(bytes);
      answer = answer(question);
    } catch (IOException e) {
      answer = new Answer(Answer.USAGE, "", "catwalk: " + e.getMessage());
    } catch (RuntimeException e) {
      log.error("a question could not be answered", e);
      answer = Answer.refused("the agent failed at this question, its log says how: " + e);
    }
    byte[] encoded = answer.encode();
    return encoded.length <= Frame.MAX_LENGTH
        ? encoded
        : Answer.refused("the answer has " + encoded.length + " bytes, more than the "
                + Frame.MAX_LENGTH + " that are sent: ask for one, by its name")
            .encode();
  }

  private Answer answer(Question q) {
    return switch (q.verb()) {
      case "status" -> status.answer(q.format());
      case "nodes" -> nodes(q);
      case "peers" -> peers(q);
      case "routes" -> routes(q);
      case "endpoints" -> endpoints(q);
      case "selector match" -> selected(q);
      case "ipam show", "ipam check", "ipam assign", "ipam release", "ipam split" -> ipam.answer(q);
      case "apply" -> manifests.apply(q);
      case "get" -> manifests.get(q);
      case "delete" -> manifests.delete(q);
      case "store members" -> store.members(q);
      case "store leases" -> store.leases(q);
      case "store member add", "store member remove", "store member move" -> store.change(q);
      case "store backup" -> store.backup(q);
      case "logs" -> LogVerb.answer(q);
      case "drain", "restart" -> {
        boolean drain = q.verb().equals("drain");
        stopper.stop(drain ? Agent.Ending.DRAIN : Agent.Ending.RESTART);
        yield Answer.ok(drain ? "draining\n" : "restarting\n");
      }
      default ->
        new Answer(Answer.USAGE, "", "catwalk: the agent knows no verb '" + q.verb() + "'");
    };
  }

  private Answer nodes(Question q) {
    ArrayNode nodes = Views.nodes(loop.view().cluster());
    return Render.as(
        q.format(),
        nodes,
        Render.table(
            nodes,
            "NODE=name",
            "ADDRESSES=addresses",
            "AS=as",
            "BLOCKS=blocks",
            "ENFORCES=enforced",
            "VERSION=version"));
  }

  private Answer peers(Question q) {
    String wanted = q.argument("peer");
    List<PeerView> found = peers(wanted);
    if (found.isEmpty() && !wanted.isEmpty()) {
      return new Answer(Answer.NO, "", "catwalk: there is no peer " + wanted);
    }
    ArrayNode json = PeerDetails.json(found);
    if (!wanted.isEmpty()) {
      return Render.as(q.format(), json, PeerDetails.page(found.getFirst(), Instant.now()));
    }
    return Render.as(
        q.format(),
        json,
        Render.table(
            json,
            "PEER=name",
            "ADDRESS=address",
            "AS=as",
            "STATE=state",
            "SINCE=since",
            "RECEIVED=prefixesReceived",
            "ACCEPTED=prefixesAccepted",
            "SENT=prefixesSent",
            "LAST ERROR=lastError"));
  }

  /** @param wanted a name, an address, or empty for all */
  private List<PeerView> peers(String wanted) {
    if (speaker == null) {
      return List.of();
    }
    Inquiry inquiry = speaker.inquiry();
    return wanted.isEmpty() ? inquiry.peers() : inquiry.peers(wanted);
  }

  private Answer routes(Question q) {
    String wanted = q.argument("prefix");
    List<RouteView> found;
    try {
      found = speaker == null ? List.of() : routes(speaker.inquiry(), wanted);
    } catch (IllegalArgumentException e) {
      return new Answer(Answer.USAGE, "", "catwalk: " + e.getMessage());
    }
    if (!wanted.isEmpty() && found.isEmpty()) {
      return new Answer(Answer.NO, "", "catwalk: there is no route to " + wanted);
    }
    ArrayNode json = Views.routes(found);
    return Render.as(
        q.format(),
        json,
        Render.table(
            Views.pathRows(json),
            "PREFIX=prefix",
            "=mark",
            "PEER=peer",
            "NEXT HOP=nextHop",
            "AS PATH=asPath",
            "LOCAL_PREF=localPref",
            "MED=med",
            "WHY=why"));
  }

  /** @param wanted a prefix, an address, or empty for all */
  private static List<RouteView> routes(Inquiry speaker, String wanted) {
    if (wanted.isEmpty()) {
      return speaker.routes(Optional.empty());
    }
    Optional<IpAddress> address = IpAddress.tryParse(wanted);
    return address.isPresent()
        ? speaker.lookup(address.get()).stream().toList()
        : speaker.routes(Optional.of(Prefix.parse(wanted)));
  }

  private Answer endpoints(Question q) {
    return endpoints(q, new Selector.All());
  }

  private Answer selected(Question q) {
    Selector selector;
    try {
      selector = Selector.parse(q.argument("selector"));
    } catch (IllegalArgumentException e) {
      return new Answer(Answer.USAGE, "", "catwalk: " + e.getMessage());
    }
    return endpoints(q, selector);
  }

  private Answer endpoints(Question q, Selector selector) {
    AgentView view = loop.view();
    TreeMap<String, Endpoint> all = new TreeMap<>();
    view.cluster().endpoints().values().forEach(e -> all.put(e.key(), e));
    view.local().values().forEach(e -> all.put(e.endpoint().key(), e.endpoint()));
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    for (Endpoint endpoint : all.values()) {
      if (selector.matches(labels(endpoint, view))) {
        json.add(
            Views.endpoint(endpoint, status.stateOf(endpoint, view), policies(endpoint, view)));
      }
    }
    return Render.as(
        q.format(),
        json,
        Render.table(
            json,
            "NAMESPACE=namespace",
            "NAME=name",
            "ADDRESSES=addresses",
            "NODE=node",
            "INTERFACE=interface",
            "STATE=state",
            "POLICIES=policies"));
  }

  /** As policies see them: those of its manifest, else what the runtime said. */
  private static SortedMap<String, String> labels(Endpoint endpoint, AgentView view) {
    Workload workload = workload(endpoint, view.plan());
    return workload == null ? endpoint.labels() : workload.labels();
  }

  private static @Nullable Workload workload(Endpoint endpoint, @Nullable Plan plan) {
    return plan == null
        ? null
        : plan.policy().workloads().get(new WorkloadKey(endpoint.namespace(), endpoint.pod()));
  }

  private static List<String> policies(Endpoint endpoint, AgentView view) {
    Plan plan = view.plan();
    if (plan == null) {
      return List.of();
    }
    Workload workload = workload(endpoint, plan);
    List<String> names = new ArrayList<>();
    for (Policy policy : plan.policy().policies().values()) {
      if (workload != null && plan.policy().selects(policy.scope(), policy.subject(), workload)) {
        names.add(policy.key().namespace() + "/" + policy.key().name());
      }
    }
    return names;
  }
}
