package dev.catwalk.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.felix.cli.Completion;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What shells complete after {@code lab} are its verbs, and the one that the launcher adds. */
class CompletionTest {
  @Test
  void everyVerbIsCompletedAndNoOther() {
    TreeSet<String> lab =
        new TreeSet<>(new CommandLine(Lab.class).getSubcommands().keySet());
    lab.add("shell");
    assertEquals(lab, new TreeSet<>(Completion.LAB));
    Set<String> bench = new CommandLine(Bench.class).getSubcommands().keySet();
    assertEquals(new TreeSet<>(bench), new TreeSet<>(Completion.LAB_BENCH));
  }
}
