package dev.catwalk.felix.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One interface of a pod, under {@code endpoints/NODE/CONTAINERID/IFNAME}. Its node writes it and
 * removes it.
 *
 * @param ifname the interface inside the pod
 * @param pod name of the pod, or the container id where the runtime does not say
 * @param hostInterface the interface on the node
 * @param serviceAccount empty where it is not known
 */
public record Endpoint(
    String node,
    String containerId,
    String ifname,
    String namespace,
    String pod,
    SortedMap<String, String> labels,
    List<IpAddress> addresses,
    String hostInterface,
    String serviceAccount,
    List<Port> ports) {

  /**
   * A port that the pod declares.
   *
   * @param name empty where it has none
   * @param protocol {@code TCP}, {@code UDP} or {@code SCTP}
   */
  public record Port(String name, String protocol, int port) {}

  public Endpoint {
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    addresses = List.copyOf(addresses);
    ports = List.copyOf(ports);
  }

  /** Where the store holds it. */
  public String key() {
    return Keys.endpoint(node, containerId, ifname);
  }

  public byte[] encode() {
    ObjectNode json = Json.value();
    json.put("node", node);
    json.put("containerId", containerId);
    json.put("ifname", ifname);
    json.put("namespace", namespace);
    json.put("pod", pod);
    Json.map(json, "labels", labels);
    Json.addresses(json, "addresses", addresses);
    json.put("interface", hostInterface);
    json.put("serviceAccount", serviceAccount);
    ArrayNode all = json.putArray("ports");
    for (Port port : ports) {
      all.addObject()
          .put("name", port.name())
          .put("protocol", port.protocol())
          .put("port", port.port());
    }
    return Json.bytes(json);
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IllegalArgumentException naming the member
   */
  public static Endpoint decode(byte[] bytes) {
    JsonObject json = Json.read(bytes);
    List<Port> ports = new ArrayList<>();
    for (JsonObject port : json.objects("ports")) {
      ports.add(new Port(port.text("name"), port.text("protocol"), (int) port.number("port")));
    }
    return new Endpoint(
        json.text("node"),
        json.text("containerId"),
        json.text("ifname"),
        json.text("namespace"),
        json.text("pod"),
        json.map("labels"),
        json.addresses("addresses"),
        json.text("interface"),
        json.text("serviceAccount"),
        ports);
  }
}
