package dev.catwalk.felix.cli;

import dev.catwalk.bgp.children.ChildProcesses;
import dev.catwalk.bgp.exabgp.Configuration;
import dev.catwalk.bgp.exabgp.ConfigurationException;
import dev.catwalk.bgp.exabgp.Environment;
import dev.catwalk.bgp.exabgp.Events;
import dev.catwalk.bgp.exabgp.JsonVersion;
import dev.catwalk.bgp.exabgp.MalformedException;
import dev.catwalk.bgp.exarun.ExaSpeaker;
import dev.catwalk.bgp.netty.ExaService;
import dev.catwalk.felix.log.Logs;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import org.slf4j.event.Level;

/** {@code bgp run --exabgp FILE}. */
final class BgpExa {
  private final Catwalk catwalk;
  private final Path file;
  private final JsonVersion version;

  BgpExa(Catwalk catwalk, Path file, String json) {
    this.catwalk = catwalk;
    this.file = file;
    this.version = JsonVersion.of(json)
        .orElseThrow(() ->
            new CliException(CliException.USAGE, "--json " + json + ": there are 5.0.0 and 4.0.1"));
  }

  /** @param validate only reads the file */
  int run(boolean validate) {
    Environment environment;
    Configuration configuration;
    try {
      environment = Environment.of(catwalk.environment);
      configuration = Configuration.parse(file.toString(), Files.readString(file));
    } catch (ConfigurationException | MalformedException e) {
      throw new CliException(CliException.NO, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new CliException(CliException.USAGE, "cannot read " + file + ": " + e);
    }
    configuration.warnings().forEach(warning -> catwalk.err.println("warning: " + warning));
    if (validate) {
      catwalk.out.println(file + " is valid: " + configuration.neighbors().size()
          + " neighbors, " + configuration.routes() + " routes, "
          + configuration.processes().size() + " processes");
      return CliException.OK;
    }
    Logs.start(Level.INFO, Logs.Format.TEXT, catwalk.err);
    return serve(environment, configuration);
  }

  private int serve(Environment environment, Configuration configuration) {
    ExaSpeaker speaker = new ExaSpeaker(
        configuration,
        environment,
        origin(),
        version,
        environment.version().isEmpty()
            ? "Catwalk/" + Version.VERSION
            : "ExaBGP/" + environment.version());
    File folder = file.toAbsolutePath().resolveSibling("").toFile();
    ExaService service;
    try {
      service = ExaService.start(
          speaker,
          configuration,
          environment,
          this::read,
          made -> new ChildProcesses(made, folder));
    } catch (IOException e) {
      throw new CliException(CliException.MACHINE, String.valueOf(e.getMessage()));
    }
    Runtime.getRuntime().addShutdownHook(new Thread(service::stop, "stop"));
    try {
      service.ended().join();
    } catch (CompletionException e) {
      throw new CliException(CliException.NO, "the speaker failed, the log has the reason");
    }
    return CliException.OK;
  }

  private Configuration read() throws IOException {
    try {
      return Configuration.parse(file.toString(), Files.readString(file));
    } catch (ConfigurationException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static Events.Origin origin() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "localhost";
    }
    ProcessHandle self = ProcessHandle.current();
    long parent = self.parent().map(ProcessHandle::pid).orElse(0L);
    return new Events.Origin(host, self.pid(), parent);
  }
}
