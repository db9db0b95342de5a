package dev.catwalk.lab.shell;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.felix.cni.Frame;
import dev.catwalk.lab.topology.AgentConfig;
import dev.catwalk.lab.topology.Plan;
import dev.catwalk.lab.topology.Plan.Node;
import java.io.File;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The nodes' agents, one process each, and what they answer over their sockets. */
public final class Agents {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern PROGRAM = Pattern.compile("/catwalk-felix-j-[^/]*\\.jar$");

  private Agents() {}

  /** What an agent said: an exit status as the command line has them, and a text. */
  public record Answer(int status, String out, String error) {}

  /**
   * Starts a node's agent in its namespace, by the launcher. What it left before (data, kernel state)
   * it finds again.
   */
  public static Process start(Site site, Plan plan, Node node) throws LabException {
    return start(site, node.name(), AgentConfig.render(plan, node));
  }

  /** The same with a configuration of its own. */
  public static Process start(Site site, String node, String configuration) throws LabException {
    Path root = site.root(node);
    NodePki.ensure(site, node);
    Path config = site.write(root.resolve("etc/catwalk/agent.yaml"), configuration);
    List<String> command = site.in(
        site.netns(node),
        site.home().resolve("catwalk").toString(),
        "agent",
        "run",
        "--config",
        config.toString(),
        "--root",
        root.toString());
    return site.start(log(site, node), launcher(), command);
  }

  /**
   * The JDK that runs us, for the launcher; and our own classes where no launcher has started us, as
   * in a test.
   */
  static Map<String, String> launcher() {
    Map<String, String> environment = new HashMap<>();
    environment.put("JAVA_HOME", System.getProperty("java.home", ""));
    if (System.getProperty("catwalk.home") == null) {
      environment.put("CATWALK_CLASSPATH", classPath());
    }
    return environment;
  }

  /** Ours, with the packed program in front if it is among it: then the launcher uses its cache. */
  public static String classPath() {
    String all = System.getProperty("java.class.path", "");
    return Arrays.stream(all.split(File.pathSeparator))
        .filter(entry -> PROGRAM.matcher(entry).find())
        .findFirst()
        .map(program -> program + File.pathSeparator + all)
        .orElse(all);
  }

  static Path log(Site site, String node) {
    return site.root(node).resolve("var/log/catwalk/agent.log");
  }

  /** The end of an agent's log, for a message. */
  public static String lastWords(Site site, String node) {
    return Logs.end(log(site, node));
  }

  public static boolean isListening(Site site, String node) {
    if (!Files.exists(site.socket(node))) {
      return false;
    }
    try (SocketChannel channel =
        SocketChannel.open(UnixDomainSocketAddress.of(site.socket(node)))) {
      return channel.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** Asks as the command line does; the format is JSON. */
  public static Answer ask(
      Site site, String node, String verb, Map<String, String> arguments, Map<String, String> files)
      throws LabException {
    ObjectNode question = JSON.createObjectNode().put("verb", verb).put("format", "json");
    arguments.forEach(question.putObject("arguments")::put);
    files.forEach(question.putObject("files")::put);
    try (SocketChannel channel =
        SocketChannel.open(UnixDomainSocketAddress.of(site.socket(node)))) {
      Frame.write(channel, JSON.writeValueAsBytes(question));
      JsonNode answer = JSON.readTree(Frame.read(channel));
      return new Answer(
          answer.path("status").asInt(-1),
          answer.path("out").asText(),
          answer.path("error").asText());
    } catch (IOException e) {
      throw new LabException(
          "the agent of " + node + " does not answer '" + verb + "' (" + e.getMessage() + "); "
              + lastWords(site, node),
          e);
    }
  }

  /** Asks and reads the JSON of the answer; a refusal is an error. */
  public static JsonNode json(Site site, String node, String verb) throws LabException {
    return json(site, node, verb, Map.of());
  }

  /** The same of a verb that takes files. */
  public static JsonNode json(Site site, String node, String verb, Map<String, String> files)
      throws LabException {
    Answer answer = ask(site, node, verb, Map.of(), files);
    if (answer.status() != 0) {
      throw new LabException("the agent of " + node + " refused '" + verb + "': " + answer.error());
    }
    try {
      return JSON.readTree(answer.out());
    } catch (IOException e) {
      throw new LabException(
          "the agent of " + node + " answered '" + verb + "' without JSON: " + answer.out(), e);
    }
  }
}
