package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.DecodeContext;
import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.Keepalive;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.bgp.wire.WireException;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A peer on a blocking socket that reads when it is told to. */
final class PlainPeer implements AutoCloseable {

  private static final List<AfiSafi> FAMILY = List.of(AfiSafi.IPV4_UNICAST);

  /** What we hold, with its MED. */
  final TreeMap<Prefix, Long> table = new TreeMap<>();

  long neighbourAs;
  int endsOfRib;

  /** How often we were asked for all that we have. */
  int asked;

  @Nullable
  Notification last;

  private final Socket socket = new Socket();
  private final DataInputStream in;
  private final EncodeContext encode;

  /** Connects and comes up. */
  PlainPeer(long as, InetSocketAddress to) throws IOException, WireException {
    this(as, InetAddress.getLoopbackAddress(), to);
  }

  /** From that address. */
  PlainPeer(long as, InetAddress from, InetSocketAddress to) throws IOException, WireException {
    this(as, null, from, to);
  }

  /** With that capability beside the usual ones, which the other end has too. */
  PlainPeer(long as, Capability.AddPath paths, InetSocketAddress to)
      throws IOException, WireException {
    this(as, paths, InetAddress.getLoopbackAddress(), to);
  }

  private PlainPeer(
      long as, Capability.@Nullable AddPath paths, InetAddress from, InetSocketAddress to)
      throws IOException, WireException {
    this(
        Open.offering(as, 90, 7, FAMILY, paths == null ? List.of() : List.of(paths)),
        paths == null ? List.of() : FAMILY,
        from,
        to);
  }

  /** Says that OPEN, which agrees on no path identifiers. */
  PlainPeer(Open open, InetSocketAddress to) throws IOException, WireException {
    this(open, List.of(), InetAddress.getLoopbackAddress(), to);
  }

  private PlainPeer(Open open, List<AfiSafi> withPathIds, InetAddress from, InetSocketAddress to)
      throws IOException, WireException {
    socket.setReceiveBufferSize(4096);
    socket.bind(new InetSocketAddress(from, 0));
    socket.connect(to);
    socket.setSoTimeout(30_000);
    in = new DataInputStream(socket.getInputStream());
    encode = new EncodeContext(true, Wire.MESSAGE_LIMIT, withPathIds);
    send(open);
    read();
    send(new Keepalive());
    read();
  }

  void send(Message message) throws IOException {
    ByteBuf out = Unpooled.buffer();
    Wire.encode(message, encode, out);
    socket.getOutputStream().write(out.array(), 0, out.readableBytes());
  }

  /** Octets, in hexadecimal digits. */
  void send(String octets) throws IOException {
    socket.getOutputStream().write(HexFormat.of().parseHex(octets));
  }

  /** Of its end of the connection. */
  int port() {
    return socket.getLocalPort();
  }

  /** One message, header and all. */
  private ByteBuf frame() throws IOException, WireException {
    byte[] header = in.readNBytes(Wire.HEADER_LENGTH);
    if (header.length < Wire.HEADER_LENGTH) {
      throw new IOException("closed");
    }
    int length = Wire.frameLength(Unpooled.wrappedBuffer(header), Wire.MESSAGE_LIMIT);
    byte[] rest = in.readNBytes(length - header.length);
    return Unpooled.wrappedBuffer(header, rest);
  }

  private Message read() throws IOException, WireException {
    return Wire.decode(frame(), DecodeContext.beforeOpen());
  }

  /** Reads until it holds. */
  void readUntil(BooleanSupplier condition) throws IOException, WireException {
    while (!condition.getAsBoolean()) {
      ByteBuf frame = frame();
      if (frame.getByte(18) == 2) {
        update(frame.skipBytes(Wire.HEADER_LENGTH));
      } else if (Wire.decode(frame, DecodeContext.beforeOpen())
          instanceof Notification notification) {
        last = notification;
      } else if (frame.getByte(18) == 5) {
        asked++;
      }
    }
  }

  /** By hand: a next hop on the loopback, as ours must be here, is none to our own decoder. */
  private void update(ByteBuf body) {
    ByteBuf withdrawn = body.readSlice(body.readUnsignedShort());
    ByteBuf attributes = body.readSlice(body.readUnsignedShort());
    if (!withdrawn.isReadable() && !attributes.isReadable()) {
      endsOfRib++;
    }
    while (withdrawn.isReadable()) {
      table.remove(prefix(withdrawn));
    }
    long med = 0;
    while (attributes.isReadable()) {
      boolean extended = (attributes.readByte() & 0x10) != 0;
      int type = attributes.readByte();
      ByteBuf value = attributes.readSlice(
          extended ? attributes.readUnsignedShort() : attributes.readUnsignedByte());
      if (type == 2) {
        neighbourAs = value.getUnsignedInt(2);
      } else if (type == 4) {
        med = value.readUnsignedInt();
      }
    }
    while (body.isReadable()) {
      table.put(prefix(body), med);
    }
  }

  private static Prefix prefix(ByteBuf in) {
    int length = in.readByte();
    int bits = 0;
    for (int i = 0; i < 4; i++) {
      bits = bits << 8 | (8 * i < length ? in.readUnsignedByte() : 0);
    }
    return new Prefix(IpAddress.v4(bits), length);
  }

  void announce(PathAttributes attributes, Nlri prefixes) throws IOException {
    send(Update.announce(attributes, prefixes));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
