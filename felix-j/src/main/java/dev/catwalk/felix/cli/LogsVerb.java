package dev.catwalk.felix.cli;

import java.util.Collections;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "logs",
    description = {
      "The last lines of the agent's log.",
      "The agent keeps 1000 of them; all of it is where its supervisor puts what it writes to"
          + " stderr. How much it writes is log.level in its configuration."
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated with @ParentCommand.
final class LogsVerb implements Callable<Integer> {
  /** How severe a line is. */
  enum Level {
    trace,
    debug,
    info,
    warn,
    error
  }

  @ParentCommand
  Catwalk catwalk;

  @Option(names = "-n", paramLabel = "N", description = "so many lines; 100 unless given")
  int lines = 100;

  @Option(
      names = "--level",
      paramLabel = "LEVEL",
      description = "only this level or above: ${COMPLETION-CANDIDATES}")
  @Nullable
  Level level;

  @Option(names = "-f", description = "go on with those that come, until ctrl-C")
  boolean follow;

  @Override
  public Integer call() {
    if (lines < 0) {
      throw new CliException(CliException.USAGE, "-n " + lines + ": want 0 or more");
    }
    if (follow && catwalk.format != Catwalk.Format.table) {
      throw new CliException(CliException.USAGE, "-f writes lines, no " + catwalk.format);
    }
    TreeMap<String, String> arguments = new TreeMap<>();
    arguments.put("lines", Integer.toString(lines));
    if (level != null) {
      arguments.put("level", level.name());
    }
    if (!follow) {
      return AgentClient.ask(catwalk, "logs", arguments, Collections.emptyMap());
    }
    arguments.put("after", "-1");
    while (!catwalk.out.checkError()) {
      AgentClient.Answer said =
          AgentClient.answer(catwalk, "logs", arguments, Collections.emptyMap());
      if (said.status() != 0) {
        catwalk.err.println(said.error());
        return said.status();
      }
      int end = said.out().indexOf('\n');
      arguments.put("after", said.out().substring(0, end));
      arguments.put("lines", "1000");
      catwalk.out.print(said.out().substring(end + 1));
      catwalk.out.flush();
    }
    return CliException.OK;
  }
}
