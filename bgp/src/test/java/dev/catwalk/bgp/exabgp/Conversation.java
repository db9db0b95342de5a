package dev.catwalk.bgp.exabgp;

import com.fasterxml.jackson.databind.JsonNode;
import dev.catwalk.bgp.children.ChildProcesses;
import dev.catwalk.bgp.exarun.ExaSpeaker;
import dev.catwalk.bgp.netty.ExaService;
import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One conversation of ExaBGP's own: its configuration is run, and the neighbour, which is played here,
 * must hear what is expected. It answers the OPEN with the same one under another identifier, as
 * ExaBGP's own player does.
 */
final class Conversation {
  private static final int DEADLINE_MS = 20_000;
  private static final HexFormat HEX = HexFormat.of().withUpperCase();
  private static final byte[] UNKNOWN_CAPABILITY = {2, 6, 66, 4, 'x', 'y', 'z', '!'};
  private static final int OPEN = 1;
  private static final int KEEPALIVE = 4;
  private static final int UNKNOWN = 255;

  private final JsonNode json;
  private final List<String> options = new ArrayList<>();
  private final List<String> heard = new ArrayList<>();

  Conversation(JsonNode json) {
    this.json = json;
    json.path("options").forEach(option -> options.add(option.asText()));
  }

  /** What went wrong; empty: it agreed. */
  String play() throws IOException, ConfigurationException, MalformedException {
    boolean v6 = options.contains("option:bind:ipv6") || id().contains("ipself6");
    InetAddress here = InetAddress.getByName(v6 ? "::1" : "127.0.0.1");
    try (ServerSocket server = new ServerSocket(0, 4, here)) {
      server.setSoTimeout(DEADLINE_MS);
      TreeMap<String, String> variables = new TreeMap<>();
      variables.put("exabgp_tcp_port", Integer.toString(server.getLocalPort()));
      variables.put("exabgp_version", "5.0.0-0+test"); // as where the expectations were recorded
      Environment environment = Environment.of(variables);
      Configuration configuration =
          Configuration.parse(id(), json.at("/configs/0/text").asText());
      ExaSpeaker speaker = new ExaSpeaker(
          configuration,
          environment,
          new Events.Origin("here", 1, 1),
          JsonVersion.V5,
          "ExaBGP/" + environment.version());
      ExaService service = ExaService.start(
          speaker,
          configuration,
          environment,
          () -> configuration,
          made -> new ChildProcesses(made, new File(".")));
      try (Socket socket = server.accept()) {
        socket.setSoTimeout(DEADLINE_MS);
        return hear(socket);
      } finally {
        service.stop();
      }
    }
  }

  String id() {
    return json.path("id").asText();
  }

  private String hear(Socket socket) throws IOException, MalformedException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    OutputStream out = socket.getOutputStream();
    List<List<JsonNode>> groups = groups();
    byte[] open = message(in);
    if (open[18] != OPEN) {
      return "no OPEN but " + HEX.formatHex(open);
    }
    if (options.contains("option:open:inspect-open-message") && !take(open, groups)) {
      return "wanted " + groups.getFirst() + "\nheard " + HEX.formatHex(open);
    }
    out.write(answer(open));
    out.write(framed(KEEPALIVE));
    if (options.contains("option:open:send-unknown-message")) {
      out.write(framed(UNKNOWN));
    }
    out.flush();
    while (!groups.isEmpty()) {
      byte[] next = message(in);
      if (next[18] != KEEPALIVE && !take(next, groups)) {
        return "wanted " + groups.getFirst() + "\nheard " + HEX.formatHex(next) + "\nafter "
            + heard;
      }
    }
    return "";
  }

  /** Those of one step and number may come in any order. */
  private List<List<JsonNode>> groups() {
    List<List<JsonNode>> groups = new ArrayList<>();
    String last = "";
    for (JsonNode one : json.path("expected_messages")) {
      String step = one.path("step").asText();
      if (groups.isEmpty() || !step.equals(last)) {
        groups.add(new ArrayList<>());
      }
      last = step;
      groups.getLast().add(one);
    }
    return groups;
  }

  private boolean take(byte[] message, List<List<JsonNode>> groups) throws MalformedException {
    String hex = HEX.formatHex(message);
    heard.add(hex);
    for (JsonNode one : groups.getFirst()) {
      boolean same = one.path("hex").isTextual()
          ? one.path("hex").asText().equals(hex)
          : asserted(one.path("assert").asText(), message);
      if (same) {
        groups.getFirst().remove(one);
        if (groups.getFirst().isEmpty()) {
          groups.removeFirst();
        }
        return true;
      }
    }
    return false;
  }

  /** {@code announce PREFIX}: among what the message announces is that prefix. */
  private static boolean asserted(String text, byte[] message) throws MalformedException {
    Neighbor anybody = new Neighbor("here", "there", 1, 1, "10.0.0.1", true, new TreeSet<>());
    JsonNode update =
        new MessageJson(anybody, JsonVersion.V5).message(message).at("/neighbor/message/update");
    String prefix = text.substring(text.indexOf(' ') + 1);
    return update.path(text.substring(0, text.indexOf(' '))).findValuesAsText("nlri").stream()
        .anyMatch(prefix::equals);
  }

  /** The same OPEN under another identifier, and with what the options want besides. */
  private byte[] answer(byte[] open) {
    byte[] same = open.clone();
    same[27]++;
    for (String option : options) {
      if (option.startsWith("option:asn:")) {
        int as = Integer.parseInt(option.substring("option:asn:".length()));
        same[20] = (byte) (as >> 8);
        same[21] = (byte) as;
        for (int at = 29; at + 8 <= same.length; at += 2 + same[at + 1]) {
          if (same[at + 2] == 65) {
            same[at + 6] = (byte) (as >> 8);
            same[at + 7] = (byte) as;
          }
        }
      }
    }
    if (options.contains("option:open:send-unknown-capability")) {
      byte[] longer = Arrays.copyOf(same, same.length + UNKNOWN_CAPABILITY.length);
      System.arraycopy(UNKNOWN_CAPABILITY, 0, longer, same.length, UNKNOWN_CAPABILITY.length);
      longer[17] += (byte) UNKNOWN_CAPABILITY.length;
      longer[28] += (byte) UNKNOWN_CAPABILITY.length;
      return longer;
    }
    return same;
  }

  private static byte[] framed(int type) {
    return RouteWriter.framed(type, new Output());
  }

  private static byte[] message(DataInputStream in) throws IOException {
    byte[] header = new byte[19];
    in.readFully(header);
    int length = (header[16] & 0xff) << 8 | header[17] & 0xff;
    byte[] message = Arrays.copyOf(header, length);
    in.readFully(message, 19, length - 19);
    return message;
  }
}
