package dev.catwalk.bgp.exabgp;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;

/** Path attributes one by one, as their own bytes say them; next hops and prefixes are not among them. */
final class AttributesJson {
  private static final int TRANSITIVE = 0x40;
  private static final int PARTIAL = 0x20;
  private static final int AGGREGATOR = 7;
  private static final int LARGE = 12;
  private static final int AS4_AGGREGATOR = 18;

  private static final String[] ORIGIN = {"igp", "egp", "incomplete"};
  private static final String[] PMSI_TUNNEL = {
    "notunnel",
    "rsvp-tep2mplsp",
    "mldpp2mplsp",
    "pim-ssmtree",
    "pim-smtree",
    "bidir-pimtree",
    "ingressreplication",
    "mldpmp2mplsp"
  };
  private static final int INGRESS_REPLICATION = 6;

  private final ObjectNode json = JsonNodeFactory.instance.objectNode();
  private final AsPathJson paths;
  private final boolean asn4;
  private final JsonVersion version;

  AttributesJson(Neighbor neighbor, JsonVersion version) {
    this.asn4 = neighbor.asn4();
    this.version = version;
    this.paths = new AsPathJson(version);
  }

  /** @param value its value, all of it */
  void add(int flags, int type, Cursor value) throws MalformedException {
    switch (type) {
      case 1 -> origin(value);
      case 2 -> paths.path(value, asn4);
      case 17 -> paths.path4(value);
      case 4 -> json.put("med", value.u32("MULTI_EXIT_DISC"));
      case 5 -> json.put("local-preference", value.u32("LOCAL_PREF"));
      case 6 -> json.put("atomic-aggregate", true);
      case AGGREGATOR, AS4_AGGREGATOR -> {
        long as = asn4 || type == AS4_AGGREGATOR ? value.u32("AS") : value.u16("AS");
        json.put("aggregator", as + ":" + value.v4("aggregator"));
      }
      case 8 -> communities(value, 4, "community");
      case 9 -> json.put("originator-id", value.v4("ORIGINATOR_ID").toString());
      case 10 -> {
        ArrayNode clusters = json.putArray("cluster-list");
        while (value.hasMore()) {
          clusters.add(value.v4("cluster").toString());
        }
      }
      case 16 -> extended(value);
      case 22 -> json.put("pmsi", tunnel(value));
      case 23 -> json.set("tunnel-encap", SegmentRouting.tunnels(value));
      case 26 -> accumulated(value);
      case 29 -> json.set("bgp-ls", LinkStateAttribute.read(value));
      case 32 -> communities(value, LARGE, "large-community");
      case 40 -> json.set("bgp-prefix-sid", SegmentRouting.prefixSid(value, version));
      default -> {
        if ((flags & TRANSITIVE) != 0) {
          json.put(
              String.format(Locale.ROOT, "attribute-0x%02X-0x%02X", type, flags | PARTIAL),
              "0x" + value.hex().toLowerCase(Locale.ROOT));
        }
      }
    }
  }

  ObjectNode finish() {
    paths.into(json);
    return json;
  }

  private void origin(Cursor value) throws MalformedException {
    int code = value.u8("ORIGIN");
    if (code >= ORIGIN.length) {
      throw new MalformedException("ORIGIN " + code);
    }
    json.put("origin", ORIGIN[code]);
  }

  /** The values of {@code octets} octets each; in ascending order since version 5. */
  private List<byte[]> values(Cursor in, int octets, String what) throws MalformedException {
    List<byte[]> values = new ArrayList<>();
    while (in.hasMore()) {
      values.add(in.take(octets, what));
    }
    if (version != JsonVersion.V4) {
      values.sort(Arrays::compareUnsigned);
    }
    return values;
  }

  private void communities(Cursor in, int octets, String name) throws MalformedException {
    ArrayNode list = json.putArray(name);
    SortedSet<byte[]> large = new TreeSet<>(Arrays::compareUnsigned);
    for (byte[] value : values(in, octets, name)) {
      if (octets == LARGE && !large.add(value)) {
        continue; // RFC 8092 §5: one that is there twice counts once
      }
      Cursor part = new Cursor(value);
      ArrayNode one = list.addArray();
      while (part.hasMore()) {
        one.add(part.unsigned(octets == 4 ? 2 : 4, name));
      }
    }
  }

  private void extended(Cursor in) throws MalformedException {
    ArrayNode list = json.putArray("extended-community");
    for (byte[] value : values(in, 8, "extended community")) {
      list.addObject()
          .put("value", new BigInteger(1, value))
          .put("string", known(ExtendedCommunityText.of(value)));
    }
  }

  /** ExaBGP 4 has no words for these. */
  private String known(String text) {
    boolean later = text.startsWith("bandwith:")
        || text.startsWith("mup:")
        || text.startsWith("redirect:") && text.indexOf('.') > 0;
    return later && version == JsonVersion.V4 ? "" : text;
  }

  /** RFC 6514 §5. */
  private static String tunnel(Cursor in) throws MalformedException {
    int flags = in.u8("PMSI flags");
    int type = in.u8("PMSI tunnel type");
    int raw = in.u24("PMSI label");
    int label = raw >> 4;
    String end = type == INGRESS_REPLICATION && in.left() == 4
        ? in.v4("tunnel endpoint").toString()
        : in.hasMore() && type != 0 ? "0x" + in.hex() : "";
    return "pmsi:" + (type < PMSI_TUNNEL.length ? PMSI_TUNNEL[type] : "unknown") + ":" + flags + ":"
        + (raw == 0 || type != INGRESS_REPLICATION ? label : label + "(" + raw + ")") + ":" + end;
  }

  /** RFC 7311 §3: the metric in the TLV of type 1. */
  private void accumulated(Cursor in) throws MalformedException {
    while (in.hasMore()) {
      int type = in.u8("AIGP type");
      Cursor value = in.slice(in.u16("AIGP length") - 3, "AIGP value");
      if (type == 1) {
        json.put("aigp", new BigInteger(1, value.take(8, "accumulated metric")));
      }
    }
  }
}
