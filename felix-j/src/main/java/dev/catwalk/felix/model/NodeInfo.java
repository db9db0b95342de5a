package dev.catwalk.felix.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.net.addr.IpAddress;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A node as it presents itself, under {@code nodes/NAME}.
 *
 * @param addresses where the other nodes and the routers reach it
 * @param as its autonomous system, 1..4294967295
 * @param epoch which life of the node wrote this
 * @param version of its program
 */
public record NodeInfo(
    String name,
    List<IpAddress> addresses,
    long as,
    SortedMap<String, String> labels,
    long epoch,
    String version) {

  public NodeInfo {
    addresses = List.copyOf(addresses);
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
  }

  /** Where the store holds it. */
  public String key() {
    return Keys.node(name);
  }

  public byte[] encode() {
    ObjectNode json = Json.value();
    json.put("name", name);
    Json.addresses(json, "addresses", addresses);
    json.put("as", as);
    Json.map(json, "labels", labels);
    json.put("epoch", NodeEpoch.epochText(epoch));
    json.put("version", version);
    return Json.bytes(json);
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IllegalArgumentException naming the member
   */
  public static NodeInfo decode(byte[] bytes) {
    JsonObject json = Json.read(bytes);
    return new NodeInfo(
        json.text("name"),
        json.addresses("addresses"),
        json.number("as"),
        json.map("labels"),
        NodeEpoch.parseEpoch(json.text("epoch")),
        json.text("version"));
  }
}
