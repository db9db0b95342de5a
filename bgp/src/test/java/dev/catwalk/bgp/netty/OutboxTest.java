package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.fsm.ConnectionId;
import dev.catwalk.bgp.speaker.Deed;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.DecodeContext;
import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Each channel gets what is for it, in order, however it was put together. */
class OutboxTest {
  private static final EncodeContext CONTEXT = new EncodeContext(true, Wire.MESSAGE_LIMIT);
  private static final PathAttributes ATTRIBUTES = PathAttributes.builder(
          Origin.IGP, AsPath.sequence(65001), IpAddress.parse("192.0.2.1"))
      .build();

  private final Map<Deed.Target, Connection> connections = new HashMap<>();
  private final TreeMap<Long, Integer> told = new TreeMap<>();
  private final Outbox outbox =
      new Outbox(connections, (target, count) -> told.merge(target.peer(), count, Integer::sum));

  private Deed.Target target(long peer) {
    Deed.Target target = new Deed.Target(peer, ConnectionId.accepted(peer));
    connections.put(target, new Connection(new EmbeddedChannel(), new AtomicInteger()));
    return target;
  }

  private static Update update(int first, int count) {
    Nlri.Builder prefixes = new Nlri.Builder(Family.IPV4);
    for (int i = first; i < first + count; i++) {
      prefixes.add(0, 0x0a000000L + ((long) i << 8), 24);
    }
    return Update.announce(ATTRIBUTES, prefixes.build());
  }

  /** What a channel was given: how many buffers, and the first prefix of each message. */
  private List<Prefix> heard(Deed.Target target, int buffers) throws Exception {
    EmbeddedChannel channel = (EmbeddedChannel) connections.get(target).channel;
    Open open = Open.of(65001, 90, 1, List.of(AfiSafi.IPV4_UNICAST));
    DecodeContext context =
        DecodeContext.between(open, Open.of(65002, 90, 2, List.of(AfiSafi.IPV4_UNICAST)));
    List<Prefix> firsts = new ArrayList<>();
    int count = 0;
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      count++;
      while (out.isReadable()) {
        int length = Wire.frameLength(out, Wire.MESSAGE_LIMIT);
        Update update = (Update) Wire.decode(out.readSlice(length), context);
        firsts.add(update.announced().getFirst().prefixes().getFirst());
      }
      assertTrue(out.release());
    }
    assertEquals(buffers, count);
    return firsts;
  }

  private static Prefix first(int number) {
    return new Prefix(IpAddress.v4(0x0a000000 + (number << 8)), 24);
  }

  @Test
  void whatIsSmallAndForOthersEachTimeGoesToAChannelAtOnce() throws Exception {
    Deed.Target a = target(1);
    Deed.Target b = target(2);
    Deed.Target c = target(3);
    outbox.add(List.of(a, b), CONTEXT, update(1, 1));
    outbox.add(List.of(b, c), CONTEXT, update(2, 1));
    outbox.add(List.of(a, b, c), CONTEXT, update(3, 1));
    outbox.flush();
    assertEquals(List.of(first(1), first(3)), heard(a, 1));
    assertEquals(List.of(first(1), first(2), first(3)), heard(b, 1));
    assertEquals(List.of(first(2), first(3)), heard(c, 1));
    assertEquals(Map.of(1L, 2, 2L, 3, 3L, 2), told);
  }

  @Test
  void whatIsSharedComesAfterWhatWasCopied() throws Exception {
    Deed.Target a = target(1);
    Deed.Target b = target(2);
    outbox.add(List.of(a, b), CONTEXT, update(1, 1));
    outbox.add(List.of(b), CONTEXT, update(2, 1));
    outbox.add(List.of(a, b), CONTEXT, update(10, 900));
    outbox.add(List.of(b, a), CONTEXT, update(3, 1));
    outbox.flush();
    assertEquals(List.of(first(1), first(10), first(3)), heard(a, 3));
    assertEquals(List.of(first(1), first(2), first(10), first(3)), heard(b, 3));
  }

  @Test
  void aMessageThatIsForOthersThanTheOneBeforeItTakesNoLargeBuffer() throws Exception {
    Deed.Target a = target(1);
    Deed.Target b = target(2);
    long before = largeBuffers();
    for (int i = 0; i < 600; i++) {
      outbox.add(List.of(i % 2 == 0 ? a : b), CONTEXT, update(i, 1));
    }
    outbox.flush();
    assertTrue(largeBuffers() - before < 10, () -> "" + (largeBuffers() - before));
    assertEquals(300, heard(a, 1).size());
    assertEquals(300, heard(b, 1).size());
  }

  private static long largeBuffers() {
    return PooledByteBufAllocator.DEFAULT.metric().directArenas().stream()
        .mapToLong(PoolArenaMetric::numNormalAllocations)
        .sum();
  }

  @Test
  void aChannelThatIsGoneIsPassedOver() throws Exception {
    Deed.Target a = target(1);
    Deed.Target gone = new Deed.Target(9, ConnectionId.accepted(9));
    outbox.add(List.of(gone, a), CONTEXT, update(1, 1));
    outbox.flush();
    assertEquals(List.of(first(1)), heard(a, 1));
    assertEquals(Map.of(1L, 1), told);
  }
}
