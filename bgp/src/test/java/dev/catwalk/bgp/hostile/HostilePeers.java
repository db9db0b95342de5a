package dev.catwalk.bgp.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.netty.PlayedSpeaker;
import dev.catwalk.bgp.speaker.Extensions;
import dev.catwalk.bgp.speaker.PeerConfig;
import dev.catwalk.bgp.speaker.SessionConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A speaker of AS 65000, peers of it that say what they like, and two that look on: one outside, one
 * inside (a client of reflection). Hold times are 0, so that only what is said ends a session.
 */
final class HostilePeers {
  static final long AS = 65000;
  static final IpAddress SELF = IpAddress.parse("10.99.0.11");
  static final IpAddress SELF6 = IpAddress.parse("2001:db8:99::1");
  static final Prefix P4 = Prefix.parse("100.64.0.0/24");
  static final Prefix P6 = Prefix.parse("2001:db8:1000::/48");
  static final String HOP6 = "20010db8009900000000000000000003";

  /** As long as any back-off. */
  private static final long PENANCE_MS = 31_000;

  private static final Extensions.AddPath RECEIVE = new Extensions.AddPath(true, 0);

  /** The kinds of attackers. */
  enum Kind {
    OUTSIDE("10.99.1.1", 65001, false, true, false),
    CLIENT("10.99.2.1", AS, true, true, false),
    INSIDE("10.99.2.2", AS, false, true, false),
    OUTSIDE_OLD("10.99.1.2", 65001, false, false, false),
    CLIENT_OLD("10.99.2.3", AS, true, false, false),
    PATHS("10.99.1.3", 65001, false, true, true);

    private final String at;
    final long as;
    final boolean client;
    private final boolean four;
    private final boolean paths;

    Kind(String at, long as, boolean client, boolean four, boolean paths) {
      this.at = at;
      this.as = as;
      this.client = client;
      this.four = four;
      this.paths = paths;
    }

    IpAddress address() {
      return IpAddress.parse(at);
    }

    UpdateRules.Session session() {
      return new UpdateRules.Session(as == AS, four, paths);
    }
  }

  /** A session from its far end. */
  final class Far {
    final PlayedSpeaker.Caller caller;
    final Told told = new Told();

    Far(IpAddress from) {
      caller = speaker.call(from);
    }

    void say(byte... octets) {
      caller.say(octets);
      listen();
    }

    void say(String hex) {
      say(bytes(hex));
    }

    void listen() {
      told.hear(caller.hear());
    }
  }

  final PlayedSpeaker speaker;
  private final IpAddress outsideAddress = IpAddress.parse("10.99.0.3");
  private final IpAddress insideAddress = IpAddress.parse("10.99.0.4");
  final Far outside;
  final Far inside;

  HostilePeers() {
    List<PeerConfig> peers = new ArrayList<>();
    peers.add(peer(outsideAddress, 65002, false, Extensions.AddPath.OFF));
    peers.add(peer(insideAddress, AS, true, Extensions.AddPath.OFF));
    for (Kind kind : Kind.values()) {
      peers.add(peer(
          kind.address(),
          kind.as,
          kind.client,
          kind.session().paths() ? RECEIVE : Extensions.AddPath.OFF));
    }
    speaker = new PlayedSpeaker(
        new SpeakerConfig(AS, SELF, List.of(), SpeakerConfig.Multipath.OFF, peers, List.of()),
        SELF,
        SELF6);
    outside = up(outsideAddress, open(65002, "09090903", true, false));
    inside = up(insideAddress, open(AS, "09090904", true, false));
  }

  private static PeerConfig peer(
      IpAddress address, long as, boolean client, Extensions.AddPath paths) {
    SessionConfig session =
        new SessionConfig(0, 0, true, client, List.of(Family.IPV4, Family.IPV6));
    Extensions extensions = new Extensions(true, true, false, paths, 0, Optional.empty(), false);
    return new PeerConfig(
        address.toString(), address, PeerConfig.PORT, as, session.with(extensions));
  }

  static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  /** A message with the right header. */
  static byte[] message(int type, byte... body) {
    byte[] message = new byte[19 + body.length];
    java.util.Arrays.fill(message, 0, 16, (byte) -1);
    message[16] = (byte) (message.length >> 8);
    message[17] = (byte) message.length;
    message[18] = (byte) type;
    System.arraycopy(body, 0, message, 19, body.length);
    return message;
  }

  static byte[] message(int type, String body) {
    return message(type, bytes(body));
  }

  static final byte[] KEEPALIVE = message(4);

  /** An OPEN of both families, refreshes, extended messages, and what is named. */
  static byte[] open(long as, String id, boolean four, boolean paths) {
    String capabilities = "010400010001" + "010400020001" + "0200" + "0600"
        + (four ? String.format("4104%08x", as) : "")
        + (paths ? "4508" + "00010102" + "00020102" : "");
    int size = capabilities.length() / 2;
    return message(
        1, String.format("04%04x0000%s%02x02%02x%s", as, id, size + 2, size, capabilities));
  }

  static byte[] open(Kind kind) {
    return open(kind.as, id(kind), kind.session().four(), kind.session().paths());
  }

  /** The attacker's BGP Identifier. */
  static String id(Kind kind) {
    return "0b" + HexFormat.of().formatHex(kind.address().toBytes()).substring(2);
  }

  Far up(IpAddress from, byte[] open) {
    Far far = new Far(from);
    far.say(open);
    far.say(KEEPALIVE);
    assertFalse(far.caller.isClosed(), () -> from + " is refused: " + far.told.notification);
    assertEquals(1, far.told.opens);
    assertTrue(far.told.keepalives > 0);
    return far;
  }

  Far up(Kind kind) {
    return up(kind.address(), open(kind));
  }

  /** Time enough that every peer may come again. */
  void pardon() {
    speaker.pass(PENANCE_MS);
  }

  /** What the two that look on were told by now; both must still be there. */
  void look() {
    outside.listen();
    inside.listen();
    assertFalse(outside.caller.isClosed(), () -> "outside was lost: " + outside.told.notification);
    assertFalse(inside.caller.isClosed(), () -> "inside was lost: " + inside.told.notification);
  }

  /** A route of each family, whose path ends in that number. */
  static byte[] good(Kind kind, int mark) {
    List<Long> path = new ArrayList<>();
    if (!kind.session().internal()) {
      path.add(kind.as);
    }
    path.add((long) mark);
    StringBuilder numbers = new StringBuilder(String.format("02%02x", path.size()));
    path.forEach(as -> numbers.append(String.format(kind.session().four() ? "%08x" : "%04x", as)));
    String rest = "40010100" + String.format("4002%02x", numbers.length() / 2) + numbers
        + (kind.session().internal() ? "40050400000064" : "");
    String id = kind.session().paths() ? "00000001" : "";
    String classic = rest + "400304" + "0a630101";
    String reach = "00020110" + HOP6 + "00" + id + "3020010db81000";
    String mp = String.format("800e%02x", reach.length() / 2) + reach + rest;
    byte[] first =
        message(2, String.format("0000%04x", classic.length() / 2) + classic + id + "18644000");
    byte[] second = message(2, String.format("0000%04x", mp.length() / 2) + mp);
    byte[] both = java.util.Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
