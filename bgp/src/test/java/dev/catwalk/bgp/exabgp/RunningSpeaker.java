package dev.catwalk.bgp.exabgp;

import dev.catwalk.bgp.children.ChildProcesses;
import dev.catwalk.bgp.exarun.ExaSpeaker;
import dev.catwalk.bgp.netty.ExaService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;

/** {@code bgp run --exabgp} on loopback, with its processes. */
final class RunningSpeaker implements AutoCloseable {
  final ExaService service;

  /** @param port where it dials, of neighbours that have no {@code connect} */
  RunningSpeaker(Path folder, String text, int port)
      throws IOException, ConfigurationException, MalformedException {
    Path file = Files.writeString(folder.resolve("ours.conf"), text);
    TreeMap<String, String> variables = new TreeMap<>();
    variables.put("exabgp.tcp.port", Integer.toString(port));
    Environment environment = Environment.of(variables);
    Configuration configuration = Configuration.parse(file.toString(), text);
    ExaSpeaker speaker = new ExaSpeaker(
        configuration,
        environment,
        new Events.Origin("here", 1, 1),
        JsonVersion.V5,
        "Catwalk/test");
    service = ExaService.start(
        speaker,
        configuration,
        environment,
        () -> {
          try {
            return Configuration.parse(file.toString(), Files.readString(file));
          } catch (ConfigurationException e) {
            throw new IOException(e.getMessage(), e);
          }
        },
        made -> new ChildProcesses(made, folder.toFile()));
  }

  @Override
  public void close() {
    service.stop();
  }
}
