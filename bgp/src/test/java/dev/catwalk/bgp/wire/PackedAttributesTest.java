package dev.catwalk.bgp.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.catwalk.net.addr.IpAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Attributes in one piece: nothing is lost on the way there and back. */
class PackedAttributesTest {
  private static final List<Origin> ORIGINS = List.of(Origin.values());
  private static final List<AsPath.Kind> KINDS = List.of(AsPath.Kind.values());

  private final SplittableRandom random = new SplittableRandom(4);

  @Test
  void whatIsPackedComesBackEqual() {
    Set<PathAttributes> values = new HashSet<>();
    Set<PackedAttributes> packed = new HashSet<>();
    for (int i = 0; i < 3_000; i++) {
      PathAttributes attributes = some();
      byte[] octets = attributes.packed().octets();
      byte[] among = new byte[octets.length + 24]; // a table has it among others
      Arrays.fill(among, (byte) 0xa5);
      System.arraycopy(octets, 0, among, 8, octets.length);
      PathAttributes back = PackedAttributes.unpack(among, 8, 8 + octets.length);
      assertEquals(attributes, back);
      assertEquals(attributes.hashCode(), back.hashCode());
      assertArrayEquals(octets, back.packed().octets());
      asks(attributes, among, 8);
      values.add(attributes);
      packed.add(attributes.packed());
    }
    assertEquals(values.size(), packed.size());
    assertNotEquals(0, values.size());
  }

  private static void asks(PathAttributes attributes, byte[] in, int at) {
    assertEquals(attributes.localPref().orElse(77), PackedAttributes.localPref(in, at, 77));
    assertEquals(attributes.med().orElse(0), PackedAttributes.med(in, at));
    assertEquals(attributes.asPath().neighbourAs(), PackedAttributes.neighbourAs(in, at));
    assertEquals(attributes.asPath().length(), PackedAttributes.asPathLength(in, at));
    assertEquals(
        attributes.clusterList().map(ClusterList::size).orElse(0),
        PackedAttributes.clusterListLength(in, at));
    assertEquals(attributes.origin(), PackedAttributes.origin(in, at));
    assertEquals(
        attributes.communities().filter(c -> c.contains(Communities.LLGR_STALE)).isPresent(),
        PackedAttributes.isLongLivedStale(in, at));
    assertEquals(attributes.originatorId().isPresent(), PackedAttributes.hasOriginatorId(in, at));
    assertEquals(attributes.originatorId().orElse(0), PackedAttributes.originatorId(in, at));
    assertEquals(attributes.nextHop(), PackedAttributes.nextHop(in, at));
  }

  /** RFC 4271 §5: those that we do not know go out among the others, by type, and partial. */
  @Test
  void theWiresFormIsTheSameWithAndWithoutTheUnknown() {
    PathAttributes plain = PathAttributes.builder(
            Origin.EGP, AsPath.sequence(65001, 4200000000L), IpAddress.parse("192.0.2.1"))
        .communities(Communities.of(1))
        .largeCommunities(new LargeCommunities(List.of(new LargeCommunities.Large(1, 2, 3))))
        .build();
    PathAttributes more = plain
        .with()
        .unrecognised(List.of(new Attribute.Unrecognised(0xc0, 19, Octets.hex("aabb"))))
        .build();
    String before =
        "4001010140020a0202" + "0000fde9" + "fa56ea00" + "400304c0000201" + "c0080400000001";
    String large = "c0200c" + "00000001" + "00000002" + "00000003";
    assertEquals(before + large, encoded(plain));
    assertEquals(before + "e01302aabb" + large, encoded(more));
  }

  private static String encoded(PathAttributes attributes) {
    ByteBuf out = AttributeEncoder.encode(attributes, new EncodeContext(true, Wire.MESSAGE_LIMIT));
    return ByteBufUtil.hexDump(out);
  }

  private PathAttributes some() {
    PathAttributes.Builder out = PathAttributes.builder(
        ORIGINS.get(random.nextInt(3)),
        path(),
        random.nextInt(4) == 0
            ? IpAddress.v6(0x2001_0db8L << 32, random.nextInt(3))
            : IpAddress.v4(random.nextInt()));
    if (random.nextBoolean()) {
      out.med(random.nextInt(3) == 0 ? 0xffff_ffffL : random.nextInt(3));
    }
    if (random.nextBoolean()) {
      out.localPref(random.nextInt(3) == 0 ? 0xffff_ffffL : random.nextInt(3));
    }
    out.atomicAggregate(random.nextInt(8) == 0);
    if (random.nextInt(4) == 0) {
      out.aggregator(new Aggregator(4200000000L, IpAddress.v4(random.nextInt())));
      out.partial(AttributeType.AGGREGATOR, AttributeType.PARTIAL);
    }
    if (random.nextInt(2) == 0) {
      int[] values = random.ints(random.nextInt(1, 80)).toArray(); // 64 need a long length
      values[0] = random.nextInt(3) == 0 ? Communities.LLGR_STALE : values[0];
      out.communities(Communities.of(values))
          .partial(AttributeType.COMMUNITIES, random.nextInt(256));
    }
    if (random.nextInt(4) == 0) {
      out.originatorId(random.nextInt(3) - 1);
      out.clusterList(ClusterList.of(random.ints(random.nextInt(1, 5)).toArray()));
    }
    if (random.nextInt(4) == 0) {
      out.extendedCommunities(
          ExtendedCommunities.of(random.longs(random.nextInt(1, 4)).toArray()));
    }
    if (random.nextInt(4) == 0) {
      out.largeCommunities(new LargeCommunities(List.of(
          new LargeCommunities.Large(random.nextInt(), random.nextInt(), random.nextInt()))));
    }
    if (random.nextInt(4) == 0) {
      out.unrecognised(List.of(
          new Attribute.Unrecognised(0xe0, 200, Octets.of(new byte[random.nextInt(300)])),
          new Attribute.Unrecognised(0xc0, 19, Octets.EMPTY)));
    }
    return out.build();
  }

  private AsPath path() {
    List<AsPath.Segment> segments = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      int length = random.nextInt(3) == 0 ? 255 : random.nextInt(1, 6);
      segments.add(new AsPath.Segment(
          KINDS.get(random.nextInt(4)),
          random.ints(length).map(as -> as == 0 ? 1 : as).toArray()));
    }
    return new AsPath(segments);
  }
}
