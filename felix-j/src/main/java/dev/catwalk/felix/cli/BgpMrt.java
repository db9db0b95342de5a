package dev.catwalk.felix.cli;

import dev.catwalk.bgp.mrt.MrtDecoder;
import dev.catwalk.bgp.mrt.MrtException;
import dev.catwalk.bgp.mrt.MrtInput;
import dev.catwalk.bgp.mrt.MrtText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** What collectors of routes have written, as lines. */
@Command(
    name = "mrt",
    description = {
      "Print MRT files (RFC 6396): tables and updates, a line for each route or event.",
      "A file may be compressed by gzip or bzip2; - is standard input. A record that cannot be read"
          + " is named on standard error, the rest is printed, and the status is then 1."
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated with @ParentCommand.
final class BgpMrt implements Callable<Integer> {
  @ParentCommand
  BgpRun bgp;

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "in this order")
  List<String> files;

  @Option(
      names = {"-m", "--bgpdump"},
      description = "the lines of bgpdump -m instead of JSON; what those do not show is left out")
  boolean bgpdump;

  @Override
  public Integer call() {
    int status = CliException.OK;
    for (String file : files) {
      try (InputStream in = file.equals("-") ? System.in : Files.newInputStream(Path.of(file))) {
        status = Math.max(status, print(file, new MrtInput(in)));
      } catch (IOException | MrtException e) {
        bgp.catwalk.out.flush();
        bgp.catwalk.err.println(file + ": " + reason(e));
        status = CliException.NO;
      }
    }
    bgp.catwalk.out.flush();
    return status;
  }

  private static String reason(Exception e) {
    return e instanceof java.nio.file.NoSuchFileException
        ? "there is no such file"
        : String.valueOf(e.getMessage());
  }

  private int print(String file, MrtInput records) throws IOException, MrtException {
    int status = CliException.OK;
    MrtDecoder decoder = new MrtDecoder();
    long number = 0;
    for (MrtInput.Raw raw = records.next(); raw != null; raw = records.next()) {
      number++;
      try {
        MrtText text = new MrtText(raw.header(), MrtDecoder.microseconds(raw.header(), raw.body()));
        decoder.decode(raw.header(), raw.body(), entry -> {
          if (bgpdump) {
            text.line(entry).ifPresent(bgp.catwalk.out::println);
          } else {
            bgp.catwalk.out.println(text.json(entry));
          }
        });
      } catch (MrtException e) {
        bgp.catwalk.err.println(file + ": record " + number + ": " + e.getMessage());
        status = CliException.NO;
      }
    }
    return status;
  }
}
