package dev.catwalk.lab.bgp;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.Keepalive;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.bgp.wire.RouteRefresh;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Everything at once that peers can do to a speaker without breaking a message: a process of its own,
 * for {@link HostilePeersTest}. It goes on until its input ends; a line on its input is answered by how
 * often each thing was done, {@code name=count} with blanks between.
 */
public final class Siege {
  static final String TARGET = "10.9.0.2";
  static final long TARGET_AS = 64601;

  /** Who is let in by name, and what each does; the last octet of its address. */
  static final Map<String, Integer> PEERS = new TreeMap<>(Map.of(
      "feeder", 3,
      "mute", 4,
      "trickler", 5,
      "flapper", 6,
      "refresher", 7,
      "glutton", 8,
      "halfOpen", 9,
      "opener", 10));

  private static final int HOLD_TIME = 90;
  private static final EncodeContext ENCODE = new EncodeContext(true, Wire.MESSAGE_LIMIT);
  private static final int GUESTS = 1_000;
  private static final int GLUTTONY = 1_000_000;

  private final Map<String, AtomicLong> counts = new ConcurrentSkipListMap<>();
  private final int routes;

  private Siege(int routes) {
    this.routes = routes;
  }

  /** Argument: how many routes the good one among them tells. */
  public static void main(String[] args) throws Exception {
    Siege siege = new Siege(Integer.parseInt(args[0]));
    siege.begin("feeder", siege::feed);
    siege.begin("mute", siege::neverRead);
    siege.begin("trickler", siege::trickle);
    siege.begin("flapper", siege::flap);
    siege.begin("refresher", siege::askAgain);
    siege.begin("glutton", siege::tellTooMuch);
    siege.begin("halfOpen", siege::halfOpen);
    siege.begin("opener", siege::open);
    siege.begin("guests", siege::guests);
    siege.begin("strangers", siege::strangers);
    while (System.in.read() >= 0) {
      System.out.println(siege.counts.entrySet().stream()
          .map(e -> e.getKey() + "=" + e.getValue())
          .collect(java.util.stream.Collectors.joining(" ")));
      System.out.flush();
    }
    Runtime.getRuntime().halt(0);
  }

  /** One round of an attack; it begins again when it ends. */
  private interface Attack {
    void run(String source, AtomicLong count) throws IOException, InterruptedException;
  }

  private void begin(String name, Attack attack) {
    AtomicLong count = new AtomicLong();
    counts.put(name, count);
    String source = "10.9.0." + PEERS.getOrDefault(name, 200);
    Thread.ofPlatform().daemon().name(name).start(() -> {
      while (true) {
        try {
          attack.run(source, count);
        } catch (IOException e) {
          pause(5); // closed or refused: that is expected
        } catch (InterruptedException e) {
          return;
        }
      }
    });
  }

  private static void pause(long ms) {
    try {
      TimeUnit.MILLISECONDS.sleep(ms);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Socket call(String source) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(16 << 10);
    socket.setReuseAddress(true);
    socket.bind(new InetSocketAddress(InetAddress.getByName(source), 0));
    socket.connect(new InetSocketAddress(InetAddress.getByName(TARGET), 179), 2_000);
    socket.setSoTimeout(2_000);
    return socket;
  }

  private static byte[] bytes(Message message) {
    ByteBuf out = Unpooled.buffer();
    Wire.encode(message, ENCODE, out);
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }

  private static long as(String source) {
    return 65000L + Integer.parseInt(source.substring(source.lastIndexOf('.') + 1));
  }

  private static byte[] openOf(String source) {
    return bytes(Open.offering(
        as(source),
        HOLD_TIME,
        (int) as(source),
        List.of(AfiSafi.IPV4_UNICAST),
        List.of(new Capability.EnhancedRefresh())));
  }

  /** OPEN and KEEPALIVE, and waits for the other's. */
  private static DataInputStream comeUp(Socket socket, String source) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(openOf(source));
    out.write(bytes(new Keepalive()));
    DataInputStream in = new DataInputStream(socket.getInputStream());
    for (int i = 0; i < 2; i++) {
      if (skip(in) == 3) {
        throw new IOException("refused");
      }
    }
    return in;
  }

  /** Reads a message; returns its type. */
  private static int skip(DataInputStream in) throws IOException {
    byte[] header = new byte[Wire.HEADER_LENGTH];
    in.readFully(header);
    in.skipNBytes(((header[16] & 0xff) << 8 | header[17] & 0xff) - header.length);
    return header[18];
  }

  private static List<byte[]> updates(String source, int from, int count, int each) {
    PathAttributes attributes = PathAttributes.builder(
            Origin.IGP, AsPath.sequence(as(source)), IpAddress.parse(source))
        .build();
    List<byte[]> all = new ArrayList<>();
    for (int i = 0; i < count; i += each) {
      Nlri.Builder prefixes = new Nlri.Builder(Family.IPV4);
      for (int k = i; k < Math.min(count, i + each); k++) {
        prefixes.add(new Prefix(IpAddress.v4(from + (k << 8)), 24));
      }
      all.add(bytes(Update.announce(attributes, prefixes.build())));
    }
    return all;
  }

