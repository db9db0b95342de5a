package dev.catwalk.bgp.wire;

import io.netty.buffer.ByteBuf;

/** Whole BGP messages ⇄ bytes, RFC 4271 §4.1. */
public final class Wire {
  /** Marker, length, type. */
  public static final int HEADER_LENGTH = 19;

  /** Largest message, RFC 4271 §4.1. */
  public static final int MESSAGE_LIMIT = 4096;

  /** Largest message where both sides have RFC 8654. */
  public static final int EXTENDED_MESSAGE_LIMIT = 65535;

  static final int OPEN = 1;
  static final int UPDATE = 2;
  static final int NOTIFICATION = 3;
  static final int KEEPALIVE = 4;
  static final int ROUTE_REFRESH = 5;

  private static final int MARKER_LENGTH = 16;
  private static final int OPEN_LENGTH = 29;
  private static final int UPDATE_LENGTH = 23;
  private static final int ROUTE_REFRESH_LENGTH = 23;
  private static final int ORF_LENGTH = 4;
  private static final Keepalive KEEPALIVE_MESSAGE = new Keepalive();

  private Wire() {}

  /**
   * The length of the message that begins at the reader index, whose header ({@link
   * #HEADER_LENGTH} octets) must be there; the reader index stays. RFC 4271 §6.1.
   *
   * @param messageLimit largest message in octets
   */
  public static int frameLength(ByteBuf in, int messageLimit) throws WireException {
    int at = in.readerIndex();
    if ((in.getLong(at) & in.getLong(at + 8)) != -1L) {
      throw new WireException(
          Fault.CONNECTION_NOT_SYNCHRONIZED,
          "message header does not begin with 16 octets of ones");
    }
    int length = in.getUnsignedShort(at + MARKER_LENGTH);
    int type = in.getUnsignedByte(at + MARKER_LENGTH + 2);
    if (length < HEADER_LENGTH || length > messageLimit) {
      throw badLength(length, type);
    }
    boolean possible = switch (type) {
      case OPEN -> length >= OPEN_LENGTH && length <= MESSAGE_LIMIT; // RFC 8654 §4
      case UPDATE -> length >= UPDATE_LENGTH;
      case NOTIFICATION -> true; // nothing may answer it, however short
      case KEEPALIVE -> length == HEADER_LENGTH;
      case ROUTE_REFRESH -> length >= ROUTE_REFRESH_LENGTH;
      default ->
        throw new WireException(
            Fault.BAD_MESSAGE_TYPE, Octets.of((byte) type), "message type " + type + " is unknown");
    };
    if (!possible) {
      throw badLength(length, type);
    }
    return length;
  }

  private static WireException badLength(int length, int type) {
    return new WireException(
        Fault.BAD_MESSAGE_LENGTH,
        Octets.of((byte) (length >> 8), (byte) length),
        "a message of type " + type + " cannot have the length " + length);
  }

  /**
   * Decodes one message.
   *
   * @param frame exactly one message, as {@link #frameLength} measures it; neither kept nor released
   * @throws WireException if the session must end
   */
  public static Message decode(ByteBuf frame, DecodeContext context) throws WireException {
    if (frame.readableBytes() < HEADER_LENGTH) {
      throw badLength(frame.readableBytes(), 0);
    }
    int length = frameLength(frame, context.messageLimit());
    int type = frame.getUnsignedByte(frame.readerIndex() + MARKER_LENGTH + 2);
    if (length != frame.readableBytes()) {
      throw badLength(length, type);
    }
    frame.skipBytes(HEADER_LENGTH);
    return switch (type) {
      case OPEN -> OpenCodec.decode(frame);
      case UPDATE -> new UpdateDecoder(frame, context).decode();
      case NOTIFICATION -> decodeNotification(frame);
      case KEEPALIVE -> KEEPALIVE_MESSAGE;
      case ROUTE_REFRESH -> decodeRefresh(frame);
      default -> throw new AssertionError(type); // refused by frameLength
    };
  }

  private static Notification decodeNotification(ByteBuf body) {
    int code = body.isReadable() ? body.readUnsignedByte() : 0;
    int subcode = body.isReadable() ? body.readUnsignedByte() : 0;
    return new Notification(code, subcode, Octets.read(body, body.readableBytes()));
  }

  /**
   * RFC 7313 §5: BoRR and EoRR have four octets, and subtypes that it does not have are ignored, of
   * whatever length. A whole ORF part (RFC 5291 §5) may follow a request where that was offered,
   * which we never do: a peer that sends one relies on a filter that is not there, and is told so, as
   * BIRD does.
   */
  private static RouteRefresh decodeRefresh(ByteBuf body) throws WireException {
    Octets whole = Octets.copy(body, body.readerIndex(), body.writerIndex());
    int afi = body.readUnsignedShort();
    int subtype = body.readUnsignedByte();
    int safi = body.readUnsignedByte();
    boolean wrong = switch (subtype) {
      case RouteRefresh.REQUEST -> body.readableBytes() >= ORF_LENGTH;
      case RouteRefresh.BEGIN, RouteRefresh.END -> body.isReadable();
      default -> false;
    };
    if (wrong) {
      throw new WireException(
          Fault.INVALID_REFRESH_LENGTH,
          whole,
          "ROUTE-REFRESH subtype " + subtype + " of " + whole.length() + " octets");
    }
    return new RouteRefresh(new AfiSafi(afi, safi), subtype);
  }

  /**
   * Appends {@code message}: one frame, or for an UPDATE as many as it needs. Routes whose attributes
   * do not fit into a message ({@link #fits}) are withdrawn instead (RFC 8654 §4).
   */
  public static void encode(Message message, EncodeContext context, ByteBuf out) {
    switch (message) {
      case Open open -> {
        int start = begin(out, OPEN);
        OpenCodec.encode(open, out);
        end(out, start);
      }
      case Update update -> UpdateEncoder.encode(update, context, out);
      case Notification notification -> {
        int start = begin(out, NOTIFICATION);
        out.writeByte(notification.code()).writeByte(notification.subcode());
        notification.data().write(out);
        end(out, start);
      }
      case Keepalive k -> end(out, begin(out, KEEPALIVE));
      case RouteRefresh(AfiSafi family, int subtype) -> {
        int start = begin(out, ROUTE_REFRESH);
        out.writeShort(family.afi()).writeByte(subtype).writeByte(family.safi());
        end(out, start);
      }
    }
  }

  /** Whether an UPDATE with these attributes and one prefix of any length stays in the limit. */
  public static boolean fits(PathAttributes attributes, EncodeContext context) {
    return UpdateEncoder.fits(attributes, context);
  }

  /** Its code in a header, RFC 4271 §4.1, RFC 2918 §3. */
  public static int type(Message message) {
    return switch (message) {
      case Open o -> OPEN;
      case Update u -> UPDATE;
      case Notification n -> NOTIFICATION;
      case Keepalive k -> KEEPALIVE;
      case RouteRefresh r -> ROUTE_REFRESH;
    };
  }

  /** Writes a header; its length is for {@link #end}. Returns where it begins. */
  static int begin(ByteBuf out, int type) {
    int start = out.writerIndex();
    out.writeLong(-1L).writeLong(-1L).writeShort(0).writeByte(type);
    return start;
  }

  static void end(ByteBuf out, int start) {
    out.setShort(start + MARKER_LENGTH, out.writerIndex() - start);
  }
}
