package dev.catwalk.felix.cni;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.MacAddress;
import java.util.List;

/** What a runtime is answered, as the specification's section "Result types" has it. */
public final class CniResult {

  private CniResult() {}

  /**
   * An interface that was made.
   *
   * @param hostIf name of its end in the node
   * @param addresses in the order in which the runtime shall see them
   * @param gateways where the pod sends everything, one for each address
   * @param mtu of both ends, bytes
   */
  public record Attached(
      String hostIf,
      MacAddress hostMac,
      String podIf,
      MacAddress podMac,
      String netns,
      List<IpAddress> addresses,
      List<IpAddress> gateways,
      int mtu) {
    public Attached {
      addresses = List.copyOf(addresses);
      gateways = List.copyOf(gateways);
      assert addresses.size() == gateways.size();
    }
  }

  public static String version(String cniVersion) {
    ObjectNode root = root(cniVersion);
    ArrayNode supported = root.putArray("supportedVersions");
    CniRequest.VERSIONS.forEach(supported::add);
    return root.toString();
  }

  public static String added(String cniVersion, Attached attached) {
    ObjectNode root = root(cniVersion);
    ArrayNode interfaces = root.putArray("interfaces");
    ObjectNode host = interfaces
        .addObject()
        .put("name", attached.hostIf())
        .put("mac", attached.hostMac().toString());
    ObjectNode pod = interfaces
        .addObject()
        .put("name", attached.podIf())
        .put("mac", attached.podMac().toString());
    if (CniRequest.VERSIONS.indexOf(cniVersion) >= CniRequest.VERSIONS.indexOf("1.1.0")) {
      host.put("mtu", attached.mtu());
      pod.put("mtu", attached.mtu());
    }
    pod.put("sandbox", attached.netns());
    ArrayNode ips = root.putArray("ips");
    ArrayNode routes = root.putArray("routes");
    for (int i = 0; i < attached.addresses().size(); i++) {
      IpAddress address = attached.addresses().get(i);
      IpAddress gateway = attached.gateways().get(i);
      ObjectNode ip = ips.addObject();
      if (!cniVersion.startsWith("1.")) {
        ip.put("version", address.isV4() ? "4" : "6"); // until 0.4.0
      }
      ip.put("address", address.asPrefix().toString())
          .put("gateway", gateway.toString())
          .put("interface", 1);
      routes
          .addObject()
          .put("dst", address.isV4() ? "0.0.0.0/0" : "::/0")
          .put("gw", gateway.toString());
    }
    root.putObject("dns");
    return root.toString();
  }

  /** The answer to a refused request, whatever version it spoke. */
  public static String error(String cniVersion, CniException e) {
    ObjectNode root = root(cniVersion);
    root.put("code", e.code().number()).put("msg", e.getMessage());
    if (!e.details().isEmpty()) {
      root.put("details", e.details());
    }
    return root.toString();
  }

  private static ObjectNode root(String cniVersion) {
    return JsonNodeFactory.instance.objectNode().put("cniVersion", cniVersion);
  }
}
