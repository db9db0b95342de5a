package dev.catwalk.lab.micro;

import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.SplittableRandom;

/** A table like the Internet's: IPv4 prefixes, about six to a set of attributes. */
final class TableStream {
  /** So many different blocks of {@link #SHORTEST} bits are unicast addresses. */
  static final int MOST_PREFIXES = 1_800_000;

  private static final int SHORTEST = 21;
  private static final int FIRST_BLOCK = 1 << SHORTEST - 8; // 1.0.0.0
  private static final int STRIDE = 7919; // a prime, so that every block has its turn once
  private static final int LONGEST_GROUP = 11;
  private static final EncodeContext CONTEXT = new EncodeContext(true, Wire.MESSAGE_LIMIT);
  private static final IpAddress NEXT_HOP = IpAddress.parse("192.0.2.1");

  private TableStream() {}

  /**
   * UPDATEs on the wire, one after the other. Equal arguments, equal octets.
   *
   * @param prefixes how many, all different: 1 to {@link #MOST_PREFIXES}
   */
  static ByteBuf of(long as, int prefixes) {
    SplittableRandom random = new SplittableRandom(as);
    ByteBuf out = Unpooled.directBuffer(prefixes * 20 + Wire.MESSAGE_LIMIT);
    for (int done = 0; done < prefixes; ) {
      int group = Math.min(prefixes - done, random.nextInt(1, LONGEST_GROUP + 1));
      Nlri.Builder some = new Nlri.Builder(Family.IPV4);
      for (int i = 0; i < group; i++, done++) {
        int length = random.nextInt(10) < 6 ? 24 : random.nextInt(SHORTEST, 24);
        long block = FIRST_BLOCK + (long) done * STRIDE % MOST_PREFIXES;
        some.add(0, block << 32 - SHORTEST, length);
      }
      Wire.encode(Update.announce(attributes(as, random), some.build()), CONTEXT, out);
    }
    return out;
  }

  private static PathAttributes attributes(long as, SplittableRandom random) {
    long[] path = random.longs(random.nextInt(2, 9), 1_000, 60_000).toArray();
    path[0] = as;
    PathAttributes.Builder out =
        PathAttributes.builder(Origin.IGP, AsPath.sequence(path), NEXT_HOP);
    int communities = random.nextInt(7);
    if (communities > 0) {
      out.communities(Communities.of(random.ints(communities, 1 << 16, 1 << 30).toArray()));
    }
    if (random.nextInt(7) == 0) {
      out.med(random.nextInt(1_000));
    }
    return out.build();
  }
}
