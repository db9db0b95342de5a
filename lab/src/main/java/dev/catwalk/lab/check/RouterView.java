package dev.catwalk.lab.check;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a router says of its own sessions and routes, read from {@code birdc} and {@code vtysh}. */
public record RouterView(String router, List<Session> sessions, List<Learned> routes) {

  /** @param neighbour address, as FRR has it, or name, as BIRD has it */
  public record Session(String neighbour, String state) {
    public boolean established() {
      return state.equals("Established");
    }
  }

  /**
   * A route learned by BGP.
   *
   * @param asPath as text, as numbers with blanks between
   * @param best whether the router uses it
   */
  public record Learned(Prefix prefix, List<String> nextHops, String asPath, boolean best) {}

  /** Both of one router. */
  public RouterView with(RouterView other) {
    List<Session> both = new ArrayList<>(sessions);
    both.addAll(other.sessions);
    List<Learned> all = new ArrayList<>(routes);
    all.addAll(other.routes);
    return new RouterView(router, both, all);
  }

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Pattern PROTOCOL =
      Pattern.compile("(?m)^(\\S+)\\s+BGP\\s+\\S+\\s+(\\S+)\\s+\\S+\\s*(.*?)\\s*$");
  private static final Pattern ROUTE = Pattern.compile(
      "^(\\S*)\\s+unicast \\[(\\S+) [^\\]]*\\] (\\*?) ?\\(\\d+\\) \\[(.*?)[ie?]?\\]");
  private static final Pattern VIA = Pattern.compile("^\\s+via (\\S+) on \\S+");
  private static final Pattern PATH = Pattern.compile("^\\s+BGP\\.as_path: ?(.*)$");

  /**
   * From BIRD's own texts.
   *
   * @param protocols of {@code birdc show protocols}
   * @param routes of {@code birdc show route all}
   */
  public static RouterView ofBird(String router, String protocols, String routes) {
    List<Session> sessions = new ArrayList<>();
    Matcher m = PROTOCOL.matcher(protocols);
    while (m.find()) {
      sessions.add(new Session(m.group(1), m.group(3).isEmpty() ? m.group(2) : m.group(3)));
    }
    List<Learned> learned = new ArrayList<>();
    String prefix = "";
    List<String> hops = new ArrayList<>();
    boolean best = false;
    for (String line : routes.lines().toList()) {
      Matcher route = ROUTE.matcher(line);
      Matcher via = VIA.matcher(line);
      Matcher path = PATH.matcher(line);
      if (route.find()) {
        prefix = route.group(1).isEmpty() ? prefix : route.group(1);
        hops = new ArrayList<>();
        best = !route.group(3).isEmpty();
      } else if (via.find()) {
        hops.add(via.group(1));
      } else if (path.find()) {
        learned.add(
            new Learned(Prefix.parse(prefix), List.copyOf(hops), path.group(1).strip(), best));
      }
    }
    return new RouterView(router, sessions, learned);
  }

  /**
   * From FRR's JSON.
   *
   * @param summary of {@code show bgp ipv4 unicast summary json}, or of ipv6
   * @param table of {@code show bgp ipv4 unicast json}, or of ipv6
   * @throws IllegalArgumentException if it is no JSON
   */
  public static RouterView ofFrr(String router, String summary, String table) {
    try {
      List<Session> sessions = new ArrayList<>();
      for (Map.Entry<String, JsonNode> peer :
          JSON.readTree(summary).path("peers").properties()) {
        sessions.add(new Session(peer.getKey(), peer.getValue().path("state").asText()));
      }
      List<Learned> learned = new ArrayList<>();
      for (Map.Entry<String, JsonNode> route :
          JSON.readTree(table).path("routes").properties()) {
        for (JsonNode path : route.getValue()) {
          if (!path.path("pathFrom").asText().equals("external")
              || path.path("path").asText().isEmpty()) {
            continue;
          }
          List<String> hops = new ArrayList<>();
          for (JsonNode hop : path.path("nexthops")) {
            if (!hop.path("scope").asText().equals("link-local")) {
              hops.add(hop.path("ip").asText()); // one hop of IPv6 is listed by both its addresses
            }
          }
          learned.add(new Learned(
              Prefix.parse(route.getKey()),
              hops,
              path.path("path").asText(),
              path.path("bestpath").asBoolean()));
        }
      }
      return new RouterView(router, sessions, learned);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("vtysh of " + router + " printed no JSON: " + e, e);
    }
  }
}
