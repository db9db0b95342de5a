package dev.catwalk.bgp.mrt;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.net.addr.IpAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Entries as lines: JSON, or what the program bgpdump prints with its option {@code -m}. */
public final class MrtText {
  private final MrtHeader header;
  private final int microseconds;

  /** For the entries of one record. */
  public MrtText(MrtHeader header, int microseconds) {
    this.header = header;
    this.microseconds = microseconds;
  }

  /** Members that do not apply are left out. */
  public ObjectNode json(MrtEntry entry) {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("record", header.typeName());
    out.put("time", header.seconds() + microseconds / 1e6);
    switch (entry) {
      case MrtEntry.Held e -> {
        route(out, "route", e.peer(), e.family().toString(), e.prefix().toString(), e.pathId());
        attributes(out, e.attributes());
      }
      case MrtEntry.Announced e -> {
        route(out, "announce", e.peer(), e.family().toString(), e.prefix().toString(), e.pathId());
        attributes(out, e.attributes());
      }
      case MrtEntry.Withdrawn e ->
        route(out, "withdraw", e.peer(), e.family().toString(), e.prefix().toString(), e.pathId());
      case MrtEntry.Opaque e -> {
        peer(out.put("kind", e.withdrawn() ? "withdraw" : "announce"), e.peer());
        out.put("family", e.family().toString()).put("nlri", e.hex());
        attributes(out, e.attributes());
      }
      case MrtEntry.EndOfRib e -> {
        peer(out.put("kind", "endOfRib"), e.peer());
        out.put("family", e.family().toString());
      }
      case MrtEntry.StateChanged e -> {
        peer(out.put("kind", "state"), e.peer());
        out.put("from", Words.state(e.before())).put("to", Words.state(e.after()));
      }
      case MrtEntry.Message e -> {
        peer(out.put("kind", "message"), e.peer());
        out.put("message", Words.message(e.type())).put("body", e.hex());
      }
      case MrtEntry.Index e -> {
        out.put("kind", "index").put("collector", e.collector().toString());
        out.put("view", e.view()).put("peers", e.peers());
      }
      case MrtEntry.Skipped e -> out.put("kind", "skipped").put("what", e.what());
    }
    return out;
  }

  private static void route(
      ObjectNode out, String kind, MrtEntry.Peer peer, String family, String prefix, long pathId) {
    peer(out.put("kind", kind), peer);
    out.put("family", family).put("prefix", prefix);
    if (pathId != MrtEntry.NO_PATH_ID) {
      out.put("pathId", pathId);
    }
  }

  private static void peer(ObjectNode out, MrtEntry.Peer peer) {
    out.put("peer", peer.address().toString()).put("peerAs", peer.as());
  }

  private static void attributes(ObjectNode out, MrtAttributes values) {
    if (values.origin() != MrtAttributes.ABSENT) {
      out.put("origin", Words.origin(values.origin()));
    }
    out.put("asPath", values.asPathText());
    put(out, "nextHop", values.nextHop());
    put(out, "med", values.med());
    put(out, "localPref", values.localPref());
    if (values.atomicAggregate()) {
      out.put("atomicAggregate", true);
    }
    if (values.aggregatorAs() != MrtAttributes.ABSENT) {
      out.put("aggregator", values.aggregatorAs() + " " + values.aggregator());
    }
    put(out, "communities", values.communities());
    put(out, "largeCommunities", values.largeCommunities());
    put(out, "originator", values.originator());
    put(out, "clusters", values.clusters().stream().map(IpAddress::toString).toList());
    if (!values.others().isEmpty()) {
      ObjectNode others = out.putObject("others");
      values.others().forEach((type, hex) -> others.put(type.toString(), hex));
    }
  }

  private static void put(ObjectNode out, String name, @Nullable IpAddress value) {
    if (value != null) {
      out.put(name, value.toString());
    }
  }

  private static void put(ObjectNode out, String name, long value) {
    if (value != MrtAttributes.ABSENT) {
      out.put(name, value);
    }
  }

  private static void put(ObjectNode out, String name, List<String> values) {
    if (!values.isEmpty()) {
      ArrayNode array = out.putArray(name);
      values.forEach(array::add);
    }
  }

  /** One line of bgpdump's; empty for what that program has no line for. */
  public Optional<String> line(MrtEntry entry) {
    String table = switch (header.type()) {
      case MrtHeader.TABLE_DUMP -> "TABLE_DUMP";
      case MrtHeader.TABLE_DUMP_V2 -> "TABLE_DUMP2";
      default -> header.typeName();
    };
    return Optional.ofNullable(
        switch (entry) {
          case MrtEntry.Held e -> {
            boolean paths = e.pathId() != MrtEntry.NO_PATH_ID;
            yield start(table + (paths ? "_AP" : ""), "B", e.peer()) + e.prefix() + "|"
                + (paths ? e.pathId() + "|" : "") + rest(e.attributes());
          }
          case MrtEntry.Announced e ->
            start(table, "A", e.peer()) + e.prefix() + path(e.pathId()) + rest(e.attributes());
          case MrtEntry.Withdrawn e ->
            start(table, "W", e.peer())
                + e.prefix()
                + (e.pathId() == MrtEntry.NO_PATH_ID ? "" : "|" + e.pathId());
          case MrtEntry.StateChanged e ->
            start(table, "STATE", e.peer()) + e.before() + "|" + e.after();
          case MrtEntry.Opaque e -> null;
          case MrtEntry.EndOfRib e -> null;
          case MrtEntry.Message e -> null;
          case MrtEntry.Index e -> null;
          case MrtEntry.Skipped e -> null;
        });
  }

  private String start(String table, String kind, MrtEntry.Peer peer) {
    String time = header.type() == MrtHeader.BGP4MP_ET
        ? "%d.%06d".formatted(header.seconds(), microseconds)
        : Long.toString(header.seconds());
    return table + "|" + time + "|" + kind + "|" + peer.address() + "|" + peer.as() + "|";
  }

  private static String path(long pathId) {
    return pathId == MrtEntry.NO_PATH_ID ? "|" : "|" + pathId + "|";
  }

  private static String rest(MrtAttributes values) {
    StringBuilder line = new StringBuilder();
    Consumer<Object> field = value -> line.append(value).append('|');
    field.accept(values.asPathText());
    field.accept(Words.origin(values.origin()));
    // what bgpdump makes of a route without one: some dump their own routes so
    field.accept(values.nextHop() == null ? "255.255.255.255" : values.nextHop());
    field.accept(Math.max(0, values.localPref()));
    field.accept(Math.max(0, values.med()));
    field.accept(String.join(" ", values.communities()));
    field.accept(values.atomicAggregate() ? "AG" : "NAG");
    boolean aggregated = values.aggregatorAs() != MrtAttributes.ABSENT;
    field.accept(aggregated ? values.aggregatorAs() + " " + values.aggregator() : "");
    return line.toString();
  }
}
