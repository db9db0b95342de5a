package dev.catwalk.felix.cli;

import dev.catwalk.felix.agent.Agent;
import dev.catwalk.felix.agent.ConfigWatch;
import dev.catwalk.felix.agent.Places;
import dev.catwalk.felix.agent.StartException;
import dev.catwalk.felix.config.AgentConfig;
import dev.catwalk.felix.config.ConfigException;
import dev.catwalk.felix.kernel.KernelException;
import dev.catwalk.felix.kernel.SelfExec;
import dev.catwalk.felix.log.Logs;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(name = "agent", description = "The node agent.", subcommands = AgentRun.Run.class)
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated with @ParentCommand.
final class AgentRun {
  @ParentCommand
  Catwalk catwalk;

  @Command(
      name = "run",
      description = "Run it in the foreground. SIGTERM stops it as for a restart: pods go on.")
  static final class Run implements Callable<Integer> {
    @ParentCommand
    AgentRun agent;

    @Option(
        names = "--config",
        paramLabel = "FILE",
        description = "else /etc/catwalk/agent.yaml below the root")
    @Nullable
    Path config;

    @Option(names = "--root", paramLabel = "DIR", description = "prefix of all places, else /")
    Path root = Path.of("/");

    /**
     * What {@code agent run} with its two options and nothing else comes to, as launchers and units
     * write it. The parser reads the annotations of the whole command line first, which is a fifth of
     * an agent's start; anything else, mistakes and {@code --help} too, is the parser's.
     */
    static @Nullable Run plain(String... args) {
      if (args.length < 2
          || args.length % 2 != 0
          || !args[0].equals("agent")
          || !args[1].equals("run")) {
        return null;
      }
      Run run = new Run();
      boolean rooted = false;
      for (int i = 2; i < args.length; i += 2) {
        if (args[i].equals("--config") && run.config == null && !args[i + 1].startsWith("-")) {
          run.config = Path.of(args[i + 1]);
        } else if (args[i].equals("--root") && !rooted && !args[i + 1].startsWith("-")) {
          run.root = Path.of(args[i + 1]);
          rooted = true;
        } else {
          return null;
        }
      }
      return run;
    }

    @Override
    public Integer call() throws InterruptedException {
      return run(agent.catwalk.err);
    }

    int run(PrintStream err) throws InterruptedException {
      Places places = new Places(root);
      AgentConfig read = read(config == null ? places.config() : config);
      Logs.start(
          Level.valueOf(read.log().level().toUpperCase(Locale.ROOT)),
          read.log().json() ? Logs.Format.JSON : Logs.Format.TEXT,
          err);
      // A thread that ends by a fault of ours leaves its part of the node unattended: the kernel
      // keeps its state, and the supervisor's fresh start is better than half an agent.
      Thread.setDefaultUncaughtExceptionHandler((thread, fault) -> {
        LoggerFactory.getLogger(Agent.class)
            .error("a thread failed: this process ends thread={}", thread.getName(), fault);
        Runtime.getRuntime().halt(Agent.FAULT);
      });
      Agent started;
      try {
        started = Agent.start(read, places, Version.VERSION);
      } catch (StartException e) {
        int status = switch (e.kind()) {
          case CONFIGURATION -> CliException.NO;
          case TAKEN, MACHINE -> CliException.MACHINE;
        };
        throw new CliException(status, String.valueOf(e.getMessage()));
      }
      Runtime.getRuntime().addShutdownHook(new Thread(started::stop, "cw-stop"));
      Path file = config == null ? places.config() : config;
      ConfigWatch.start(file, text -> started.reload(file, text));
      if (started.run() == Agent.Ending.RESTART) {
        restart();
      }
      return CliException.OK;
    }

    private static void restart() {
      try {
        SelfExec.now();
      } catch (KernelException e) {
        throw new CliException(CliException.MACHINE, e.getMessage() + "; start the agent again");
      }
    }

    private static AgentConfig read(Path file) {
      try {
        return AgentConfig.parse(file.toString(), Files.readString(file));
      } catch (ConfigException e) {
        throw new CliException(CliException.NO, String.valueOf(e.getMessage()));
      } catch (NoSuchFileException e) {
        throw new CliException(
            CliException.NO,
            "there is no configuration at " + file + ": write one, or name it with --config");
      } catch (IOException e) {
        throw new CliException(CliException.NO, "the configuration cannot be read: " + e);
      }
    }
  }
}
