package dev.catwalk.lab.bgp;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;

/** The near end of a {@link SpeakerProcess}. */
final class Remote {
  private final Process process;
  private final ConcurrentSkipListMap<String, String> selected = new ConcurrentSkipListMap<>();
  private final List<String> removals = new CopyOnWriteArrayList<>();
  private final Set<String> own = new ConcurrentSkipListSet<>();
  private volatile String lastAnswer = "";
  private volatile boolean converged;

  Remote(Netns netns, String name, Path config, Path log, String... arguments) {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-ea",
        "-Xmx256m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
        SpeakerProcess.class.getName(),
        config.toString()));
    command.addAll(List.of(arguments));
    process = netns.start(name, log, command.toArray(String[]::new));
    Thread.ofVirtual().start(this::read);
  }

  private void read() {
    try (BufferedReader lines = new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ");
        if (words[0].equals("CONVERGED")) {
          converged = true;
        } else if (!words[0].equals("CHANGE")) {
          lastAnswer = line;
        } else if (words.length == 2) {
          selected.remove(words[1]);
          removals.add(words[1]);
        } else {
          selected.put(words[1], words[2]);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Prefix to next hops, as last told. */
  TreeMap<String, String> selected() {
    TreeMap<String, String> now = new TreeMap<>();
    selected.forEach(now::put); // a copy made at once counts them first, while they come and go
    return now;
  }

  /** Whether it has a route there, while others come and go. */
  boolean holds(String prefix) {
    return selected.containsKey(prefix);
  }

  /** Without what it originates itself. */
  TreeMap<String, String> learned() {
    TreeMap<String, String> learned = selected();
    learned.keySet().removeAll(own);
    return learned;
  }

  /** Which prefixes were ever gone, in order. */
  List<String> removals() {
    return List.copyOf(removals);
  }

  /** Whether its start is over. */
  boolean hasConverged() {
    return converged;
  }

  /** kill -9. */
  void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** Says the line once. */
  boolean answersNow(String line, String answer) {
    lastAnswer = "";
    say(line);
    Netns.within(5, () -> !lastAnswer.isEmpty());
    return lastAnswer.equals(answer);
  }

  /** What it answers. */
  String ask(String line) {
    answersNow(line, "");
    return lastAnswer;
  }

  void say(String line) {
    if (line.startsWith("originate ")) {
      own.addAll(List.of(line.split(" ")).subList(1, line.split(" ").length));
    }
    try {
      process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Says the line until the answer is that. */
  boolean answers(String line, String answer) {
    return Netns.within(20, () -> {
      say(line);
      return Netns.within(1, () -> lastAnswer.equals(answer));
    });
  }
}
