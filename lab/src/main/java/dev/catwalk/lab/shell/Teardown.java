package dev.catwalk.lab.shell;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Takes a lab away, whole or half dead: its processes by their mark and by their namespaces, then
 * the namespaces with all links in them, mounts and files. Finds them on the machine, not in notes,
 * so that it does not matter who was killed when.
 */
public final class Teardown {
  private static final Path FRR_SCRATCH = Path.of("/var/tmp/frr");
  private static final int DEAD_WITHIN_MS = 5_000;

  private Teardown() {}

  /** What is still there of a lab, a line each. */
  public static List<String> leftovers(Site site) throws LabException {
    List<String> left = new ArrayList<>();
    namespaces(site).forEach(n -> left.add("namespace " + n));
    processes(site)
        .forEach(
            p -> left.add("process " + p.pid() + " " + p.info().commandLine().orElse("")));
    mounts(site).forEach(m -> left.add("mount " + m));
    if (Files.exists(site.state())) {
      left.add("folder " + site.state());
    }
    return left;
  }

  /** The files last: they hold the lock under which this runs. */
  public static void remove(Site site) throws LabException {
    boolean dead = Exec.await(DEAD_WITHIN_MS, () -> {
      List<ProcessHandle> alive = processes(site);
      alive.forEach(ProcessHandle::destroyForcibly);
      return alive.isEmpty();
    });
    if (!dead) {
      throw new LabException("processes of the lab do not die: " + processes(site));
    }
    for (String netns : namespaces(site)) {
      Exec.must(List.of("ip", "netns", "delete", netns));
    }
    for (String mount : mounts(site)) {
      Exec.must(List.of("umount", "-l", mount));
    }
    for (Path scratch : frrScratch(site)) {
      delete(scratch);
    }
    delete(site.state());
    Path parent = site.state().getParent();
    try (Stream<Path> others = Files.list(parent)) {
      if (others.findAny().isEmpty()) {
        Files.delete(parent);
      }
    } catch (IOException e) {
      // Somebody else put something there meanwhile: then it is theirs.
    }
  }

  /** What FRR's daemons keep outside of their folder, and leave when they are killed. */
  private static List<Path> frrScratch(Site site) throws LabException {
    if (!Files.exists(site.state())) {
      return List.of();
    }
    List<Path> scratch = new ArrayList<>();
    try (Stream<Path> files = Files.find(
        site.state(), 2, (file, attributes) -> file.toString().matches(".*/(zebra|bgpd)\\.pid"))) {
      for (Path file : files.toList()) {
        String daemon = file.getFileName().toString().replace(".pid", "");
        scratch.add(FRR_SCRATCH.resolve(daemon + "." + Files.readString(file).strip()));
      }
      return scratch;
    } catch (IOException e) {
      throw new LabException("cannot read the pid files below " + site.state() + ": " + e, e);
    }
  }

  private static List<String> namespaces(Site site) throws LabException {
    return Exec.must(List.of("ip", "netns", "list"))
        .lines()
        .map(line -> line.split(" ")[0])
        .filter(site::owns)
        .toList();
  }

  private static List<ProcessHandle> processes(Site site) throws LabException {
    TreeSet<Long> pids = new TreeSet<>();
    byte[] mark = (Site.MARK + "=" + site.state() + "\0").getBytes(StandardCharsets.UTF_8);
    String text = new String(mark, StandardCharsets.ISO_8859_1);
    try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
      all.filter(p -> ("\0" + environment(p)).contains("\0" + text))
          .forEach(p -> pids.add(p.pid()));
    }
    for (String netns : namespaces(site)) {
      Exec.must(List.of("ip", "netns", "pids", netns))
          .lines()
          .map(Long::valueOf)
          .forEach(pids::add);
    }
    pids.remove(ProcessHandle.current().pid());
    return pids.stream().map(ProcessHandle::of).flatMap(Optional::stream).toList();
  }

  private static String environment(ProcessHandle process) {
    try {
      byte[] bytes = Files.readAllBytes(Path.of("/proc/" + process.pid() + "/environ"));
      return new String(bytes, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // It has just ended, or is the kernel's.
    }
  }

  /** Deepest first. */
  private static List<String> mounts(Site site) throws LabException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/mounts"))) {
      return lines
          .map(line -> line.split(" ")[1])
          .filter(at -> Path.of(at).startsWith(site.state()))
          .sorted(Comparator.reverseOrder())
          .toList();
    } catch (IOException e) {
      throw new LabException("cannot read the mounts: " + e, e);
    }
  }

  private static void delete(Path folder) throws LabException {
    if (!Files.exists(folder)) {
      return;
    }
    try {
      Files.walkFileTree(folder, new SimpleFileVisitor<>() {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
            throws IOException {
          Files.delete(file);
          return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path at, @Nullable IOException problem)
            throws IOException {
          Files.delete(at);
          return FileVisitResult.CONTINUE;
        }
      });
    } catch (IOException e) {
      throw new LabException("cannot remove " + folder + ": " + e, e);
    }
  }
}
