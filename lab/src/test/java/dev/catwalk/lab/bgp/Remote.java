package dev.catwalk.lab.bgp;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** The near end of a {@link SpeakerProcess}. */
final class Remote {
  private final Process process;
  private final ConcurrentSkipListMap<String, String> selected = new ConcurrentSkipListMap<>();
  private volatile String lastAnswer = "";

  Remote(Netns netns, String name, Path config, Path log) {
    process = netns.start(
        name,
        log,
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-ea",
        "-Xmx256m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
        SpeakerProcess.class.getName(),
        config.toString());
    Thread.ofVirtual().start(this::read);
  }

  private void read() {
    try (BufferedReader lines = new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ");
        if (!words[0].equals("CHANGE")) {
          lastAnswer = line;
        } else if (words.length == 2) {
          selected.remove(words[1]);
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
    return new TreeMap<>(selected);
  }

  void say(String line) {
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
