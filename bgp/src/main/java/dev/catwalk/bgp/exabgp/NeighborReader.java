package dev.catwalk.bgp.exabgp;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The settings of one neighbour, one after the other; with its other sections, its configuration. */
final class NeighborReader {
  private static final int HOLD_TIME = 180;
  private static final int MOST_RESTART_TIME = 4095;
  private static final int GTSM = 255;

  /** What a neighbour that names no family offers. */
  private static final List<AfiSafi> ALL_FAMILIES = families(
      "ipv4 unicast, ipv4 multicast, ipv4 nlri-mpls, ipv4 mcast-vpn, ipv4 sr-policy, ipv4 mup,"
          + " ipv4 mpls-vpn, ipv4 rtc, ipv4 flow, ipv4 flow-vpn, ipv6 unicast, ipv6 multicast,"
          + " ipv6 nlri-mpls, ipv6 mcast-vpn, ipv6 sr-policy, ipv6 mup, ipv6 mpls-vpn, ipv6 flow,"
          + " ipv6 flow-vpn, l2vpn vpls, l2vpn evpn, bgp-ls bgp-ls, bgp-ls bgp-ls-vpn");

  private final String file;
  private final Collection<String> warnings;
  private String description = "";
  private @Nullable String peer;
  private @Nullable IpAddress local;
  private boolean hasLocal;
  private long localAs = -1;
  private long peerAs = -1;
  private int routerId;
  private int holdTime = HOLD_TIME;
  private @Nullable IpAddress linkLocal;
  private String hostName = "";
  private String domainName = "";
  private boolean passive;
  private int listen;
  private int connect;
  private int outgoingTtl;
  private int incomingTtl;
  private @Nullable String password;
  private boolean base64;
  private boolean grouped = true;
  private boolean remembered = true;
  private boolean received = true;
  private boolean manualEndOfRib;
  private int rateLimit;
  private boolean asn4 = true;
  private int addPath;
  private int restartTime = -1;
  private boolean restartByHoldTime;
  private boolean refresh;
  private boolean extendedMessage = true;
  private @Nullable Boolean extendedNextHop;
  private boolean linkLocalNextHop;
  private boolean softwareVersion;
  private boolean aigp;

  /** @param warnings what has no meaning here is added */
  NeighborReader(String file, Collection<String> warnings) {
    this.file = file;
    this.warnings = warnings;
  }

  private static List<AfiSafi> families(String text) {
    List<AfiSafi> all = new ArrayList<>();
    for (String pair : text.split(", ", -1)) {
      String[] words = pair.split(" ", -1);
      all.add(FamilyName.parse(words[0], words[1]).orElseThrow());
    }
    return List.copyOf(all);
  }

  private void warn(Statement at, String what) {
    warnings.add(file + ":" + at.line() + ": " + what);
  }

