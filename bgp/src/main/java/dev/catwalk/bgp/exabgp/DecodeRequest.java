package dev.catwalk.bgp.exabgp;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.bgp.wire.AfiSafi;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * One line of what {@code catwalk bgp decode} reads: hexadecimal digits of a message, with or without
 * its header, or a JSON object that also says how the peers had agreed to speak.
 */
public final class DecodeRequest {
  /** More digits than the longest message has, RFC 8654. */
  public static final int MAXIMUM_LINE = 1 << 18;

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Neighbor NOBODY =
      new Neighbor("127.0.0.1", "127.0.0.1", 65533, 65533, "10.0.0.2", true, new TreeSet<>());
  private static final String MARKER = "FF".repeat(16);

  private final Neighbor neighbor;
  private final String form;
  private final List<AfiSafi> families;
  private final byte[] octets;

  private DecodeRequest(Neighbor neighbor, String form, List<AfiSafi> families, byte[] octets) {
    this.neighbor = neighbor;
    this.form = form;
    this.families = families;
    this.octets = octets;
  }

  /** @throws MalformedException if the line is neither */
  public static DecodeRequest parse(String line) throws MalformedException {
    if (line.length() > MAXIMUM_LINE) {
      throw new MalformedException("the line is longer than " + MAXIMUM_LINE + " characters");
    }
    if (line.stripLeading().startsWith("{")) {
      return of(json(line));
    }
    String digits = line.replaceAll("[\\s:]", "").toUpperCase(Locale.ROOT).replaceFirst("^0X", "");
    String form = digits.startsWith(MARKER) ? "full-message" : "body-without-19-byte-header";
    return new DecodeRequest(NOBODY, form, List.of(), octets(digits));
  }

  private static JsonNode json(String line) throws MalformedException {
    try {
      return MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      throw new MalformedException("no JSON: " + e.getOriginalMessage());
    }
  }

  private static DecodeRequest of(JsonNode json) throws MalformedException {
    JsonNode context = json.path("context");
    TreeSet<AfiSafi> addPath = new TreeSet<>();
    if ((context.path("add_path").path("mode").asInt() & 1) != 0) {
      addPath.addAll(families(context.path("add_path").path("families")));
    }
    Neighbor neighbor = new Neighbor(
        context.path("local_address").asText(NOBODY.localAddress()),
        context.path("peer_address").asText(NOBODY.peerAddress()),
        context.path("local_as").asLong(NOBODY.localAs()),
        context.path("peer_as").asLong(NOBODY.peerAs()),
        context.path("router_id").asText(NOBODY.routerId()),
        context.path("asn4").asBoolean(true),
        addPath);
    JsonNode hex = json.path("input").path("hex");
    if (!hex.isTextual()) {
      throw new MalformedException("input.hex is missing");
    }
    return new DecodeRequest(
        neighbor,
        json.path("form").asText("full-message"),
        List.copyOf(families(context.path("families"))),
        octets(hex.asText()));
  }

  /** Those that have a name; {@code all} and what is not known say nothing of a message. */
  private static SortedSet<AfiSafi> families(JsonNode list) {
    TreeSet<AfiSafi> families = new TreeSet<>();
    for (JsonNode one : list) {
      String[] words = one.asText().split(" ", -1);
      if (words.length == 2) {
        FamilyName.parse(words[0], words[1]).ifPresent(families::add);
      }
    }
    return families;
  }

  private static byte[] octets(String digits) throws MalformedException {
    try {
      return HexFormat.of().parseHex(digits);
    } catch (IllegalArgumentException e) {
      throw new MalformedException("no hexadecimal digits: " + e.getMessage());
    }
  }

  /**
   * The message, or, where routes alone were given, the one route or a list of them.
   *
   * @throws MalformedException if the octets are none
   */
  public JsonNode decode(JsonVersion version) throws MalformedException {
    MessageJson messages = new MessageJson(neighbor, version);
    return switch (form) {
      case "full-message" -> messages.message(octets);
      case "body-without-19-byte-header" -> messages.body(MessageJson.UPDATE, octets);
      case "nlri" -> routes(version);
      default -> throw new MalformedException("there is no form " + form);
    };
  }

  private JsonNode routes(JsonVersion version) throws MalformedException {
    if (families.size() != 1) {
      throw new MalformedException(
          "routes alone need one family in context.families, there are " + families.size());
    }
    List<ObjectNode> routes =
        NlriJson.read(new Cursor(octets), families.getFirst(), neighbor, "", true, version);
    return routes.size() == 1
        ? routes.getFirst()
        : JsonNodeFactory.instance.arrayNode().addAll(routes);
  }
}
