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
   * Reads all routes of a family.
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
      } else if (route.has("dev") && !route.path("type").asText().equals("blackhole")) {
        hops.add(hop(route));
      }
      hops.sort(null);
      routes.add(new KernelRoute(
          prefix(route.path("dst").asText(), hops),
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

  /** The default route is called so in both families: its gateway says which it is of. */
  private static Prefix prefix(String text, List<String> hops) {
    if (text.equals("default")) {
      boolean v6 = hops.stream().anyMatch(h -> h.contains(":"));
      return new Prefix(v6 ? IpAddress.v6(0, 0) : IpAddress.v4(0), 0);
    }
    return text.contains("/") ? Prefix.parse(text) : IpAddress.parse(text).asPrefix();
  }
}