  void setting(Statement statement) throws MalformedException {
    Words words = Words.of(statement.words());
    String key = words.next("a setting");
    switch (key) {
      case "description" -> description = words.next(key);
      case "host-name" -> hostName = words.next(key);
      case "domain-name" -> domainName = words.next(key);
      case "router-id" -> routerId = routerId(words.next(key));
      case "hold-time" -> holdTime = holdTime(words);
      case "peer-address" -> peer = words.next(key);
      case "local-address" -> {
        hasLocal = true;
        local = words.take("auto") ? null : words.address(key);
      }
      case "local-link-local" -> linkLocal = words.address(key);
      case "local-as" -> localAs = words.take("auto") ? 0 : Words.as(words.next(key));
      case "peer-as" -> peerAs = words.take("auto") ? 0 : Words.as(words.next(key));
      case "passive" -> passive = flag(words, key);
      case "listen" -> listen = (int) words.number(65535, key);
      case "connect" -> connect = (int) words.number(65535, key);
      case "outgoing-ttl" -> outgoingTtl = ttl(words, key);
      case "incoming-ttl" -> incomingTtl = ttl(words, key);
      case "ttl-security" -> {
        int hops = words.hasMore() ? ttl(words, key) : GTSM;
        incomingTtl = hops;
        outgoingTtl = hops == 0 ? 0 : GTSM;
      }
      case "md5", "md5-password" -> password = words.next(key);
      case "md5-base64" -> base64 = !words.take("auto") && flag(words, key);
      case "md5-ip", "source-interface" -> {
        words.next(key);
        warn(statement, key + " has no meaning here: local-address says where sessions come from");
      }
      case "group-updates" -> grouped = flag(words, key);
      case "auto-flush" -> {
        if (!flag(words, key)) {
          warn(statement, "auto-flush is always on: what is announced is sent at once");
        }
      }
      case "adj-rib-out" -> remembered = flag(words, key);
      case "adj-rib-in" -> received = flag(words, key);
      case "manual-eor" -> manualEndOfRib = flag(words, key);
      case "rate-limit" -> rateLimit = rateLimit(words);
      default ->
        throw new MalformedException(
            "'" + key + "' is no setting of a neighbor. Those are: router-id, local-address,"
                + " local-as, peer-as, hold-time, passive, listen, connect, outgoing-ttl,"
                + " incoming-ttl, md5-password, md5-base64, group-updates, adj-rib-in,"
                + " adj-rib-out, manual-eor, rate-limit, host-name, domain-name, description,"
                + " local-link-local, inherit");
    }
    if (words.hasMore()) {
      throw new MalformedException("'" + words.rest() + "' does not belong to " + key);
    }
  }

  private static boolean flag(Words words, String key) throws MalformedException {
    return !words.hasMore() || Words.flag(words.next(key), key);
  }

  private static int ttl(Words words, String key) throws MalformedException {
    String word = words.next(key);
    return switch (word) {
      case "false", "disable", "disabled" -> 0;
      case "true", "enable", "enabled" -> GTSM;
      default -> (int) Words.number(word, GTSM, key);
    };
  }

  /** In messages a second; 0: as many as can be sent. */
  private static int rateLimit(Words words) throws MalformedException {
    String word = words.next("rate-limit");
    return word.startsWith("disable")
        ? 0
        : (int) Words.number(word, Integer.MAX_VALUE, "rate-limit");
  }

  private static int routerId(String word) throws MalformedException {
    IpAddress address = Words.address(word, "router-id");
    int id = (int) address.low();
    if (!address.isV4() || id == 0) {
      throw new MalformedException("a router-id is an IPv4 address and not 0.0.0.0");
    }
    return id;
  }

  private static int holdTime(Words words) throws MalformedException {
    int time = (int) words.number(65535, "hold-time");
    if (time == 1 || time == 2) {
      throw new MalformedException("a hold-time is 0 or at least 3 seconds");
    }
    return time;
  }

  void capability(Statement statement) throws MalformedException {
    Words words = Words.of(statement.words());
    String key = words.next("a capability");
    switch (key) {
      case "asn4" -> asn4 = flag(words, key);
      case "add-path" -> addPath = addPath(words.next(key).toLowerCase(Locale.ROOT));
      case "graceful-restart" -> restart(words);
      case "route-refresh" -> refresh = flag(words, key);
      case "extended-message" -> extendedMessage = flag(words, key);
      case "nexthop" -> extendedNextHop = flag(words, key);
      case "link-local-nexthop" -> linkLocalNextHop = flag(words, key);
      case "software-version" -> softwareVersion = flag(words, key);
      case "aigp" -> aigp = flag(words, key);
      case "operational", "multi-session" -> {
        if (flag(words, key)) {
          warn(statement, key + " is not negotiated here: all families share one session");
        }
      }
      default ->
        throw new MalformedException(
            "'" + key + "' is no capability. Those are: asn4, add-path, graceful-restart,"
                + " route-refresh, extended-message, nexthop, link-local-nexthop,"
                + " software-version, aigp, multi-session, operational");
    }
  }