  /** A good one: tells many routes, and stays. */
  private void feed(String source, AtomicLong count) throws IOException, InterruptedException {
    try (Socket socket = call(source)) {
      DataInputStream in = comeUp(socket, source);
      Thread.ofVirtual().start(() -> {
        try {
          while (true) {
            skip(in);
          }
        } catch (IOException e) {
          pause(1); // the writer sees it too
        }
      });
      for (byte[] update : updates(source, 0x14000000, routes, 200)) {
        socket.getOutputStream().write(update);
        count.addAndGet(200);
      }
      while (true) {
        TimeUnit.SECONDS.sleep(2);
        socket.getOutputStream().write(bytes(new Keepalive()));
      }
    }
  }

  private void neverRead(String source, AtomicLong count) throws IOException, InterruptedException {
    try (Socket socket = call(source)) {
      comeUp(socket, source);
      count.incrementAndGet();
      while (true) {
        TimeUnit.MILLISECONDS.sleep(500);
        socket.getOutputStream().write(bytes(new Keepalive()));
      }
    }
  }

  /** An octet at a time: a long UPDATE, with refreshes and KEEPALIVEs between. */
  private void trickle(String source, AtomicLong count) throws IOException, InterruptedException {
    try (Socket socket = call(source)) {
      socket.setTcpNoDelay(true);
      OutputStream out = socket.getOutputStream();
      for (byte octet : openOf(source)) {
        out.write(octet);
      }
      List<byte[]> all = updates(source, 0x1e000000, 700, 700);
      all.addFirst(bytes(new Keepalive()));
      for (int round = 0; ; round++) {
        for (byte octet : all.get(Math.min(round, 1))) {
          out.write(octet);
          count.incrementAndGet();
          if (count.get() % 16 == 0) {
            TimeUnit.MILLISECONDS.sleep(1);
          }
        }
        if (socket.getInputStream().available() > 0) {
          socket.getInputStream().skip(socket.getInputStream().available());
        }
      }
    }
  }

  /** Up and gone, a hundred times a second if it may. */
  private void flap(String source, AtomicLong count) throws IOException, InterruptedException {
    TimeUnit.MILLISECONDS.sleep(10);
    count.incrementAndGet();
    try (Socket socket = call(source)) {
      comeUp(socket, source);
    }
  }

  private void askAgain(String source, AtomicLong count) throws IOException {
    byte[] refresh = bytes(RouteRefresh.of(AfiSafi.IPV4_UNICAST));
    ByteBuf many = Unpooled.buffer();
    for (int i = 0; i < 100; i++) {
      many.writeBytes(refresh);
      many.writeBytes(bytes(new RouteRefresh(AfiSafi.IPV4_UNICAST, RouteRefresh.BEGIN)));
    }
    try (Socket socket = call(source)) {
      comeUp(socket, source);
      socket.getOutputStream().write(updates(source, 0x28000000, 500, 500).getFirst());
      while (true) { // and reads nothing of it
        socket.getOutputStream().write(many.array(), 0, many.readableBytes());
        count.addAndGet(200);
      }
    }
  }

  private void tellTooMuch(String source, AtomicLong count)
      throws IOException, InterruptedException {
    List<byte[]> all = updates(source, 0x32000000, GLUTTONY / 20, 500);
    try (Socket socket = call(source)) {
      comeUp(socket, source);
      for (int i = 0; i < 20; i++) {
        for (byte[] update : all) {
          socket.getOutputStream().write(update);
          count.addAndGet(500);
        }
      }
      TimeUnit.SECONDS.sleep(1);
    }
  }

  /** Calls, and says nothing, or only OPEN. */
  private void halfOpen(String source, AtomicLong count) throws IOException, InterruptedException {
    List<Socket> open = new ArrayList<>();
    try {
      for (int i = 0; i < 50; i++) {
        Socket socket = call(source);
        open.add(socket);
        count.incrementAndGet();
        if (i % 2 == 0) {
          socket.getOutputStream().write(openOf(source));
        }
      }
      TimeUnit.MILLISECONDS.sleep(100);
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }

  private void open(String source, AtomicLong count) throws IOException {
    try (Socket socket = call(source)) {
      while (true) {
        socket.getOutputStream().write(openOf(source));
        count.incrementAndGet();
      }
    }
  }

  /** Half sessions from a range, each from an address of its own. */
  private void guests(String ignored, AtomicLong count) throws IOException, InterruptedException {
    List<Socket> open = new ArrayList<>();
    try {
      for (int i = 0; i < GUESTS; i++) {
        Socket socket = call("10.9." + (128 + i / 250) + "." + (1 + i % 250));
        open.add(socket);
        count.incrementAndGet();
        if (i % 2 == 0) {
          socket.getOutputStream().write(openOf("10.9.128.200"));
        }
      }
      TimeUnit.SECONDS.sleep(2);
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }

  private void strangers(String source, AtomicLong count) throws IOException {
    try (Socket socket = call(source)) {
      count.incrementAndGet();
      socket.getOutputStream().write(openOf(source));
    }
  }
}
