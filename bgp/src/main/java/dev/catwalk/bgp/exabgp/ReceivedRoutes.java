package dev.catwalk.bgp.exabgp;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a neighbour announces, in words: its Adj-RIB-In, for those who ask for it. Bounded. */
public final class ReceivedRoutes {
  /** So many are kept of a neighbour; what comes beyond is told to processes and not kept. */
  public static final int MOST = 100_000;

  private record Key(String family, String nlri) {}

  /**
   * A route.
   *
   * @param family its two words
   * @param nlri a prefix, or the JSON of what is none
   * @param rest its next hop and its attributes, in ExaBGP's words
   */
  public record Entry(String family, String nlri, String nextHop, String rest) {

    /** The route and its next hop. */
    public String brief() {
      return nlri + (nextHop.isEmpty() ? "" : " next-hop " + nextHop);
    }

    /** The same with all attributes. */
    public String extensive() {
      return brief() + rest;
    }
  }

  /** What one UPDATE says. */
  public record Change(List<Entry> announced, List<Entry> withdrawn) {}

  private final Map<Key, Entry> entries = new LinkedHashMap<>();

  /** Keeps and forgets as an UPDATE says. */
  public void apply(Change change) {
    for (Entry entry : change.withdrawn) {
      entries.remove(new Key(entry.family, entry.nlri));
    }
    for (Entry entry : change.announced) {
      Key key = new Key(entry.family, entry.nlri);
      if (entries.size() < MOST || entries.containsKey(key)) {
        entries.put(key, entry);
      }
    }
  }

  public void clear() {
    entries.clear();
  }

  public List<Entry> all() {
    return List.copyOf(entries.values());
  }

  /** @param update the member {@code update} of the JSON of version 4 */
  static Change read(JsonNode update) {
    String attributes = attributes(update.path("attribute"));
    List<Entry> announced = new ArrayList<>();
    update
        .path("announce")
        .properties()
        .forEach(family -> family
            .getValue()
            .properties()
            .forEach(hop -> hop.getValue()
                .forEach(one -> announced.add(new Entry(
                    family.getKey(),
                    nlri(one),
                    hop.getKey().equals("no-nexthop") ? "" : hop.getKey(),
                    attributes)))));
    List<Entry> withdrawn = new ArrayList<>();
    update
        .path("withdraw")
        .properties()
        .forEach(family -> family
            .getValue()
            .forEach(one -> withdrawn.add(new Entry(family.getKey(), nlri(one), "", ""))));
    return new Change(announced, withdrawn);
  }

  private static String nlri(JsonNode one) {
    if (!one.has("nlri")) {
      return one.toString();
    }
    StringBuilder text = new StringBuilder(one.path("nlri").asText());
    one.properties().forEach(member -> {
      if (!member.getKey().equals("nlri")) {
        text.append(' ').append(member.getKey()).append(' ').append(value(member.getValue()));
      }
    });
    return text.toString();
  }

  private static String attributes(JsonNode attributes) {
    StringBuilder text = new StringBuilder();
    attributes.properties().forEach(member -> {
      JsonNode value = member.getValue();
      if (value.isBoolean()) {
        text.append(' ').append(member.getKey());
      } else if (!value.isArray() || !value.isEmpty()) {
        text.append(' ').append(member.getKey()).append(' ').append(value(value));
      }
    });
    return text.toString();
  }

  private static String value(JsonNode value) {
    if (!value.isArray()) {
      return value.isValueNode() ? value.asText() : value.toString();
    }
    StringBuilder text = new StringBuilder("[");
    for (JsonNode one : value) {
      text.append(' ');
      if (one.isArray()) {
        List<String> parts = new ArrayList<>();
        one.forEach(part -> parts.add(part.asText()));
        text.append(String.join(":", parts));
      } else {
        text.append(one.has("string") ? one.path("string").asText() : one.asText());
      }
    }
    return text.append(" ]").toString();
  }
}
