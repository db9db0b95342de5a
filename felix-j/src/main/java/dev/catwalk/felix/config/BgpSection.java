package dev.catwalk.felix.config;

import dev.catwalk.bgp.speaker.DynamicPeers;
import dev.catwalk.bgp.speaker.GracefulRestart;
import dev.catwalk.bgp.speaker.PasswordFile;
import dev.catwalk.bgp.speaker.PeerConfig;
import dev.catwalk.bgp.speaker.SessionConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig.ListenAddress;
import dev.catwalk.bgp.speaker.SpeakerConfig.Multipath;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The {@code bgp} section, as {@code agent.yaml} and the file of {@code bgp run} have it.
 *
 * @param mesh whether the agent adds every other node of the cluster as a peer
 * @param gracefulRestart with peers that say nothing of their own
 */
public record BgpSection(SpeakerConfig speaker, boolean mesh, GracefulRestart gracefulRestart) {
  private static final int MAX_PATHS = 256;
  private static final long MAX_AS = 0xffff_ffffL;
  private static final long AS_TRANS = 23456;
  private static final int MAX_RESTART_TIME = Capability.GracefulRestart.MAX_RESTART_TIME;

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
      restart = gracefulRestart(map, restart);
      Optional<YamlValue> deferral = map.find("deferralTime");
      deferralTime = deferral.isPresent()
          ? deferral.get().integer(1, SpeakerConfig.MAX_DEFERRAL_TIME)
          : deferralTime;
      map.end();
    }
    List<PeerConfig> peers = new ArrayList<>();
    TreeSet<IpAddress> addresses = new TreeSet<>();
    TreeSet<String> names = new TreeSet<>();
    for (YamlValue value : section.list("peers")) {
      PeerConfig peer = peer(value.map(), as, restart);
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
      dynamic.add(dynamic(value.map(), as, restart));
    }
    for (PeerConfig peer : peers) {
      checkPasswords(section, peer, dynamic);
    }
    Optional<YamlValue> transit = section.find("transit");
    SpeakerConfig speaker = new SpeakerConfig(
        as,
        routerId,
        listen,
        multipath,
        peers,
        dynamic,
        transit.isPresent() ? transit.get().bool() : transitByDefault,
        deferralTime);
    BgpSection read = new BgpSection(speaker, mesh.isPresent() && mesh.get().bool(), restart);
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

  /** The keys that a peer may have too; {@code inherited} where they are absent. */
  private static GracefulRestart gracefulRestart(YamlMap map, GracefulRestart inherited)
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

  private static PeerConfig peer(YamlMap map, long ownAs, GracefulRestart restart)
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
        session(map, passive.isPresent() && passive.get().bool(), as == ownAs, restart);
    PeerConfig peer = new PeerConfig(
        name.isPresent() ? name.get().text() : address.toString(),
        address,
        port.isPresent() ? port.get().integer(1, 65535) : PeerConfig.PORT,
        as,
        session);
    map.end();
    return peer;
  }

  private static DynamicPeers dynamic(YamlMap map, long ownAs, GracefulRestart restart)
      throws ConfigException {
    YamlValue asValue = map.get("as");
    long as = asValue.text().equals("any") ? DynamicPeers.ANY_AS : asNumber(asValue);
    DynamicPeers peers = new DynamicPeers(
        map.get("prefix").prefix(),
        as,
        session(map, true, as == ownAs || as == DynamicPeers.ANY_AS, restart));
    map.end();
    return peers;
  }

  private static SessionConfig session(
      YamlMap map, boolean passive, boolean mayReflect, GracefulRestart inherited)
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
    if (reflect && !mayReflect) {
      throw client.orElseThrow().problem("a reflector client must be in our own AS");
    }
    List<Family> families = new ArrayList<>();
    for (YamlValue value : map.list("families")) {
      families.add(
          value.word("ipv4-unicast", "ipv6-unicast").equals("ipv4-unicast")
              ? Family.IPV4
              : Family.IPV6);
    }
    GracefulRestart restart = inherited;
    Optional<YamlValue> restarts = map.find("gracefulRestart");
    if (restarts.isPresent()) {
      YamlMap own = restarts.get().map();
      restart = gracefulRestart(own, inherited);
      own.end();
    }
    return new SessionConfig(
        holdTime,
        keepalive,
        passive,
        reflect,
        families.isEmpty() ? standard.families() : families,
        restart,
        password(map));
  }

  private static long asNumber(YamlValue value) throws ConfigException {
    long as = value.number(1, MAX_AS);
    if (as == AS_TRANS) {
      throw value.problem("23456 stands for other AS numbers (RFC 6793) and belongs to nobody");
    }
    return as;
  }
}
