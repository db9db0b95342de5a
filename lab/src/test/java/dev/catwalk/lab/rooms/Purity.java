package dev.catwalk.lab.rooms;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What a pure room may not name, each with the reason that a reader of the failure needs. */
final class Purity {

  private record Rule(Pattern forbidden, String why) {}

  private static final List<Rule> CLASSES = List.of(
      rule("java\\.lang\\.(Thread|ThreadLocal|Process|ProcessBuilder|Runtime).*", "effects"),
      rule("java\\.util\\.concurrent\\.(?!TimeUnit$).*", "threads"),
      rule("java\\.net\\.(?!URI$).*", "sockets and name look-ups"),
      rule("java\\.nio\\.(file|channels)\\..*", "files and channels"),
      rule("java\\.io\\.(File|RandomAccessFile|Console).*", "files"),
      rule("java\\.time\\.Clock", "a clock"),
      rule("java\\.util\\.(Random|Timer|TimerTask)", "chance and time"),
      rule("java\\.util\\.random\\..*", "chance"),
      rule("java\\.security\\.SecureRandom", "chance"),
      rule("io\\.netty\\.channel\\..*", "channels"),
      rule("io\\.atomix\\..*", "the engine"),
      rule("jnr\\..*", "native calls"));

  private static final List<Rule> MEMBERS = List.of(
      rule("java\\.time\\.\\w+\\.now", "a clock"),
      rule("java\\.lang\\.System\\.(currentTimeMillis|nanoTime|getenv|exit)", "the outside"),
      rule("java\\.lang\\.Math\\.random", "chance"),
      rule("java\\.util\\.UUID\\.randomUUID", "chance"),
      rule(
          "java\\.util\\.(Set|Map)\\.(of|ofEntries|copyOf)",
          "an order that differs from one JVM start to the next; use TreeMap, List"),
      rule("java\\.util\\.HashSet\\.<init>", "hash order; use TreeSet, or a HashMap's keys"),
      rule(
          "java\\.util\\.stream\\.Collectors\\.(toSet|toUnmodifiableSet|toUnmodifiableMap)",
          "hash order; collect into a TreeSet or TreeMap"));

  private static final Pattern MAKES_HASHED =
      Pattern.compile("java\\.util\\.(HashMap|IdentityHashMap)\\.(<init>|newHash\\w+)");
  private static final Pattern ITERATES_UNKNOWN =
      Pattern.compile("java\\.util\\.(Hash|IdentityHash)?Map\\.(entrySet|keySet|values|forEach)");

  private Purity() {}

  /** One sentence for each thing that {@code room} names and may not. */
  static List<String> violations(References room) {
    List<String> found = new ArrayList<>();
    for (Rule rule : CLASSES) {
      for (String named : room.classes()) {
        if (rule.forbidden.matcher(named).matches()) {
          found.add(room.name() + " names " + named + ": " + rule.why);
        }
      }
    }
    for (Rule rule : MEMBERS) {
      for (String named : room.members()) {
        if (rule.forbidden.matcher(named).matches()) {
          found.add(room.name() + " names " + named + ": " + rule.why);
        }
      }
    }
    if (room.members().stream().anyMatch(m -> MAKES_HASHED.matcher(m).matches())) {
      for (String named : room.members()) {
        if (ITERATES_UNKNOWN.matcher(named).matches()) {
          found.add(room.name()
              + " makes a hash table and iterates by "
              + named
              + ": type what it iterates as SortedMap, LinkedHashMap or List");
        }
      }
    }
    return found;
  }

  private static Rule rule(String forbidden, String why) {
    return new Rule(Pattern.compile(forbidden), why);
  }
}
