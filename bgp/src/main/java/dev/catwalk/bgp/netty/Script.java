package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.Keepalive;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;

/** What the peers of a {@link Rehearsal} say, from OPEN to End-of-RIB, ready for the wire. */
final class Script {
  private static final EncodeContext CONTEXT = new EncodeContext(true, Wire.MESSAGE_LIMIT);
  private static final IpAddress HOP_V4 = IpAddress.parse("192.0.2.1");
  private static final IpAddress HOP_V6 = IpAddress.parse("2001:db8::1");
  private static final int HOLD_TIME = 90;

  /** One set of attributes in so many is for IPv6 prefixes. */
  private static final int IPV6_SHARE = 16;

  private static final int LONGEST_GROUP = 11;

  private final ByteBuf out = Unpooled.buffer(1 << 16);

  private Script() {}

  private Script(long as, int bgpId) {
    say(Open.of(
        as, HOLD_TIME, bgpId, List.of(AfiSafi.unicast(Family.IPV4), AfiSafi.unicast(Family.IPV6))));
    say(new Keepalive());
  }

  /** One who only listens. */
  static ByteBuffer open(long as) {
    return new Script(as, (int) as).spoken();
  }

  /** A client of a reflector, with a prefix of its own and then another path to it. */
  static ByteBuffer client(long as, int number) {
    Script script = new Script(as, number);
    PathAttributes.Builder own =
        PathAttributes.builder(Origin.IGP, AsPath.EMPTY, HOP_V4).localPref(100);
    script.say(
        Update.announce(own.build(), prefixes(new SplittableRandom(number), Family.IPV4, 1)));
    script.say(Update.endOfRib(AfiSafi.unicast(Family.IPV4)));
    return script.spoken();
  }

  /**
   * A table whose prefixes come a few to a set of attributes, as the Internet's do.
   *
   * @param seed equal seeds have equal prefixes, whoever tells them
   */
  static ByteBuffer table(long as, int seed, int attributeSets) {
    Script script = new Script(as, (int) as);
    SplittableRandom prefixes = new SplittableRandom(seed);
    SplittableRandom others = new SplittableRandom(as);
    for (int i = 1; i <= attributeSets; i++) {
      Family family = i % IPV6_SHARE == 0 ? Family.IPV6 : Family.IPV4;
      Nlri some = prefixes(prefixes, family, prefixes.nextInt(1, LONGEST_GROUP + 1));
      script.say(Update.announce(attributes(as, others, family), some));
      if (i % 64 == 0) {
        script.say(Update.withdraw(some));
      }
    }
    return script.spoken();
  }

  /** Single UPDATEs of one who is up already: prefixes of its own, each announced and withdrawn. */
  static ByteBuffer changes(long as, int seed, int count) {
    Script script = new Script();
    SplittableRandom random = new SplittableRandom(seed);
    Nlri prefix = prefixes(random, Family.IPV4, 1);
    for (int i = 0; i < count; i++) {
      if (i % 2 == 0) {
        prefix = prefixes(random, Family.IPV4, 1);
        script.say(Update.announce(attributes(as, random, Family.IPV4), prefix));
      } else {
        script.say(Update.withdraw(prefix));
      }
    }
    return script.spoken();
  }

  private static PathAttributes attributes(long as, SplittableRandom random, Family family) {
    long[] path = random.longs(random.nextInt(2, 9), 1_000, 60_000).toArray();
    path[0] = as;
    PathAttributes.Builder out = PathAttributes.builder(
        random.nextInt(8) == 0 ? Origin.INCOMPLETE : Origin.IGP,
        AsPath.sequence(path),
        family == Family.IPV4 ? HOP_V4 : HOP_V6);
    int communities = random.nextInt(7);
    if (communities > 0) {
      out.communities(Communities.of(random.ints(communities, 1 << 16, 1 << 30).toArray()));
    }
    if (random.nextInt(7) == 0) {
      out.med(random.nextInt(1_000));
    }
    return out.build();
  }

  private static Nlri prefixes(SplittableRandom random, Family family, int count) {
    Nlri.Builder out = new Nlri.Builder(family);
    for (int i = 0; i < count; i++) {
      if (family == Family.IPV4) {
        int length = random.nextInt(4) == 0 ? random.nextInt(16, 24) : 24;
        out.add(0, random.nextLong(1L << 24, 100L << 24) & -1L << 32 - length, length);
      } else {
        out.add(0x2a00L << 48 | random.nextLong(1L << 32) << 16, 0, 48);
      }
    }
    return out.build();
  }

  private void say(Message message) {
    Wire.encode(message, CONTEXT, out);
  }

  private ByteBuffer spoken() {
    return out.nioBuffer();
  }
}
