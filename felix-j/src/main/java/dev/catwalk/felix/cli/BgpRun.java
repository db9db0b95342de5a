package dev.catwalk.felix.cli;

import dev.catwalk.bgp.netty.BgpService;
import dev.catwalk.bgp.speaker.StopMode;
import dev.catwalk.felix.config.BgpSection;
import dev.catwalk.felix.config.ConfigException;
import dev.catwalk.felix.log.Logs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import org.slf4j.event.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** The BGP speaker alone: the {@code bgp} section of the configuration and no kernel writes. */
@Command(
    name = "bgp",
    description = "The BGP speaker alone, and its messages.",
    subcommands = {BgpRun.Run.class, BgpDecode.class, BgpEncode.class})
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated with @ParentCommand.
final class BgpRun {
  @ParentCommand
  Catwalk catwalk;

  @Command(
      name = "run",
      description = "Run a speaker in the foreground; SIGTERM ends its sessions with CEASE.")
  static final class Run implements Callable<Integer> {
    @ParentCommand
    BgpRun bgp;

    @Option(
        names = "--config",
        paramLabel = "FILE",
        required = true,
        description = "the keys of agent.yaml's bgp section, at the top or below bgp:")
    Path config;

    @Override
    public Integer call() {
      BgpSection section = read();
      if (section.mesh()) {
        throw new CliException(
            CliException.NO, config + ": mesh needs an agent's cluster; name the peers instead");
      }
      Logs.start(Level.INFO, Logs.Format.TEXT, bgp.catwalk.err);
      BgpService service;
      try {
        service = BgpService.start(section.speaker());
      } catch (IOException e) {
        throw new CliException(CliException.MACHINE, String.valueOf(e.getMessage()));
      }
      Runtime.getRuntime().addShutdownHook(new Thread(() -> service.stop(StopMode.STOP), "stop"));
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
