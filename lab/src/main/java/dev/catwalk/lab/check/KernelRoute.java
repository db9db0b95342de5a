package dev.catwalk.lab.check;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;

/**
 * A route as {@code ip -j route} shows it.
 *
 * @param type unicast, blackhole...
 * @param hops {@code gateway%device}, sorted; of a route without gateways its device alone
 */
public record KernelRoute(Prefix to, String type, String protocol, List<String> hops) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads all IPv4 routes.
   *
   * @throws IllegalArgumentException if it is not what {@code ip} prints
   */
  public static List<KernelRoute> parse(String json) {
    JsonNode all;
    try {
      all = JSON.readTree(json.isBlank() ? "[]" : json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("'ip -j route' printed no JSON: " + json, e);
    }
    List<KernelRoute> routes = new ArrayList<>();
    for (JsonNode route : all) {
      List<String> hops = new ArrayList<>();
      if (route.has("nexthops")) {
        route.path("nexthops").forEach(hop -> hops.add(hop(hop)));
      } else if (route.has("dev")) {
        hops.add(hop(route));
      }
      hops.sort(null);
      routes.add(new KernelRoute(
          prefix(route.path("dst").asText()),
          route.path("type").asText("unicast"),
          route.path("protocol").asText(),
          hops));
    }
    return routes;
  }

  private static String hop(JsonNode hop) {
    String device = hop.path("dev").asText();
    return hop.has("gateway") ? hop.path("gateway").asText() + "%" + device : device;
  }

  private static Prefix prefix(String text) {
    if (text.equals("default")) {
      return new Prefix(IpAddress.v4(0), 0);
    }
    return text.contains("/") ? Prefix.parse(text) : IpAddress.parse(text).asPrefix();
  }
}
