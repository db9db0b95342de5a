package dev.catwalk.lab.shell;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Where on this machine a lab stands: what its namespaces' names begin with and the one folder that
 * holds its files. Two labs with different sites do not see each other.
 *
 * @param prefix {@code cw-} for the user's lab
 * @param state removed with everything in it when the lab goes
 * @param home the checkout: launcher, topologies, what the build left
 */
public record Site(String prefix, Path state, Path home) {
  /** In the environment of every process of a lab, so that it can be found without its names. */
  static final String MARK = "CATWALK_LAB";

  private static final String PREFIX = "cw-";
  private static final Path STATE = Path.of("/run/catwalk/lab");

  /** What the user's lab may have made, should its folder be lost. */
  private static final Pattern OURS =
      Pattern.compile("cw-(tor[0-9]+|spine|lan|client|node[0-9]+|pod-[a-z0-9.-]+)");

  /** The user's: one on a machine. */
  public static Site user() throws LabException {
    return new Site(PREFIX, STATE, checkout());
  }

  /** One of a test's own, beside the user's. */
  public static Site test(String name) throws LabException {
    return new Site("cw-t" + name + "-", STATE.resolveSibling("lab-t" + name), checkout());
  }

  private static Path checkout() throws LabException {
    String given = System.getProperty("catwalk.home");
    if (given != null) {
      return Path.of(given);
    }
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isExecutable(at.resolve("catwalk")) && Files.exists(at.resolve("lab/topology"))) {
        return at;
      }
    }
    throw new LabException("no checkout of Catwalk is above " + Path.of("").toAbsolutePath()
        + ": run this by its launcher, ./catwalk");
  }

  /** Of a space by its own name. */
  public String netns(String space) {
    return prefix + space;
  }

  /** Of a pod, by its name without namespace. */
  public String podNetns(String pod) {
    return prefix + "pod-" + pod;
  }

  boolean owns(String netns) {
    return prefix.equals(PREFIX) ? OURS.matcher(netns).matches() : netns.startsWith(prefix);
  }

  /** Below it lie a node's files, each at its usual place. */
  public Path root(String node) {
    return state.resolve(node);
  }

  public Path socket(String node) {
    return root(node).resolve("run/catwalk/agent.sock");
  }

  /** A command inside a namespace. */
  List<String> in(String netns, String... command) {
    return in(netns, List.of(command));
  }

  List<String> in(String netns, List<String> command) {
    List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", netns));
    whole.addAll(command);
    return whole;
  }

  Map<String, String> environment() {
    return Map.of(MARK, state.toString());
  }

  /**
   * Starts a process that outlives us, its output at the end of a file.
   *
   * @param environment added to ours
   */
  Process start(Path log, Map<String, String> environment, List<String> command)
      throws LabException {
    List<String> whole = new ArrayList<>(List.of("setsid"));
    whole.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(whole)
        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment());
    builder.environment().putAll(environment);
    try {
      Files.createDirectories(log.getParent());
      return builder.start();
    } catch (IOException e) {
      throw new LabException("cannot run '" + String.join(" ", whole) + "': " + e.getMessage(), e);
    }
  }

  /** Writes a file of the lab, with the folders that it needs. */
  public Path write(Path file, String text) throws LabException {
    try {
      Files.createDirectories(file.getParent());
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new LabException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }
}
