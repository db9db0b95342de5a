package dev.catwalk.felix.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.catwalk.felix.cni.Frame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Map;

/** Asks the agent one thing and prints its answer. */
final class AgentClient {
  private static final JsonFactory JSON = new JsonFactory();

  /** What the agent said. */
  record Answer(int status, String out, String error) {}

  private AgentClient() {}

  static String noAnswer(Path socket, IOException why) {
    boolean forbidden = String.valueOf(why.getMessage()).contains("Permission denied");
    return "no agent answers at " + socket + " (" + why.getMessage() + "): "
        + (forbidden
            ? "only the user that it runs as may ask it: run this as root"
            : "start one with 'catwalk agent run', or name its socket with --socket");
  }

  /** Asks, prints, and returns the exit status. */
  static int ask(
      Catwalk catwalk, String verb, Map<String, String> arguments, Map<String, String> files) {
    Answer said = answer(catwalk, verb, arguments, files);
    catwalk.out.print(said.out());
    catwalk.out.flush();
    if (!said.error().isEmpty()) {
      catwalk.err.println(said.error());
    }
    return said.status();
  }

  /** Asks this command's agent and prints nothing. */
  static Answer answer(
      Catwalk catwalk, String verb, Map<String, String> arguments, Map<String, String> files) {
    return ask(catwalk.agentSocket(), verb, arguments, files, catwalk.format);
  }

  /** Asks and returns what was said. */
  static Answer ask(
      Path socket,
      String verb,
      Map<String, String> arguments,
      Map<String, String> files,
      Catwalk.Format format) {
    byte[] answer;
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      Frame.write(channel, question(verb, arguments, files, format.name()));
      answer = Frame.read(channel);
    } catch (IOException e) {
      throw new CliException(CliException.NO_AGENT, noAnswer(socket, e));
    }
    try {
      return read(answer);
    } catch (IOException e) {
      throw new CliException(
          CliException.NO_AGENT, "what answers at " + socket + " is no agent: " + e.getMessage());
    }
  }

  private static byte[] question(
      String verb, Map<String, String> arguments, Map<String, String> files, String format)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField("verb", verb);
      json.writeStringField("format", format);
      writeMap(json, "arguments", arguments);
      writeMap(json, "files", files);
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  private static void writeMap(JsonGenerator json, String name, Map<String, String> map)
      throws IOException {
    json.writeObjectFieldStart(name);
    for (Map.Entry<String, String> entry : map.entrySet()) {
      json.writeStringField(entry.getKey(), entry.getValue());
    }
    json.writeEndObject();
  }

  private static Answer read(byte[] answer) throws IOException {
    int status = -1;
    String out = "";
    String error = "";
    try (JsonParser json = JSON.createParser(answer)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("the answer is no JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        switch (name) {
          case "status" -> status = json.getIntValue();
          case "out" -> out = json.getText();
          case "error" -> error = json.getText();
          default -> json.skipChildren();
        }
      }
    }
    if (status < 0 || status > 5) {
      throw new IOException("the answer has no exit status");
    }
    return new Answer(status, out, error);
  }
}
