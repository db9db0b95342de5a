package dev.catwalk.felix.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** The verbs that bring manifests to the cluster and back. */
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated with @ParentCommand.
final class ManifestVerbs {
  private static final int MAX_FILE = 4 * 1024 * 1024;

  /** Who waits for longer is told why, seconds. */
  private static final int QUIET_S = 2;

  private ManifestVerbs() {}

  /** What {@code --wait} and {@code --timeout} say. */
  static final class Patience {
    @Option(
        names = "--wait",
        description = "return when the kernel of every node enforces it; status 1 and the names of"
            + " the nodes that do not, if it takes longer than --timeout")
    boolean wait;

    @Option(
        names = "--timeout",
        paramLabel = "TIME",
        description = "as 45, 45s or 2m; 60s unless given")
    String timeout = "60s";

    /** Asks the agent, and says on stderr that it takes its time. */
    int ask(Catwalk catwalk, String verb, SortedMap<String, String> given, List<String> files) {
      SortedMap<String, String> arguments = new TreeMap<>(given);
      into(arguments);
      Map<String, String> texts = read(files);
      Thread note = Thread.ofVirtual().start(() -> {
        try {
          TimeUnit.SECONDS.sleep(QUIET_S);
          if (wait) {
            catwalk.err.println("catwalk: waiting until every node enforces it, at most " + timeout
                + "; ctrl-C ends the waiting, not the change");
          }
        } catch (InterruptedException e) {
          // The answer is here.
        }
      });
      try {
        return AgentClient.ask(catwalk, verb, arguments, texts);
      } finally {
        note.interrupt();
      }
    }

    private void into(SortedMap<String, String> arguments) {
      if (!timeout.matches("[0-9]{1,3}[sm]?")) {
        throw new CliException(
            CliException.USAGE, "--timeout " + timeout + " is no time: want 45, 45s or 2m");
      }
      int number = Integer.parseInt(timeout.replaceAll("[sm]", ""));
      if (wait) {
        arguments.put("wait", Integer.toString(timeout.endsWith("m") ? number * 60 : number));
      }
    }
  }

  /** Name to content; {@code -} is stdin, a folder stands for the manifests in it. */
  static Map<String, String> read(List<String> given) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (String file : unfolded(given)) {
      try (InputStream in = file.equals("-") ? System.in : Files.newInputStream(Path.of(file))) {
        byte[] bytes = in.readNBytes(MAX_FILE + 1);
        if (bytes.length > MAX_FILE) {
          throw new CliException(
              CliException.NO, file + " is larger than " + MAX_FILE + " bytes: split it");
        }
        texts.put(file.equals("-") ? "stdin" : file, new String(bytes, StandardCharsets.UTF_8));
      } catch (NoSuchFileException e) {
        throw new CliException(CliException.NO, file + ": there is no such file");
      } catch (IOException e) {
        throw new CliException(CliException.NO, file + " cannot be read: " + e);
      }
    }
    return texts;
  }

  private static List<String> unfolded(List<String> given) {
    List<String> files = new ArrayList<>();
    for (String file : given) {
      Path path = Path.of(file);
      if (file.equals("-") || !Files.isDirectory(path)) {
        files.add(file);
        continue;
      }
      try (Stream<Path> inside = Files.list(path)) {
        inside
            .map(Path::toString)
            .filter(f -> f.matches(".*\\.(yaml|yml|json)"))
            .sorted()
            .forEach(files::add);
      } catch (IOException e) {
        throw new CliException(CliException.NO, file + " cannot be read: " + e);
      }
    }
    return files;
  }

  @Command(
      name = "apply",
      description = {
        "Make the cluster hold these manifests.",
        "If any of them is wrong, nothing is applied. They go in together, all or none, if they"
            + " have at most 52 KiB in all; else part by part in the order given. One manifest has"
            + " at most 48 KiB.",
        "Flows that exist already go on when a new policy forbids them; new ones do not begin."
      })
  static final class Apply implements Callable<Integer> {
    @ParentCommand
    Catwalk catwalk;

    @Option(
        names = "-f",
        required = true,
        paramLabel = "FILE",
        description = "manifests: a file, a folder of them, or - for stdin; may be repeated")
    List<String> files;

    @Mixin
    Patience patience;

    @Override
    public Integer call() {
      return patience.ask(catwalk, "apply", Collections.emptySortedMap(), files);
    }
  }

  @Command(name = "get", description = "The manifests that the cluster holds.")
  static final class Get implements Callable<Integer> {
    @ParentCommand
    Catwalk catwalk;

    @Parameters(index = "0", arity = "0..1", paramLabel = "KIND", description = "this kind only")
    @Nullable
    String kind;

    @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "this one only")
    @Nullable
    String name;

    @Option(
        names = {"-n", "--namespace"},
        paramLabel = "NAMESPACE",
        description = "this namespace only")
    @Nullable
    String namespace;

    @Override
    public Integer call() {
      return AgentClient.ask(
          catwalk, "get", selected(kind, name, namespace), Collections.emptyMap());
    }
  }

  @Command(name = "delete", description = "Take manifests out of the cluster.")
  static final class Delete implements Callable<Integer> {
    @ParentCommand
    Catwalk catwalk;

    @Parameters(index = "0", arity = "0..1", paramLabel = "KIND", description = "its kind")
    @Nullable
    String kind;

    @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "its name")
    @Nullable
    String name;

    @Option(
        names = {"-n", "--namespace"},
        paramLabel = "NAMESPACE",
        description = "its namespace, else default")
    @Nullable
    String namespace;

    @Option(names = "-f", paramLabel = "FILE", description = "what this manifest holds; - is stdin")
    List<String> files = List.of();

    @Mixin
    Patience patience;

    @Override
    public Integer call() {
      if (files.isEmpty() == (name == null)) {
        throw new CliException(CliException.USAGE, "delete wants KIND NAME, or -f FILE");
      }
      return patience.ask(catwalk, "delete", selected(kind, name, namespace), files);
    }
  }

  private static SortedMap<String, String> selected(
      @Nullable String kind, @Nullable String name, @Nullable String namespace) {
    SortedMap<String, String> arguments = new TreeMap<>();
    if (kind != null) {
      arguments.put("kind", kind);
    }
    if (name != null) {
      arguments.put("name", name);
    }
    if (namespace != null) {
      arguments.put("namespace", namespace);
    }
    return arguments;
  }
}
