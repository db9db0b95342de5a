package dev.catwalk.felix.config;

import dev.catwalk.bgp.policy.RouteRules;
import dev.catwalk.bgp.policy.RouteRules.NextHops;
import dev.catwalk.bgp.policy.RouteRules.PrefixLimit;
import dev.catwalk.bgp.speaker.Extensions;
import dev.catwalk.bgp.speaker.GracefulRestart;
import dev.catwalk.bgp.speaker.PasswordFile;
import dev.catwalk.bgp.speaker.SessionConfig;
import dev.catwalk.bgp.speaker.TcpOptions;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.Relation;
import dev.catwalk.net.addr.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The keys of one of {@code bgp.peers} or {@code bgp.dynamic}.
 *
 * @param as our own AS
 * @param gracefulRestart where a peer says nothing of its own
 * @param requireFilter where a peer says nothing of its own
 * @param filters by name
 */
record PeerKeys(
    long as,
    GracefulRestart gracefulRestart,
    boolean requireFilter,
    Map<String, FilterKeys.Filter> filters) {
  private static final int MAX_RESTART_TIME = Capability.GracefulRestart.MAX_RESTART_TIME;
  private static final int MAX_SECONDS = 0xffff;

  /** Whether that AS is the one that we are to the peer. */
  boolean isOurs(YamlMap map, long peerAs) throws ConfigException {
    return peerAs == own(map);
  }

  /** The AS that we are to the peer. */
  long own(YamlMap map) throws ConfigException {
    Optional<YamlValue> localAs = map.find("localAs");
    return localAs.isPresent() ? BgpSection.asNumber(localAs.get()) : as;
  }

  /** Reads what a group may say, for its errors, though no peer may be in it. */
  static void known(YamlMap group, PeerKeys keys) throws ConfigException {
    group.find("as");
    group.find("port");
    group.find("bfd");
    boolean passive = bool(group, "passive", false);
    keys.session(group, passive, false, true);
  }

  /** The keys that peers and ranges have in common. */
  SessionConfig session(YamlMap map, boolean passive, boolean ibgp, boolean anyAs)
      throws ConfigException {
    SessionConfig standard = SessionConfig.DEFAULT;
    int holdTime = standard.holdTime();
    Optional<YamlValue> hold = map.find("holdTime");
    if (hold.isPresent()) {
      holdTime = hold.get().integer(0, 65535);
      if (holdTime == 1 || holdTime == 2) {
        throw hold.get().problem("a hold time is 0 (none) or 3 to 65535 seconds");
      }
    }
    Optional<YamlValue> keep = map.find("keepalive");
    int keepalive = keep.isPresent() ? keep.get().integer(1, 21845) : standard.keepalive();
    Optional<YamlValue> client = map.find("reflectorClient");
    boolean reflect = client.isPresent() && client.get().bool();
    if (reflect && !ibgp && !anyAs) {
      throw client.orElseThrow().problem("a reflector client must be in our own AS");
    }
    List<Family> families = new ArrayList<>();
    for (YamlValue value : map.list("families")) {
      families.add(
          value.word("ipv4-unicast", "ipv6-unicast").equals("ipv4-unicast")
              ? Family.IPV4
              : Family.IPV6);
    }
    GracefulRestart restart = gracefulRestart;
    Optional<YamlValue> restarts = map.find("gracefulRestart");
    if (restarts.isPresent()) {
      YamlMap own = restarts.get().map();
      restart = gracefulRestart(own, gracefulRestart);
      own.end();
    }
    return new SessionConfig(
        holdTime,
        keepalive,
        passive,
        reflect,
        families.isEmpty() ? standard.families() : families,
        restart,
        password(map),
        extensions(map, ibgp),
        tcp(map),
        rules(map));
  }

  private Extensions extensions(YamlMap map, boolean ibgp) throws ConfigException {
    Optional<YamlValue> role = map.find("role");
    if (role.isPresent() && ibgp) {
      throw role.get().problem("a role is for peers in another AS (RFC 9234)");
    }
    Extensions standard = Extensions.STANDARD;
    return new Extensions(
        bool(map, "extendedMessages", standard.extendedMessages()),
        bool(map, "enhancedRefresh", standard.enhancedRefresh()),
        bool(map, "extendedNextHop", standard.extendedNextHop()),
        addPath(map),
        integer(map, "longLivedStaleTime", 0, Capability.LongLived.MAX_STALE_TIME, 0),
        role.isPresent() ? Optional.of(role(role.get())) : Optional.empty(),
        bool(map, "strictRole", standard.strictRole()),
        bool(map, "extendedParameters", standard.extendedParameters()));
  }

  private static Extensions.AddPath addPath(YamlMap map) throws ConfigException {
    Optional<YamlValue> value = map.find("addPath");
    if (value.isEmpty()) {
      return Extensions.AddPath.OFF;
    }
    YamlMap keys = value.get().map();
    Extensions.AddPath addPath = new Extensions.AddPath(
        bool(keys, "receive", false), integer(keys, "send", 0, Extensions.AddPath.MOST, 0));
    keys.end();
    return addPath;
  }

  private static TcpOptions tcp(YamlMap map) throws ConfigException {
    TcpOptions standard = TcpOptions.STANDARD;
    Optional<YamlValue> source = map.find("source");
    Optional<YamlValue> multihop = map.find("multihop");
    int ttlSecurity = integer(map, "ttlSecurity", 1, TcpOptions.MOST_HOPS, 0);
    if (multihop.isPresent() && ttlSecurity > 0) {
      throw multihop.get().problem("with ttlSecurity packets go 255 hops: leave this one out");
    }
    return new TcpOptions(
        source.isPresent() ? Optional.of(source.get().address()) : Optional.empty(),
        ttlSecurity,
        multihop.isPresent() ? multihop.get().integer(1, TcpOptions.LONGEST_TTL) : 0,
        integer(map, "connectRetry", 1, MAX_SECONDS, standard.connectRetry()),
        integer(map, "sendHoldTime", 1, MAX_SECONDS, standard.sendHoldTime()));
  }

  private static Relation role(YamlValue value) throws ConfigException {
    String word = value.word("provider", "routeServer", "routeServerClient", "customer", "peer");
    return Arrays.stream(Relation.values())
        .filter(r -> r.text().equals(word))
        .findFirst()
        .orElseThrow();
  }

  private RouteRules rules(YamlMap map) throws ConfigException {
    FilterKeys.Filter filter = FilterKeys.of(map, filters);
    boolean required = bool(map, "requireFilter", requireFilter);
    Optional<YamlValue> localAs = map.find("localAs");
    Optional<YamlValue> hop = map.find("nextHop");
    return new RouteRules(
        localAs.isPresent() ? BgpSection.asNumber(localAs.get()) : 0,
        new RouteRules.Imports(
            integer(map, "allowOwnAs", 0, RouteRules.Imports.MOST_OWN_AS, 0),
            required,
            prefixLimit(map),
            filter.imports()),
        new RouteRules.Exports(
            hop.isEmpty()
                ? NextHops.AUTO
                : switch (hop.get().word("auto", "self", "keep")) {
                  case "self" -> NextHops.SELF;
                  case "keep" -> NextHops.KEEP;
                  default -> NextHops.AUTO;
                },
            bool(map, "overrideAs", false),
            bool(map, "removePrivateAs", false),
            required,
            filter.exports()));
  }

  private static Optional<PrefixLimit> prefixLimit(YamlMap map) throws ConfigException {
    Optional<YamlValue> value = map.find("prefixLimit");
    if (value.isEmpty()) {
      return Optional.empty();
    }
    YamlMap keys = value.get().map();
    PrefixLimit limit = new PrefixLimit(
        keys.get("maximum").integer(1, Integer.MAX_VALUE),
        integer(keys, "warnAt", 1, 100, 90),
        bool(keys, "warnOnly", false),
        integer(keys, "restart", 1, MAX_SECONDS, 0));
    keys.end();
    return Optional.of(limit);
  }

  static boolean bool(YamlMap map, String key, boolean otherwise) throws ConfigException {
    Optional<YamlValue> value = map.find(key);
    return value.isPresent() ? value.get().bool() : otherwise;
  }

  static int integer(YamlMap map, String key, int min, int max, int otherwise)
      throws ConfigException {
    Optional<YamlValue> value = map.find(key);
    return value.isPresent() ? value.get().integer(min, max) : otherwise;
  }

  private static Optional<PasswordFile> password(YamlMap map) throws ConfigException {
    Optional<YamlValue> file = map.find("passwordFile");
    if (file.isEmpty()) {
      return Optional.empty();
    }
    String path = file.get().text();
    if (!path.startsWith("/")) {
      throw file.get().problem("'" + path + "' is not the full path of a file");
    }
    return Optional.of(new PasswordFile(path, file.get().place()));
  }

  /** The keys that a peer may have too; {@code inherited} where they are absent. */
  static GracefulRestart gracefulRestart(YamlMap map, GracefulRestart inherited)
      throws ConfigException {
    Optional<YamlValue> enabled = map.find("enabled");
    Optional<YamlValue> restartTime = map.find("restartTime");
    Optional<YamlValue> staleTime = map.find("staleTime");
    return new GracefulRestart(
        enabled.isPresent() ? enabled.get().bool() : inherited.enabled(),
        restartTime.isPresent()
            ? restartTime.get().integer(1, MAX_RESTART_TIME)
            : inherited.restartTime(),
        staleTime.isPresent()
            ? staleTime.get().integer(1, GracefulRestart.MAX_STALE_TIME)
            : inherited.staleTime());
  }
}
