package dev.catwalk.lab.shell;

import dev.catwalk.lab.check.BgpCase;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Plays loads against BGP speakers, in namespaces of its own: lab/tools/bgpblast. */
public final class Blast {
  /** How our speaker is called in the figures. */
  public static final String OURS = "catwalk";

  private final Site site;
  private final Path tool;
  private final @Nullable Path chroot;

  /**
   * Builds the tool.
   *
   * @param chroot where speakers of a later Debian are; null without those
   */
  public Blast(Site site, @Nullable Path chroot) throws LabException {
    this.site = site;
    this.chroot = chroot;
    this.tool = site.home().resolve("lab/tools/bgpblast");
    Exec.must(List.of("make", "-s", "-C", tool.toString()));
  }

  /**
   * Plays one case, by turns against all.
   *
   * @param peers names of speakers that the tool knows
   * @param said is given every line that the tool prints
   * @return the lines of figures
   */
  public List<String> play(
      BgpCase played, List<String> peers, int repetitions, Consumer<String> said)
      throws LabException {
    Path figures = site.state().resolve("bgp-" + played.name() + ".csv");
    List<String> command =
        new ArrayList<>(List.of(tool.resolve("compare.sh").toString(), played.load()));
    command.addAll(played.alone() ? List.of() : peers);
    command.add("cmd:" + OURS + "=" + site.home().resolve("lab/tools/bgp-target.sh"));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(Agents.launcher());
    builder.environment().putAll(played.environment());
    builder.environment().put("REPS", Integer.toString(repetitions));
    builder.environment().put("OUT", figures.toString());
    if (chroot != null) {
      builder.environment().put("CHROOT", chroot.toAbsolutePath().toString());
    }
    try {
      Files.createDirectories(figures.getParent());
      Files.deleteIfExists(figures);
      Process process = builder.start();
      try (BufferedReader lines = process.inputReader()) {
        lines.lines().forEach(said);
      } finally {
        process.destroy(); // its trap removes what it has made
      }
      process.waitFor();
      return Files.exists(figures) ? Files.readAllLines(figures) : List.of();
    } catch (IOException e) {
      throw new LabException("cannot play " + played.name() + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }
}
