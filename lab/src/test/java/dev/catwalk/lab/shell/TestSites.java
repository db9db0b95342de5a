package dev.catwalk.lab.shell;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Sites of tests, beside the user's lab: each names the process that made it. */
public final class TestSites {
  private static final Pattern STATE = Pattern.compile("lab-t([a-z]+)([0-9]+)");

  private TestSites() {}

  /**
   * A new one. Skips the test where no lab can be built, and removes what a killed test left.
   *
   * @param word small letters
   */
  public static Site make(String word) throws LabException, IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root for network namespaces");
    for (String program :
        List.of("/usr/sbin/bird", "/usr/lib/frr/bgpd", "/usr/bin/gcc", "/usr/sbin/ipset")) {
      assumeTrue(Files.isExecutable(Path.of(program)), "needs " + program);
    }
    Site site = Site.test(word + ProcessHandle.current().pid());
    Path parent = site.state().resolveSibling("");
    if (Files.isDirectory(parent)) {
      try (Stream<Path> siblings = Files.list(parent)) {
        for (Path path : siblings.toList()) {
          removeIfStale(path);
        }
      }
    }
    return site;
  }

  private static void removeIfStale(Path state) throws LabException {
    Matcher m = STATE.matcher(state.getFileName().toString());
    if (m.matches() && ProcessHandle.of(Long.parseLong(m.group(2))).isEmpty()) {
      Teardown.remove(Site.test(m.group(1) + m.group(2)));
    }
  }
}
