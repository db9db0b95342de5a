package dev.catwalk.felix.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** The verbs that bring manifests to the cluster and back. */
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated with @ParentCommand.
final class ManifestVerbs {
  private static final int MAX_FILE = 4 * 1024 * 1024;

  private ManifestVerbs() {}

  /** Name to content; {@code -} is stdin. */
  static Map<String, String> read(List<String> files) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (String file : files) {
      try (InputStream in = file.equals("-") ? System.in : Files.newInputStream(Path.of(file))) {
        byte[] bytes = in.readNBytes(MAX_FILE + 1);
        if (bytes.length > MAX_FILE) {
          throw new CliException(
              CliException.NO, file + " is larger than " + MAX_FILE + " bytes: split it");
        }
        texts.put(file.equals("-") ? "stdin" : file, new String(bytes, StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new CliException(CliException.NO, file + " cannot be read: " + e);
      }
    }
    return texts;
  }

  @Command(name = "apply", description = "Make the cluster hold these manifests, all or none.")
  static final class Apply implements Callable<Integer> {
    @ParentCommand
    Catwalk catwalk;

    @Option(
        names = "-f",
        required = true,
        paramLabel = "FILE",
        description = "a manifest; - is stdin")
    List<String> files;

    @Override
    public Integer call() {
      return AgentClient.ask(catwalk, "apply", Collections.emptyMap(), read(files));
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

    @Option(names = "-n", paramLabel = "NAMESPACE", description = "this namespace only")
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

    @Option(names = "-n", paramLabel = "NAMESPACE", description = "its namespace, else default")
    @Nullable
    String namespace;

    @Option(names = "-f", paramLabel = "FILE", description = "what this manifest holds; - is stdin")
    List<String> files = List.of();

    @Override
    public Integer call() {
      if (files.isEmpty() == (name == null)) {
        throw new CliException(CliException.USAGE, "delete wants KIND NAME, or -f FILE");
      }
      return AgentClient.ask(catwalk, "delete", selected(kind, name, namespace), read(files));
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
