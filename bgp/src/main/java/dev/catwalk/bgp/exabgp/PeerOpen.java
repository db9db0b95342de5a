package dev.catwalk.bgp.exabgp;

import dev.catwalk.bgp.wire.AfiSafi;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a neighbour's OPEN offers, as far as ExaBGP makes use of it. */
public final class PeerOpen {
  private static final int HEADER = 19;
  private static final int CAPABILITY = 2;
  private static final int EXTENDED = 255;

  private final SortedMap<Integer, List<byte[]>> capabilities = new TreeMap<>();

  private final int holdTime;

  private PeerOpen(int holdTime) {
    this.holdTime = holdTime;
  }

  /**
   * @param message a whole OPEN
   * @throws MalformedException if it is none
   */
  public static PeerOpen read(byte... message) throws MalformedException {
    Cursor in = new Cursor(message);
    in.skip(HEADER + 3, "OPEN");
    int holdTime = in.u16("hold time");
    in.skip(4, "OPEN");
    int length = in.u8("length of the parameters");
    boolean extended = length == EXTENDED && in.hasMore() && in.peek(0) == EXTENDED;
    if (extended) {
      in.skip(1, "extended parameters");
      length = in.u16("length of the parameters");
    }
    Cursor parameters = in.slice(length, "parameters");
    PeerOpen open = new PeerOpen(holdTime);
    while (parameters.hasMore()) {
      int type = parameters.u8("parameter type");
      int octets =
          extended ? parameters.u16("parameter length") : parameters.u8("parameter length");
      Cursor value = parameters.slice(octets, "parameter");
      while (type == CAPABILITY && value.hasMore()) {
        int code = value.u8("capability");
        int size = value.u8("capability length");
        open.capabilities
            .computeIfAbsent(code, c -> new ArrayList<>())
            .add(value.take(size, "capability"));
      }
    }
    return open;
  }

  /** What the peer wants, before that of the two ends which is less is agreed on; seconds. */
  public int holdTime() {
    return holdTime;
  }

  private boolean has(int code) {
    return capabilities.containsKey(code);
  }

  public boolean hasFourByteAs() {
    return has(65);
  }

  /** RFC 8654. */
  public boolean hasExtendedMessage() {
    return has(6);
  }

  public boolean hasRefresh() {
    return has(2);
  }

  /** RFC 4724. */
  public boolean hasGracefulRestart() {
    return has(64);
  }

  /** RFC 7313. */
  public boolean hasEnhancedRefresh() {
    return has(70);
  }

  public boolean hasLinkLocalNextHop() {
    return has(77);
  }

  /**
   * The families that the neighbour would send, or receive, with path identifiers (RFC 7911).
   *
   * @param direction 1: it receives them; 2: it sends them
   */
  public SortedSet<AfiSafi> addPath(int direction) {
    SortedSet<AfiSafi> families = new TreeSet<>();
    for (byte[] value : capabilities.getOrDefault(69, List.of())) {
      for (int at = 0; at + 4 <= value.length; at += 4) {
        if ((value[at + 3] & direction) != 0) {
          families.add(
              new AfiSafi((value[at] & 0xff) << 8 | value[at + 1] & 0xff, value[at + 2] & 0xff));
        }
      }
    }
    return families;
  }

  /** RFC 8950: which next hops it takes for which families. */
  public List<NeighborConfig.NextHopFamily> nextHops() {
    List<NeighborConfig.NextHopFamily> all = new ArrayList<>();
    for (byte[] value : capabilities.getOrDefault(5, List.of())) {
      for (int at = 0; at + 6 <= value.length; at += 6) {
        all.add(new NeighborConfig.NextHopFamily(
            new AfiSafi((value[at] & 0xff) << 8 | value[at + 1] & 0xff, value[at + 3] & 0xff),
            (value[at + 4] & 0xff) << 8 | value[at + 5] & 0xff));
      }
    }
    return all;
  }
}
