package dev.catwalk.bgp.exabgp;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.net.addr.IpAddress;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One line of what {@code catwalk bgp encode} reads: a text command, or a JSON object with it and with
 * how the peers had agreed to speak.
 */
public final class EncodeRequest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int SEND = 2;
  private static final long ANY_AS = 65533;
  private static final long LINK_LOCAL = 0xfe80L << 48;

  private final EncodeContext context;
  private final String command;

  private EncodeRequest(EncodeContext context, String command) {
    this.context = context;
    this.command = command;
  }

  /** @throws MalformedException if the line is neither */
  public static EncodeRequest parse(String line) throws MalformedException {
    if (line.length() > DecodeRequest.MAXIMUM_LINE) {
      throw new MalformedException(
          "the line is longer than " + DecodeRequest.MAXIMUM_LINE + " characters");
    }
    if (!line.stripLeading().startsWith("{")) {
      IpAddress here = IpAddress.v4(0x7f000001);
      return new EncodeRequest(
          new EncodeContext(here, ANY_AS, ANY_AS, true, new TreeSet<>(), false, null), line);
    }
    JsonNode json;
    try {
      json = MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      throw new MalformedException("no JSON: " + e.getOriginalMessage());
    }
    JsonNode command = json.path("input").path("api_command_v4");
    if (!command.isTextual()) {
      throw new MalformedException("input.api_command_v4 is missing");
    }
    return new EncodeRequest(context(json.path("context")), command.asText());
  }

  private static EncodeContext context(JsonNode json) throws MalformedException {
    TreeSet<AfiSafi> addPath = new TreeSet<>();
    JsonNode agreed = json.path("add_path");
    if ((agreed.path("mode").asInt() & SEND) != 0) {
      for (JsonNode one : agreed.path("families")) {
        String[] words = one.asText().split(" ", -1);
        if (words.length == 2) {
          FamilyName.parse(words[0], words[1]).ifPresent(addPath::add);
        }
      }
    }
    IpAddress local =
        Words.address(json.path("local_address").asText("127.0.0.1"), "local_address");
    return new EncodeContext(
        local,
        json.path("local_as").asLong(ANY_AS),
        json.path("peer_as").asLong(ANY_AS),
        json.path("asn4").asBoolean(true),
        addPath,
        json.path("aigp").asBoolean(false),
        json.path("link_local_nexthop").asBoolean(false) ? linkLocal(json, local) : null);
  }

  /** As it is said, or with the interface identifier of our address: RFC 4291 §2.5.1. */
  private static @Nullable IpAddress linkLocal(JsonNode json, IpAddress local)
      throws MalformedException {
    if (json.path("local_link_local").isTextual()) {
      return Words.address(json.path("local_link_local").asText(), "local_link_local");
    }
    return local.isV4() ? null : IpAddress.v6(LINK_LOCAL, local.low());
  }

  /**
   * The messages in upper-case hexadecimal digits, with a blank between two.
   *
   * @throws MalformedException if the command is none
   */
  public String encode() throws MalformedException {
    List<byte[]> messages = new Commands(context).encode(command);
    return messages.stream().map(Cursor::hex).collect(Collectors.joining(" "));
  }
}
