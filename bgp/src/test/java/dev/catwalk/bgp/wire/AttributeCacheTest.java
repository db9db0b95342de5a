package dev.catwalk.bgp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttributeCacheTest {
  private static final DecodeContext CONTEXT = new DecodeContext(
      true, false, List.of(AfiSafi.IPV4_UNICAST), Wire.MESSAGE_LIMIT, new AttributeCache());

  private static PathAttributes read(int as) throws WireException {
    PathAttributes attributes = PathAttributes.builder(
            Origin.IGP, AsPath.sequence(as), IpAddress.parse("192.0.2.1"))
        .build();
    ByteBuf octets = Unpooled.buffer();
    Update update = Update.announce(attributes, Nlri.of(Prefix.parse("10.0.0.0/24")));
    Wire.encode(update, new EncodeContext(true, Wire.MESSAGE_LIMIT), octets);
    Update read = (Update) Wire.decode(octets, CONTEXT);
    assertEquals(attributes, read.announced().getFirst().attributes());
    assertEquals(Family.IPV4, read.announced().getFirst().prefixes().family());
    return read.announced().getFirst().attributes();
  }

  @Test
  void whatComesForTheSecondTimeIsKept() throws WireException {
    PathAttributes first = read(65001);
    PathAttributes second = read(65001);
    assertNotSame(first, second, "what comes once, as in a table, is not worth its place");
    assertSame(second, read(65001));
    assertSame(second, read(65001));
  }
}
