package dev.catwalk.bgp.exabgp;

import static dev.catwalk.bgp.exabgp.AttributeValue.OPTIONAL;
import static dev.catwalk.bgp.exabgp.AttributeValue.TRANSITIVE;

import dev.catwalk.bgp.exabgp.AttributeValue.Plain;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.tree.SortedTree;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The path attributes that a route was said with, apart from what a session adds: equal where two
 * routes can go in one message. They refer to what routes have in common and hold no octets of their
 * own, since a short command may say a little each of very many routes beside a lot of all of them.
 */
public final class SaidAttributes {
  private static final int ORIGIN = 1;
  private static final int AS_PATH = 2;
  private static final int NEXT_HOP = 3;
  private static final int LOCAL_PREF = 5;
  private static final int AGGREGATOR = 7;
  private static final int AS4_PATH = 17;
  private static final int AS4_AGGREGATOR = 18;
  private static final int AIGP = 26;
  private static final int EXTENDED_LENGTH = 0x10;
  private static final int MOST_IN_ONE_OCTET = 255;

  /** Flags, type and length. */
  private static final int LEAST_HEADER = 3;

  /** What those have that say nothing of it. */
  private static final Plain IGP = new Plain(TRANSITIVE, new byte[1]);

  private static final Plain PREFERENCE =
      new Plain(TRANSITIVE, (byte) 0, (byte) 0, (byte) 0, (byte) 100);

  private final boolean ourselves;
  private final @Nullable IpAddress nextHop;
  private final SortedTree<Integer, AttributeValue> values;
  private final int hash;

  /**
   * @param ourselves whether the next hop is our own address
   * @param nextHop null: none was said
   * @param values by their types; the next hop is not among them
   */
  SaidAttributes(
      boolean ourselves, @Nullable IpAddress nextHop, SortedTree<Integer, AttributeValue> values) {
    this.ourselves = ourselves;
    this.nextHop = nextHop;
    this.values = without(without(values, ORIGIN, IGP), LOCAL_PREF, PREFERENCE);
    int sum = 31 * Objects.hashCode(nextHop) + Boolean.hashCode(ourselves);
    for (Map.Entry<Integer, AttributeValue> value : this.values) {
      sum = 31 * (31 * sum + value.getKey()) + value.getValue().hashCode();
    }
    this.hash = sum;
  }

  private static SortedTree<Integer, AttributeValue> without(
      SortedTree<Integer, AttributeValue> values, int type, Plain usual) {
    return usual.equals(values.get(type)) ? values.remove(type) : values;
  }

  /** The next hop for that peer; null if none was said. */
  @Nullable
  IpAddress nextHop(EncodeContext context) {
    return ourselves ? context.localAddress() : nextHop;
  }

  /**
   * Whether both are the same octets for that peer.
   *
   * @param inAttribute whether the next hop stands among them
   */
  boolean isSame(SaidAttributes other, EncodeContext context, boolean inAttribute) {
    return equals(other) || to(context, inAttribute).equals(other.to(context, inAttribute));
  }

  /** How many octets they have for that peer at least; known without writing them. */
  long leastOctets(EncodeContext context) {
    long octets = 0;
    for (Map.Entry<Integer, AttributeValue> value : values) {
      boolean goes = switch (value.getKey()) {
        case NEXT_HOP -> false; // another one may take its place
        case AS_PATH, AGGREGATOR, AS4_PATH, AS4_AGGREGATOR -> context.asn4();
        case LOCAL_PREF -> context.internal();
        case AIGP -> context.hasAigp();
        default -> true;
      };
      octets += goes ? LEAST_HEADER + value.getValue().length() : 0;
    }
    return octets;
  }

  /**
   * All attributes by their type, those included that every announcement has.
   *
   * @param inAttribute whether the next hop stands among them
   */
  byte[] toBytes(EncodeContext context, boolean inAttribute) {
    SortedTree<Integer, AttributeValue> all = to(context, inAttribute);
    if (!context.asn4()) {
      AttributeValue path = Objects.requireNonNull(all.get(AS_PATH));
      AttributeValue aggregator = all.get(AGGREGATOR);
      for (Map.Entry<Integer, byte[]> value : TwoOctetNumbers.apply(
              path.toBytes(), aggregator == null ? null : aggregator.toBytes())
          .entrySet()) {
        int flags = value.getKey() == AS_PATH ? TRANSITIVE : OPTIONAL | TRANSITIVE;
        all = all.put(value.getKey(), new Plain(flags, value.getValue()));
      }
    }
    Output out = new Output();
    for (Map.Entry<Integer, AttributeValue> value : all) {
      write(out, value.getKey(), value.getValue().flags(), value.getValue().toBytes());
    }
    return out.toBytes();
  }

  /** With what a session adds; AS numbers have four octets. */
  private SortedTree<Integer, AttributeValue> to(EncodeContext context, boolean inAttribute) {
    SortedTree<Integer, AttributeValue> all = values;
    if (!all.containsKey(ORIGIN)) {
      all = all.put(ORIGIN, IGP);
    }
    if (!all.containsKey(AS_PATH)) {
      Output own = new Output();
      if (!context.internal()) {
        PathWords.segment(PathWords.SEQUENCE, List.of(context.localAs()), own);
      }
      all = all.put(AS_PATH, new Plain(TRANSITIVE, own.toBytes()));
    }
    IpAddress hop = nextHop(context);
    if (inAttribute && hop != null) {
      all = all.put(NEXT_HOP, new Plain(TRANSITIVE, hop.toBytes()));
    }
    if (!context.internal()) {
      all = all.remove(LOCAL_PREF);
    } else if (!all.containsKey(LOCAL_PREF)) {
      all = all.put(LOCAL_PREF, PREFERENCE);
    }
    return context.hasAigp() ? all : all.remove(AIGP);
  }

  static void write(Output out, int type, int flags, byte... octets) {
    boolean longer = octets.length > MOST_IN_ONE_OCTET || (flags & EXTENDED_LENGTH) != 0;
    out.u8(longer ? flags | EXTENDED_LENGTH : flags).u8(type);
    out.unsigned(octets.length, longer ? 2 : 1).add(octets);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other == this
        || other instanceof SaidAttributes that
            && hash == that.hash
            && ourselves == that.ourselves
            && Objects.equals(nextHop, that.nextHop)
            && values.equals(that.values);
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
