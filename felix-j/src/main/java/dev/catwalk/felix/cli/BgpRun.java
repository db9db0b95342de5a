package dev.catwalk.felix.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.catwalk.bgp.netty.BgpService;
import dev.catwalk.bgp.netty.Rehearsal;
import dev.catwalk.bgp.speaker.StopMode;
import dev.catwalk.felix.config.BgpSection;
import dev.catwalk.felix.config.ConfigException;
import dev.catwalk.felix.log.Logs;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** The BGP speaker alone: the {@code bgp} section of the configuration and no kernel writes. */
@Command(
    name = "bgp",
    description = "The BGP speaker alone, and its messages.",
    subcommands = {BgpRun.Run.class, BgpDecode.class, BgpEncode.class, BgpMrt.class})
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated with @ParentCommand.
final class BgpRun {
  @ParentCommand
  Catwalk catwalk;

  @Command(
      name = "run",
      description = {
        "Run a speaker in the foreground; SIGTERM ends its sessions with CEASE.",
        "With --exabgp FILE it does what ExaBGP would with that file: it announces to each neighbor"
            + " what the file and its processes say, and decides nothing. Of ExaBGP's environment"
            + " variables exabgp.tcp.port, exabgp.tcp.bind, exabgp.api.ack, exabgp.api.respawn and"
            + " exabgp.version count (or with _ for the dots)."
      })
  @SuppressWarnings("NullAway.Init") // picocli sets what is annotated
  static final class Run implements Callable<Integer> {
    @ParentCommand
    BgpRun bgp;

    private Path config;

    /** Where the configuration is, in one of two languages. */
    static final class Source {
      @Option(
          names = "--config",
          paramLabel = "FILE",
          required = true,
          description = "the keys of agent.yaml's bgp section, at the top or below bgp:")
      @Nullable
      Path config;

      @Option(
          names = "--exabgp",
          paramLabel = "FILE",
          required = true,
          description = "a configuration file of ExaBGP: run as it would, with its processes")
      @Nullable
      Path exabgp;
    }

    @ArgGroup(multiplicity = "1")
    Source source;

    @Option(
        names = "--json",
        paramLabel = "VERSION",
        defaultValue = "5.0.0",
        description =
            "with --exabgp: the version of ExaBGP's JSON that processes are told events in:"
                + " 5.0.0 (the default) or 4.0.1")
    String json;

    @Option(
        names = "--validate",
        description = "with --exabgp: read the file, say what is in it, and end")
    boolean validate;

    @Option(
        names = "--rehearse",
        paramLabel = "MILLISECONDS",
        defaultValue = "3000",
        description = "with --config: for how long sessions are played on the loopback first, so"
            + " that the first real one is served as quickly as later ones (default 3000; 0: not"
            + " at all)")
    int rehearsal;

    @Option(
        names = "--rehearse-octets",
        paramLabel = "OCTETS",
        hidden = true,
        description =
            "longer than --rehearse, ten times at most, until the speaker has said so many:"
                + " for the build, which trains a cache on machines of any speed")
    long rehearsedOctets;

    @Override
    public Integer call() {
      if (source.exabgp != null) {
        return new BgpExa(bgp.catwalk, source.exabgp, json).run(validate);
      }
      config = Objects.requireNonNull(source.config);
      BgpSection section = read();
      if (section.mesh()) {
        throw new CliException(
            CliException.NO, config + ": mesh needs an agent's cluster; name the peers instead");
      }
      if (rehearsal > 0) { // the log is rehearsed too, and nobody wants to read of it
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, UTF_8);
        Logs.start(Level.INFO, Logs.Format.TEXT, nowhere);
        Rehearsal.play(Duration.ofMillis(rehearsal), rehearsedOctets);
      }
      Logs.start(Level.INFO, Logs.Format.TEXT, bgp.catwalk.err);
      BgpService service;
      try {
        service = BgpService.start(section.speaker());
        service.monitor(section.monitors());
        service.record(section.mrt());
      } catch (IOException e) {
        throw new CliException(CliException.MACHINE, String.valueOf(e.getMessage()));
      }
      Runtime.getRuntime().addShutdownHook(new Thread(() -> service.stop(StopMode.STOP), "stop"));
      BgpReload.follow(config, section, service);
      try {
        service.ended().join();
      } catch (CompletionException e) {
        throw new CliException(CliException.NO, "the speaker failed, the log has the reason");
      }
      return CliException.OK;
    }

    private BgpSection read() {
      try {
        return BgpSection.parseFile(config.toString(), Files.readString(config));
      } catch (ConfigException e) {
        throw new CliException(CliException.NO, String.valueOf(e.getMessage()));
      } catch (IOException e) {
        throw new CliException(CliException.USAGE, "cannot read " + config + ": " + e);
      }
    }
  }
}
