package dev.catwalk.felix.config;

import dev.catwalk.bgp.bfd.BfdSettings;
import dev.catwalk.bgp.bmp.BmpStation;
import dev.catwalk.bgp.mrt.MrtSettings;
import dev.catwalk.bgp.policy.Aggregate;
import dev.catwalk.bgp.speaker.DynamicPeers;
import dev.catwalk.bgp.speaker.GracefulRestart;
import dev.catwalk.bgp.speaker.InterfacePeer;
import dev.catwalk.bgp.speaker.PeerConfig;
import dev.catwalk.bgp.speaker.SessionConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig.ListenAddress;
import dev.catwalk.bgp.speaker.SpeakerConfig.Multipath;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The {@code bgp} section, as {@code agent.yaml} and the file of {@code bgp run} have it.
 *
 * @param mesh whether the agent adds every other node of the cluster as a peer
 * @param gracefulRestart with peers that say nothing of their own
 * @param bfd of peers that say nothing of their own
 * @param monitors stations that are told what happens (BMP)
 * @param mrt what is recorded into files
 */
public record BgpSection(
    SpeakerConfig speaker,
    boolean mesh,
    GracefulRestart gracefulRestart,
    Optional<BfdSettings> bfd,
    List<BmpStation> monitors,
    Optional<MrtSettings> mrt) {
  private static final int MAX_PATHS = 256;
  private static final List<String> OWN_KEYS =
      List.of("name", "address", "interface", "prefix", "group");
  private static final long MAX_AS = 0xffff_ffffL;
  private static final long AS_TRANS = 23456;

  /** The file of {@code bgp run}: the keys at its top, or below the one key {@code bgp}. */
  public static BgpSection parseFile(String file, String text) throws ConfigException {
    YamlMap root = YamlMap.parse(file, text);
    Optional<YamlValue> below = root.find("bgp");
    if (below.isEmpty()) {
      return read(root, Optional.empty(), true);
    }
    root.end();
    return read(below.get().map(), Optional.empty(), true);
  }

  /**
   * Reads the section.
   *
   * @param nodeAddress the router id where the section has none and listens nowhere in particular
   * @param transitByDefault for a section that does not say
   */
  public static BgpSection read(
      YamlMap section, Optional<IpAddress> nodeAddress, boolean transitByDefault)
      throws ConfigException {
    long as = asNumber(section.get("as"));
    List<ListenAddress> listen = new ArrayList<>();
    if (section.find("listen").isEmpty()) {
      listen.add(new ListenAddress(IpAddress.v4(0), PeerConfig.PORT));
    }
    for (YamlValue value : section.list("listen")) {
      listen.add(value.listenAddress());
    }
    IpAddress routerId = routerId(section, listen, nodeAddress);
    Multipath multipath = Multipath.OFF;
    Optional<YamlValue> paths = section.find("multipath");
    if (paths.isPresent()) {
      YamlMap map = paths.get().map();
      Optional<YamlValue> relax = map.find("relaxAsPath");
      multipath = new Multipath(
          map.get("maximum").integer(1, MAX_PATHS),
          relax.isPresent() && relax.get().bool());
      map.end();
    }
    Optional<YamlValue> mesh = section.find("mesh");
    GracefulRestart restart = GracefulRestart.STANDARD;
    int deferralTime = SpeakerConfig.DEFERRAL_TIME;
    Optional<YamlValue> restarts = section.find("gracefulRestart");
    if (restarts.isPresent()) {
      YamlMap map = restarts.get().map();
      restart = PeerKeys.gracefulRestart(map, restart);
      Optional<YamlValue> deferral = map.find("deferralTime");
      deferralTime = deferral.isPresent()
          ? deferral.get().integer(1, SpeakerConfig.MAX_DEFERRAL_TIME)
          : deferralTime;
      map.end();
    }
    Optional<BfdSettings> bfd = BfdKeys.read(section, Optional.empty());
    TreeMap<String, YamlMap> groups = groups(section);
    PeerKeys keys = new PeerKeys(
        as, restart, PeerKeys.bool(section, "requireFilter", false), FilterKeys.read(section));
    List<PeerConfig> peers = new ArrayList<>();
    List<InterfacePeer> interfaces = new ArrayList<>();
    TreeSet<IpAddress> addresses = new TreeSet<>();
    TreeSet<String> names = new TreeSet<>();
    for (YamlValue value : section.list("peers")) {
      YamlMap map = grouped(value.map(), groups);
      if (map.find("interface").isPresent()) {
        InterfacePeer peer = atInterface(map, keys, bfd);
        if (!names.add(peer.name())
            || interfaces.stream().anyMatch(p -> p.link().equals(peer.link()))) {
          throw value.problem("there is a peer at " + peer.link() + " or with the name "
              + peer.name() + " already");
        }
        interfaces.add(peer);
        continue;
      }
      PeerConfig peer = peer(map, keys, bfd);
      if (!addresses.add(peer.address())) {
        throw value.problem("there is a peer with the address " + peer.address() + " already");
      }
      if (!names.add(peer.name())) {
        throw value.problem("there is a peer with the name " + peer.name() + " already");
      }
      peers.add(peer);
    }
    List<DynamicPeers> dynamic = new ArrayList<>();
    for (YamlValue value : section.list("dynamic")) {
      dynamic.add(dynamic(grouped(value.map(), groups), keys, bfd));
    }
    for (YamlMap group : groups.values()) {
      PeerKeys.known(group, keys);
      group.end();
    }
    for (PeerConfig peer : peers) {
      checkPasswords(section, peer, dynamic);
    }
    if (!interfaces.isEmpty() && section.find("listen").isEmpty()) {
      listen.add(new ListenAddress(IpAddress.v6(0, 0), PeerConfig.PORT));
    }
    Optional<YamlValue> transit = section.find("transit");
    List<Aggregate> aggregates = aggregates(section);
    SpeakerConfig speaker = new SpeakerConfig(
        as,
        routerId,
        listen,
        multipath,
        peers,
        dynamic,
        transit.isPresent() ? transit.get().bool() : transitByDefault,
        deferralTime,
        aggregates,
        interfaces);
    List<BmpStation> monitors = new ArrayList<>();
    for (YamlValue value : section.list("bmp")) {
      ListenAddress station = value.listenAddress();
      monitors.add(new BmpStation(station.address(), station.port()));
    }
    BgpSection read = new BgpSection(
        speaker,
        mesh.isPresent() && mesh.get().bool(),
        restart,
        bfd,
        monitors,
        MrtKeys.read(section));
    section.end();
    return read;
  }

  /** The kernel asks for a range's password of all who call from it. */
  private static void checkPasswords(YamlMap section, PeerConfig peer, List<DynamicPeers> dynamic)
      throws ConfigException {
    for (DynamicPeers range : dynamic) {
      if (range.prefix().contains(peer.address())
          && range.session().password().isPresent()
          && peer.session().password().isEmpty()) {
        throw section.problem("peer " + peer.name() + " is in the range " + range.prefix()
            + ", which has a passwordFile: give the peer one too");
      }
    }
  }

  private static boolean isHalf(String text) {
    return text.matches("[0-9]{1,5}") && Integer.parseInt(text) <= 0xffff;
  }

  private static IpAddress routerId(
      YamlMap section, List<ListenAddress> listen, Optional<IpAddress> nodeAddress)
      throws ConfigException {
    Optional<YamlValue> given = section.find("routerId");
    if (given.isPresent()) {
      IpAddress id = given.get().address();
      if (!id.isV4() || id.isUnspecified()) {
        throw given.get().problem("a router id looks like an IPv4 address other than 0.0.0.0");
      }
      return id;
    }
    Optional<IpAddress> guess = listen.stream()
        .map(ListenAddress::address)
        .filter(a -> a.isV4() && !a.isUnspecified())
        .findFirst()
        .or(() -> nodeAddress.filter(IpAddress::isV4));
    if (guess.isEmpty()) {
      throw section.problem("the key 'routerId' is missing (want an IPv4 address of this host)");
    }
    return guess.get();
  }

  /** {@code bgp.groups}: keys that several peers or ranges have in common, by name. */
  private static TreeMap<String, YamlMap> groups(YamlMap section) throws ConfigException {
    TreeMap<String, YamlMap> groups = new TreeMap<>();
    Optional<YamlValue> value = section.find("groups");
    if (value.isPresent()) {
      YamlMap byName = value.get().map();
      for (String name : byName.names()) {
        groups.put(name, byName.get(name).map());
      }
    }
    return groups;
  }

  /** With what its group says where it says nothing itself. */
  private static YamlMap grouped(YamlMap map, TreeMap<String, YamlMap> groups)
      throws ConfigException {
    Optional<YamlValue> name = map.find("group");
    if (name.isEmpty()) {
      return map;
    }
    YamlMap group = groups.get(name.get().text());
    if (group == null) {
      throw name.get().problem("there is no group '" + name.get().text() + "' in bgp.groups");
    }
    YamlMap whole = map.over(group, OWN_KEYS);
    whole.find("group");
    return whole;
  }

  private static List<Aggregate> aggregates(YamlMap section) throws ConfigException {
    List<Aggregate> aggregates = new ArrayList<>();
    TreeSet<Prefix> prefixes = new TreeSet<>();
    for (YamlValue value : section.list("aggregates")) {
      YamlMap map = value.map();
      Prefix prefix = map.get("prefix").prefix();
      if (!prefixes.add(prefix) || prefixes.size() > Aggregate.MOST) {
        throw value.problem(
            "want each prefix once, and at most " + Aggregate.MOST + " of them: " + prefix);
      }
      aggregates.add(new Aggregate(prefix, PeerKeys.bool(map, "summaryOnly", false)));
      map.end();
    }
    return aggregates;
  }

  private static PeerConfig peer(YamlMap map, PeerKeys keys, Optional<BfdSettings> bfd)
      throws ConfigException {
    YamlValue addressValue = map.get("address");
    IpAddress address = addressValue.address();
    if (address.isUnspecified() || address.isMulticast()) {
      throw addressValue.problem(address + " cannot be a peer's address");
    }
    long as = asNumber(map.get("as"));
    Optional<YamlValue> name = map.find("name");
    Optional<YamlValue> port = map.find("port");
    Optional<YamlValue> passive = map.find("passive");
    SessionConfig session =
        keys.session(map, passive.isPresent() && passive.get().bool(), keys.isOurs(map, as), false);
    PeerConfig peer = new PeerConfig(
        name.isPresent() ? name.get().text() : address.toString(),
        address,
        port.isPresent() ? port.get().integer(1, 65535) : PeerConfig.PORT,
        as,
        session,
        BfdKeys.read(map, bfd));
    map.end();
    return peer;
  }

  /** A peer whose link-local address router advertisements tell. */
  private static InterfacePeer atInterface(YamlMap map, PeerKeys keys, Optional<BfdSettings> bfd)
      throws ConfigException {
    YamlValue link = map.get("interface");
    if (!link.text().matches("[^\\s/]{1,15}")) {
      throw link.problem("'" + link.text() + "' is no name of an interface");
    }
    YamlValue asValue = map.get("as");
    long as = switch (asValue.text()) {
      case "external" -> PeerConfig.OTHER_AS;
      case "internal" -> keys.own(map);
      default -> asNumber(asValue);
    };
    Optional<YamlValue> name = map.find("name");
    SessionConfig session =
        keys.session(map, PeerKeys.bool(map, "passive", false), keys.isOurs(map, as), false);
    if (map.find("extendedNextHop").isEmpty()) {
      session = session.with(session.extensions().withExtendedNextHop());
    }
    InterfacePeer peer = new InterfacePeer(
        name.isPresent() ? name.get().text() : link.text(),
        link.text(),
        as,
        session,
        BfdKeys.read(map, bfd));
    map.end();
    return peer;
  }

  private static DynamicPeers dynamic(YamlMap map, PeerKeys keys, Optional<BfdSettings> bfd)
      throws ConfigException {
    YamlValue asValue = map.get("as");
    long as = asValue.text().equals("any") ? DynamicPeers.ANY_AS : asNumber(asValue);
    DynamicPeers peers = new DynamicPeers(
        map.get("prefix").prefix(),
        as,
        keys.session(map, true, keys.isOurs(map, as), as == DynamicPeers.ANY_AS),
        BfdKeys.read(map, bfd));
    map.end();
    return peers;
  }

  /** Plain, or as {@code 64086.59904} (asdot, RFC 5396). */
  static long asNumber(YamlValue value) throws ConfigException {
    String[] halves = value.text().split("\\.", -1);
    boolean dotted = halves.length == 2 && isHalf(halves[0]) && isHalf(halves[1]);
    long as = dotted
        ? Long.parseLong(halves[0]) << 16 | Long.parseLong(halves[1])
        : value.number(1, MAX_AS);
    if (as == 0) {
      throw value.problem("AS 0 is nobody's (RFC 7607)");
    }
    if (as == AS_TRANS) {
      throw value.problem("23456 stands for other AS numbers (RFC 6793) and belongs to nobody");
    }
    return as;
  }
}
