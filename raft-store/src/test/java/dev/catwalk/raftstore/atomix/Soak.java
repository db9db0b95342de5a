package dev.catwalk.raftstore.atomix;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The soak: three processes with small log segments, a load that compacts many times, an idle
 * stretch, a few writes, kill -9 of all, restart. Nothing that was acknowledged may be missing and
 * all must be at one revision with one state hash. Run by hand:
 *
 * <pre>java -cp CLASSPATH dev.catwalk.raftstore.atomix.Soak ROUNDS IDLE_SECONDS</pre>
 */
final class Soak {
  private static final int LOAD = 10_000;
  private static final int AFTER_IDLE = 400;
  private static final int FIRST_PORT = 17420;

  private final Path directory;
  private final TreeMap<String, Member> members = new TreeMap<>();

  private final class Member {
    private final String name;
    private Process process;
    private BufferedReader answers;
    private Writer commands;

    Member(String name) {
      this.name = name;
    }

    void start() throws IOException {
      List<String> command = new ArrayList<>(List.of(
          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "-Xmx192m",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-ea",
          "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
          "-cp",
          System.getProperty("java.class.path"),
          SoakMember.class.getName(),
          name,
          directory.resolve(name).toString()));
      for (int i = 1; i <= 3; i++) {
        command.add("n" + i + "=127.0.1." + i + ":" + (FIRST_PORT + i));
      }
      process = new ProcessBuilder(command)
          .redirectError(
              ProcessBuilder.Redirect.appendTo(directory.resolve(name + ".log").toFile()))
          .start();
      answers = process.inputReader(UTF_8);
      commands = process.outputWriter(UTF_8);
    }

    String ask(String command) {
      try {
        commands.write(command + "\n");
        commands.flush();
        String answer = answers.readLine();
        if (answer == null) {
          throw new AssertionError(name + " has ended: " + lastWords());
        }
        return answer;
      } catch (IOException e) {
        throw new AssertionError(name + " has ended: " + lastWords(), e);
      }
    }

    private String lastWords() {
      try {
        List<String> lines = Files.readAllLines(directory.resolve(name + ".log"));
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
      } catch (IOException e) {
        return e.toString();
      }
    }

    void kill() {
      if (process != null) {
        process.destroyForcibly().onExit().join();
      }
    }

    long snapshots() throws IOException {
      try (Stream<Path> files = Files.list(directory.resolve(name).resolve("log"))) {
        return files.filter(file -> file.toString().contains("snapshot-")).count();
      }
    }

    /** The number of the first log file; above 1 the log has been shrunk. */
    long firstSegment() throws IOException {
      try (Stream<Path> files = Files.list(directory.resolve(name).resolve("log"))) {
        return files
            .map(file -> file.getFileName().toString())
            .filter(file -> file.startsWith("raft-") && file.endsWith(".log"))
            .mapToLong(file -> Long.parseLong(file.substring(5, file.length() - 4)))
            .min()
            .orElse(0);
      }
    }
  }

  private Soak(Path directory) {
    this.directory = directory;
    for (String name : List.of("n1", "n2", "n3")) {
      members.put(name, new Member(name));
    }
  }

  /**
   * One round in an empty directory.
   *
   * @return what was seen
   * @throws AssertionError if anything is lost or differs
   */
  static String round(Path directory, long idleSeconds) throws Exception {
    Soak soak = new Soak(directory);
    try {
      return soak.run(idleSeconds);
    } finally {
      soak.members.values().forEach(Member::kill);
    }
  }

  private String run(long idleSeconds) throws Exception {
    long begin = System.nanoTime();
    startAll();
    write(LOAD / 2, "load/");
    write(LOAD - LOAD / 2, "more/");
    String loaded = agree(LOAD);
    long compacted = 0;
    for (Member member : members.values()) {
      if (member.snapshots() < 2 || member.firstSegment() < 2) {
        throw new AssertionError("the load did not compact the log of " + member.name);
      }
      compacted += member.firstSegment() - 1;
    }
    pause(idleSeconds);
    write(AFTER_IDLE, "idle/");
    String before = agree(LOAD + AFTER_IDLE);
    members.values().forEach(Member::kill);
    startAll();
    String after = agree(LOAD + AFTER_IDLE);
    if (!after.equals(before)) {
      throw new AssertionError("before the kill " + before + ", after it " + after);
    }
    for (Member member : members.values()) {
      expect(member, "load/", LOAD / 2);
      expect(member, "more/", LOAD - LOAD / 2);
      expect(member, "idle/", AFTER_IDLE);
    }
    write(100, "last/");
    String last = agree(LOAD + AFTER_IDLE + 100);
    return "loaded " + loaded + ", after kill -9 of all " + after + ", then " + last + ", "
        + compacted + " segments compacted, " + (System.nanoTime() - begin) / 1_000_000_000 + " s";
  }

  private void startAll() throws IOException {
    for (Member member : members.values()) {
      member.start();
    }
  }

  /** Writes from all members at once and insists on every acknowledgement. */
  private void write(int count, String prefix) {
    List<CompletableFuture<Integer>> writers = new ArrayList<>();
    int share = count / members.size();
    for (Member member : members.values()) {
      boolean first = member.name.equals("n1");
      int mine = first ? count - share * (members.size() - 1) : share;
      writers.add(CompletableFuture.supplyAsync(
          () -> Integer.parseInt(member.ask("write " + mine + " " + prefix + member.name + "/"))));
    }
    int acknowledged = writers.stream().mapToInt(CompletableFuture::join).sum();
    if (acknowledged != count) {
      throw new AssertionError(acknowledged + " of " + count + " writes were acknowledged");
    }
  }

  private static void expect(Member member, String prefix, int count) {
    Cluster.await(
        member.name + " to hold " + count + " of " + prefix,
        () -> member.ask("count " + prefix).equals(String.valueOf(count)));
  }

  /** Waits until all members are at this revision and returns it with the hash they agree on. */
  private String agree(long revision) {
    TreeMap<String, String> seen = new TreeMap<>();
    try {
      Cluster.await("agreement", () -> {
        for (Member member : members.values()) {
          String[] words = member.ask("status").split(" ");
          seen.put(member.name, words[0] + " " + words[1]);
        }
        return seen.values().stream().distinct().count() == 1
            && seen.firstEntry().getValue().startsWith(revision + " ");
      });
    } catch (AssertionError e) {
      throw new AssertionError("no agreement at revision " + revision + ": " + seen, e);
    }
    return seen.firstEntry().getValue();
  }

  private static void pause(long seconds) throws InterruptedException {
    TimeUnit.SECONDS.sleep(seconds); // The idle stretch is what is tested.
  }

  static void deleteTree(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> {
        try {
          Files.delete(file);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    }
  }

  /** Arguments: rounds, idle seconds. Ends with status 1 after the first bad round, files kept. */
  public static void main(String[] args) throws Exception {
    int rounds = Integer.parseInt(args[0]);
    for (int round = 1; round <= rounds; round++) {
      Path directory = Files.createTempDirectory("cw-soak-");
      try {
        System.out.println("round " + round + " of " + rounds + ": "
            + round(directory, Long.parseLong(args[1])) + ": ok");
        deleteTree(directory);
      } catch (AssertionError e) {
        System.out.println("round " + round + " of " + rounds + ": FAILED, see " + directory);
        e.printStackTrace();
        System.exit(1);
      }
    }
  }
}
