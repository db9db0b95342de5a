package dev.catwalk.felix.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

@Command(name = "version", description = "The version of this program.")
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated with @ParentCommand.
final class Version implements Callable<Integer> {
  /** Of this program, as the build names it. */
  static final String VERSION = "0.1.0";

  @ParentCommand
  Catwalk catwalk;

  @Override
  public Integer call() {
    catwalk.out.println("catwalk " + VERSION);
    return CliException.OK;
  }
}
