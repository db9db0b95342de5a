package dev.catwalk.bgp.exabgp;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What ExaBGP takes from environment variables: {@code exabgp.tcp.port} or, where a shell wants a name
 * without dots, {@code exabgp_tcp_port}; in any case. What is not here has no meaning in this speaker.
 *
 * @param port where neighbours listen that have no {@code connect}; 1..65535
 * @param bind the addresses at which this speaker listens at that port; none: it does not
 * @param version what the software version capability says of ExaBGP; empty: that of this program
 * @param acknowledge whether a command is answered by {@code done} or {@code error}
 * @param respawn whether a process that ends is started again
 */
public record Environment(
    int port, List<String> bind, String version, boolean acknowledge, boolean respawn) {
  public static final int PORT = 179;
  private static final String PREFIX = "exabgp.";

  public Environment {
    bind = List.copyOf(bind);
  }

  /**
   * @param variables all of the environment
   * @throws MalformedException if one of ExaBGP's has no such value; it names the variable
   */
  public static Environment of(Map<String, String> variables) throws MalformedException {
    String port = value(variables, "tcp.port");
    String bind = value(variables, "tcp.bind");
    List<String> addresses = new ArrayList<>();
    for (String word : (bind == null ? "" : bind.replaceAll("['\",]", " ")).split("\\s+", -1)) {
      if (!word.isEmpty()) {
        Words.address(word, "exabgp.tcp.bind");
        addresses.add(word);
      }
    }
    String version = value(variables, "version");
    return new Environment(
        port == null ? PORT : (int) Words.number(port, 65535, "exabgp.tcp.port"),
        addresses,
        version == null ? "" : version,
        flag(variables, "api.ack"),
        flag(variables, "api.respawn"));
  }

  private static boolean flag(Map<String, String> variables, String name)
      throws MalformedException {
    String value = value(variables, name);
    return value == null || Words.flag(value, PREFIX + name);
  }

  private static @Nullable String value(Map<String, String> variables, String name) {
    for (String key : List.of(PREFIX + name, (PREFIX + name).replace('.', '_'))) {
      for (String form : List.of(key, key.toUpperCase(Locale.ROOT))) {
        if (variables.containsKey(form)) {
          return variables.get(form);
        }
      }
    }
    return null;
  }
}