  private static int addPath(String word) throws MalformedException {
    return switch (word) {
      case "disable", "disabled" -> 0;
      case "receive" -> 1;
      case "send" -> 2;
      case "send/receive" -> 3;
      default ->
        throw new MalformedException(
            "'" + word + "' is no add-path: send, receive, send/receive or disable");
    };
  }

  private void restart(Words words) throws MalformedException {
    String word = words.hasMore() ? words.next("graceful-restart") : "0";
    boolean off = word.equals("disable") || word.equals("disabled") || word.equals("false");
    boolean on = word.equals("enable") || word.equals("enabled") || word.equals("true");
    restartTime =
        off ? -1 : on ? 0 : (int) Words.number(word, MOST_RESTART_TIME, "graceful-restart");
    restartByHoldTime = restartTime == 0;
  }

  /**
   * The neighbour with what else its section says.
   *
   * @param address as the section is named
   */
  NeighborConfig finish(int line, String address, Section section) throws MalformedException {
    NeighborConfig.Ends ends = ends(Words.prefix(peer == null ? address : peer));
    List<AfiSafi> offered = section.families().isEmpty() ? ALL_FAMILIES : section.families();
    Routes routes = section.routes();
    for (RouteBlock first : routes.firsts()) {
      if (!offered.contains(first.family()) && !first.family().equals(AfiSafi.IPV4_UNICAST)) {
        throw new MalformedException("it is announced " + first.name() + " of " + first.familyName()
            + ", which is not among its families: add it to family { }");
      }
    }
    SortedSet<AfiSafi> addPathFamilies = section.addPathFamilies();
    TreeSet<AfiSafi> withPath = new TreeSet<>();
    for (AfiSafi family : offered) {
      if (addPath > 0
          && RouteWriter.isOfPrefixes(family)
          && family.safi() != FamilyName.MULTICAST
          && (addPathFamilies.isEmpty() || addPathFamilies.contains(family))) {
        withPath.add(family);
      }
    }
    Collection<NeighborConfig.NextHopFamily> nextHops = section.nextHops();
    boolean crossed = extendedNextHop == null ? !nextHops.isEmpty() : extendedNextHop;
    NeighborConfig.Capabilities capabilities = new NeighborConfig.Capabilities(
        offered,
        asn4,
        addPath,
        withPath,
        restartByHoldTime ? Math.min(holdTime, MOST_RESTART_TIME) : restartTime,
        refresh,
        extendedMessage,
        crossed,
        nextHops.stream().filter(n -> offered.contains(n.family())).toList(),
        linkLocalNextHop,
        softwareVersion,
        aigp);
    return new NeighborConfig(
        line,
        description,
        ends,
        new NeighborConfig.Transport(
            passive,
            listen,
            connect,
            outgoingTtl,
            incomingTtl,
            password == null ? null : Md5Password.of(password, base64)),
        capabilities,
        new NeighborConfig.Telling(grouped, remembered, received, manualEndOfRib, rateLimit),
        routes,
        section.api());
  }

  private NeighborConfig.Ends ends(Prefix peers) throws MalformedException {
    IpAddress from = local;
    if (!hasLocal) {
      throw new MalformedException("local-address is missing: our address, or auto");
    }
    if (localAs < 0 || peerAs < 0) {
      throw new MalformedException((localAs < 0 ? "local-as" : "peer-as") + " is missing");
    }
    if (localAs == 0) {
      throw new MalformedException("local-as must be a number here, auto is not understood");
    }
    if (from != null && from.isV4() != peers.address().isV4()) {
      throw new MalformedException("local-address and the neighbor must be of the same family");
    }
    if (peers.length() < (peers.address().isV4() ? 32 : 128) && !passive) {
      throw new MalformedException("a range of neighbors can only be passive: add passive true");
    }
    int id = routerId;
    if (id == 0) {
      if (from == null || !from.isV4()) {
        throw new MalformedException(
            "router-id is missing, which only an IPv4 local-address can stand in for");
      }
      id = (int) Objects.requireNonNull(from).low();
    }
    return new NeighborConfig.Ends(
        peers, from, localAs, peerAs, id, holdTime, linkLocal, hostName, domainName);
  }
}
