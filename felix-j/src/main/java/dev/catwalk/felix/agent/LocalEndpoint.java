package dev.catwalk.felix.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.felix.calc.PodMark;
import dev.catwalk.felix.calc.PodWiring;
import dev.catwalk.felix.cni.CniResult;
import dev.catwalk.felix.model.Endpoint;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.MacAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * A pod of this node, as this node's own disk keeps it.
 *
 * @param netns path of its network namespace at the time of ADD
 * @param network name of the network that the runtime added it to
 * @param mac of the pod's side, where the runtime asked for one
 * @param gone whether it went without a DEL, as with a reboot: its address is held for the runtime's
 *     DEL or GC, and nothing else is done for it. Not kept on disk
 */
record LocalEndpoint(
    Endpoint endpoint, String netns, String network, Optional<MacAddress> mac, boolean gone) {
  /** Where a pod sends everything: an address that every node answers for, never on the wire. */
  private static final IpAddress GATEWAY_V4 = IpAddress.parse("169.254.1.1");

  private static final IpAddress GATEWAY_V6 = IpAddress.parse("fe80::1");
  private static final int VERSION = 1;

  LocalEndpoint(Endpoint endpoint, String netns, String network, Optional<MacAddress> mac) {
    this(endpoint, netns, network, mac, false);
  }

  LocalEndpoint asGone() {
    return new LocalEndpoint(endpoint, netns, network, mac, true);
  }

  Handle handle() {
    return new Handle(endpoint.containerId(), endpoint.ifname());
  }

  /** Name of its record. */
  static String recordName(Handle handle) {
    return handle.containerId() + "@" + handle.ifname();
  }

  /** What is written on its link, by the life of this node that makes it. */
  String mark(NodeEpoch life) {
    return new PodMark(
            life.epochText(),
            endpoint.containerId(),
            endpoint.ifname(),
            netns,
            network,
            endpoint.namespace(),
            endpoint.pod(),
            mac.map(MacAddress::toString).orElse(""),
            endpoint.labels())
        .text();
  }

  PodWiring wiring() {
    return new PodWiring(
        endpoint.containerId(),
        netns,
        endpoint.ifname(),
        endpoint.addresses(),
        PodWiring.DEFAULT_MTU,
        mac);
  }

  /** What the runtime is told. */
  CniResult.Attached attached() {
    PodWiring wiring = wiring();
    List<IpAddress> gateways = endpoint.addresses().stream()
        .map(a -> a.isV4() ? GATEWAY_V4 : GATEWAY_V6)
        .toList();
    return new CniResult.Attached(
        wiring.hostName(),
        wiring.hostMac(),
        endpoint.ifname(),
        wiring.podMac(),
        netns,
        endpoint.addresses(),
        gateways,
        wiring.mtu());
  }

  byte[] encode() {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("v", VERSION).put("netns", netns);
    json.put("network", network);
    mac.ifPresent(m -> json.put("mac", m.toString()));
    String text = json.toString();
    String within = new String(endpoint.encode(), StandardCharsets.UTF_8);
    return (text.substring(0, text.length() - 1) + ",\"endpoint\":" + within + "}")
        .getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IOException if it is nothing of the kind
   */
  static LocalEndpoint decode(byte[] bytes) throws IOException {
    JsonNode json = Answer.JSON.readTree(bytes);
    if (json.path("v").asInt() != VERSION) {
      throw new IOException("format version " + json.path("v") + ", this program knows " + VERSION);
    }
    try {
      Endpoint endpoint = Endpoint.decode(Answer.JSON.writeValueAsBytes(json.path("endpoint")));
      String mac = json.path("mac").asText("");
      return new LocalEndpoint(
          endpoint,
          json.path("netns").asText(""),
          json.path("network").asText(""),
          mac.isEmpty() ? Optional.empty() : Optional.of(MacAddress.parse(mac)));
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
