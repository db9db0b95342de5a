package dev.catwalk.lab.micro;

import dev.catwalk.bgp.policy.ExportPolicy;
import dev.catwalk.bgp.rib.AdjRibOut;
import dev.catwalk.bgp.rib.Feed;
import dev.catwalk.bgp.rib.Rib;
import dev.catwalk.bgp.rib.Source;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.DecodeContext;
import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.bgp.wire.WireException;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A route's way, piece by piece: how long a whole table takes, once, on one thread. JMH makes an
 * instance of each state and calls what is annotated.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 6)
@Measurement(iterations = 6)
@Fork(
    value = 1,
    jvmArgs = {
      "-Xms2g",
      "-Xmx2g",
      "-XX:+UseParallelGC",
      "--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow"
    })
public class RouteBenchmarks {
  /** Of the benchmarks, in the order of a route's way. */
  public static final List<String> NAMES =
      List.of("decode", "insert", "decodeAndInsert", "decide", "decideAndEncode", "encode");

  /** The largest table that there can be. */
  public static final int MOST_PREFIXES = TableStream.MOST_PREFIXES;

  private static final long AS = 64512;
  private static final int TURN = 4096; // as the speaker has it
  private static final EncodeContext CONTEXT = new EncodeContext(true, Wire.MESSAGE_LIMIT);
  private static final List<AfiSafi> FAMILIES = List.of(AfiSafi.IPV4_UNICAST);

  /** What one peer sends, as octets and as messages. */
  @State(Scope.Benchmark)
  public static class Table {
    /** Prefixes in the table. */
    @Param("1000000")
    public int prefixes;

    ByteBuf stream = Unpooled.EMPTY_BUFFER;
    final List<Update> updates = new ArrayList<>();

    @Setup
    public void make() throws WireException {
      stream = TableStream.of(AS + 1, prefixes);
      decodeAll(stream, updates::add);
    }
  }

  /** Empty tables, with a peer that tells and, where a benchmark wants him, one who is told. */
  @State(Scope.Thread)
  public static class Tables {
    final Source from =
        new Source(1, "feed", Source.Kind.EBGP, IpAddress.parse("192.0.2.1"), 0x0a000001);
    Rib rib = empty();
    final Encoding feed = new Encoding();

    @Setup(Level.Invocation)
    public void clear() {
      rib = empty();
      feed.octets = 0;
    }

    private static Rib empty() {
      return new Rib(Family.IPV4, 1, false, nextHop -> 0);
    }

    int decide() {
      while (rib.hasWork()) {
        rib.decide(TURN, null, feed);
        rib.tell(TURN, feed);
      }
      return rib.reachableCount();
    }
  }

  /** The same with the table in it, undecided. */
  @State(Scope.Thread)
  public static class Undecided extends Tables {
    @Setup(Level.Invocation)
    public void fill(Table table) {
      insertAll(this, table);
    }
  }

  /** The same with somebody who wants to hear it. */
  @State(Scope.Thread)
  public static class Untold extends Tables {
    @Setup(Level.Invocation)
    public void fill(Table table) {
      IpAddress hop = IpAddress.parse("192.0.2.2");
      rib.addGroup(new ExportPolicy(AS, 1, Source.Kind.EBGP, hop, true)).join(2);
      rib.tell(TURN, feed); // End-of-RIB: from now on it hears each change as it happens
      insertAll(this, table);
    }
  }

  /** Encodes what is told. */
  private static final class Encoding implements Feed {
    private final ByteBuf out = Unpooled.directBuffer(64 << 10);
    private long octets;

    @Override
    public void announce(List<AdjRibOut> to, PathAttributes attributes, Nlri prefixes) {
      say(Update.announce(attributes, prefixes));
    }

    @Override
    public void withdraw(List<AdjRibOut> to, Nlri prefixes) {
      say(Update.withdraw(prefixes));
    }

    @Override
    public void endOfRib(AdjRibOut to, Family family) {
      say(Update.endOfRib(AfiSafi.unicast(family)));
    }

    @Override
    public void endOfRefresh(AdjRibOut to, Family family) {
      // nobody asks for one
    }

    private void say(Update update) {
      out.clear();
      Wire.encode(update, CONTEXT, out);
      octets += out.readableBytes();
    }
  }

  /** From octets to messages. */
  @Benchmark
  public int decode(Table table) throws WireException {
    int[] count = new int[1];
    decodeAll(table.stream, update -> count[0] += update.announced().size());
    return count[0];
  }

  /** From messages into the Adj-RIB-In. */
  @Benchmark
  public int insert(Table table, Tables tables) {
    insertAll(tables, table);
    return tables.rib.touchedCount();
  }

  /** From octets into the Adj-RIB-In: the least that a speaker must do with a table. */
  @Benchmark
  public int decodeAndInsert(Table table, Tables tables) throws WireException {
    decodeAll(table.stream, update -> insert(tables, update));
    return tables.rib.touchedCount();
  }

  /** From the Adj-RIB-In into the Loc-RIB. */
  @Benchmark
  public int decide(Undecided tables) {
    return tables.decide();
  }

  /** From the Adj-RIB-In to the octets for an eBGP peer. */
  @Benchmark
  public long decideAndEncode(Untold tables) {
    tables.decide();
    return tables.feed.octets;
  }

  /** From messages to octets. */
  @Benchmark
  public long encode(Table table, Tables tables) {
    table.updates.forEach(tables.feed::say);
    return tables.feed.octets;
  }

  private static void insertAll(Tables tables, Table table) {
    for (Update update : table.updates) {
      insert(tables, update);
    }
  }

  private static void insert(Tables tables, Update update) {
    for (Update.Reach reach : update.announced()) {
      tables.rib.announce(tables.from, reach.prefixes(), reach.attributes(), null);
    }
  }

  private static void decodeAll(ByteBuf stream, Consumer<Update> taker) throws WireException {
    Open open = Open.of(AS, 90, 1, FAMILIES);
    Open theirs = Open.of(AS + 1, 90, 2, FAMILIES);
    DecodeContext context = DecodeContext.between(open, theirs);
    ByteBuf in = stream.duplicate();
    while (in.isReadable()) {
      ByteBuf frame = in.readSlice(Wire.frameLength(in, Wire.MESSAGE_LIMIT));
      taker.accept((Update) Wire.decode(frame, context));
    }
  }
}
