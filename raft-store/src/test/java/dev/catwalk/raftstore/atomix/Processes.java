package dev.catwalk.raftstore.atomix;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.catwalk.raftstore.pki.ClusterPki;
import dev.catwalk.raftstore.pki.Identity;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/** Three members, each a process of its own with its own loopback address and certificate. */
final class Processes implements AutoCloseable {
  final TreeMap<String, Member> members = new TreeMap<>();
  private final Path directory;
  private final TreeMap<String, String> addresses = new TreeMap<>();
  private int written;
  private int failed;

  Processes(Path directory) throws IOException {
    this.directory = directory;
    ClusterPki pki = ClusterPki.create(directory.resolve("pki"), SoakMember.VALIDITY);
    for (int i = 1; i <= 3; i++) {
      addresses.put("n" + i, "127.0.1." + i + ":" + Cluster.freePort());
      members.put("n" + i, new Member("n" + i));
      pki.issue(new Identity(SoakMember.CLUSTER, "n" + i), SoakMember.VALIDITY);
    }
  }

  /** One process. */
  final class Member {
    final String name;
    private Process process;
    private BufferedReader answers;
    private Writer commands;

    private Member(String name) {
      this.name = name;
    }

    void start() throws IOException {
      List<String> command = new ArrayList<>(List.of(
          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "-Xmx192m",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:-UsePerfData", // Its warnings would stand among the answers.
          "-ea",
          "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
          "-Dorg.slf4j.simpleLogger.showDateTime=true",
          "-cp",
          System.getProperty("java.class.path"),
          SoakMember.class.getName(),
          name,
          directory.resolve(name).toString(),
          directory.resolve("pki").toString()));
      addresses.forEach((member, address) -> command.add(member + "=" + address));
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

    /** Whether it sees a majority. */
    boolean quorum() {
      return ask("status").endsWith(" true");
    }

    /** How far it has applied. */
    long revision() {
      return Long.parseLong(ask("status").split(" ")[0]);
    }

    /** Whether it leads. */
    boolean leads() {
      return ask("status").contains(" LEADER ");
    }

    private String lastWords() {
      try {
        List<String> lines = Files.readAllLines(directory.resolve(name + ".log"));
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
      } catch (IOException e) {
        return e.toString();
      }
    }

    /** kill -9. */
    void kill() {
      if (process != null) {
        process.destroyForcibly().onExit().join();
      }
    }

    /** Stops it where it is, or lets it go on. */
    void signal(String signal) throws IOException {
      Process kill =
          new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid())).start();
      if (kill.onExit().join().exitValue() != 0) {
        throw new IOException("cannot send " + signal + " to " + name);
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

  void startAll() throws IOException {
    for (Member member : members.values()) {
      member.start();
    }
  }

  /** Waits until all see the same leader's majority. */
  void awaitQuorum() {
    Cluster.await(
        "a leader that all know", () -> members.values().stream().allMatch(Member::quorum));
  }

  Member leader() {
    awaitQuorum();
    return members.values().stream().filter(Member::leads).findFirst().orElseThrow();
  }

  /** Writes from these members at once, each until it is acknowledged. */
  void write(int count, String prefix, List<Member> writers) {
    List<CompletableFuture<String>> answers = new ArrayList<>();
    Executor threads = command -> Thread.ofVirtual().start(command);
    int share = count / writers.size();
    for (Member member : writers) {
      int mine = member == writers.getFirst() ? count - share * (writers.size() - 1) : share;
      answers.add(CompletableFuture.supplyAsync(
          () -> member.ask("write " + mine + " " + prefix + member.name + "/"), threads));
    }
    written += count;
    for (CompletableFuture<String> answer : answers) {
      failed += Integer.parseInt(answer.join().split(" ")[1]);
    }
  }

  /** Insists that every member has so many right values below the prefix. */
  void expect(String prefix, int count) {
    for (Member member : members.values()) {
      Cluster.await(
          member.name + " to hold " + count + " of " + prefix,
          () -> member.ask("count " + prefix).equals(String.valueOf(count)));
    }
  }

  /**
   * Waits until all members are at one revision with one hash, and returns both. The revision is the
   * number of writes; an attempt that failed may have been applied all the same.
   */
  String agree() {
    TreeMap<String, String> seen = new TreeMap<>();
    try {
      Cluster.await("agreement", () -> {
        for (Member member : members.values()) {
          String[] words = member.ask("status").split(" ");
          seen.put(member.name, words[0] + " " + words[1]);
        }
        String first = seen.firstEntry().getValue();
        long revision = Long.parseLong(first.split(" ")[0]);
        return seen.values().stream().distinct().count() == 1
            && revision >= written
            && revision <= written + failed;
      });
    } catch (AssertionError e) {
      StringBuilder words = new StringBuilder("no agreement: " + tally() + "; now " + seen);
      members
          .values()
          .forEach(member ->
              words.append("\n").append(member.name).append(" said:\n").append(member.lastWords()));
      throw new AssertionError(words.toString(), e);
    }
    return seen.firstEntry().getValue();
  }

  /** What was written so far. */
  String tally() {
    return written + " acknowledged after " + failed + " failed attempts";
  }

  @Override
  public void close() {
    members.values().forEach(Member::kill);
  }
}
