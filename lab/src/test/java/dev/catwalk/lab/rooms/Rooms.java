package dev.catwalk.lab.rooms;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The table of rooms in {@code docs/architecture.md}: package to kind. */
final class Rooms {

  /** P decides, S acts, T is a test kit; P+S is a package that holds both. */
  enum Kind {
    PURE,
    SHELL,
    TEST_KIT,
    MIXED
  }

  private static final String ROOT = "dev.catwalk.";
  private static final Pattern ROW =
      Pattern.compile("^\\|(( *`[a-z.]+`)+) *\\| *(P|S|T|P\\+S) *\\|.*");
  private static final Pattern NAME = Pattern.compile("`([a-z.]+)`");

  private final TreeMap<String, Kind> kinds;

  private Rooms(TreeMap<String, Kind> kinds) {
    this.kinds = kinds;
  }

  static Rooms read(Path architecture) throws IOException {
    TreeMap<String, Kind> kinds = new TreeMap<>();
    for (String line : Files.readAllLines(architecture)) {
      Matcher row = ROW.matcher(line);
      if (!row.matches()) {
        continue;
      }
      Kind kind = switch (row.group(3)) {
        case "P" -> Kind.PURE;
        case "S" -> Kind.SHELL;
        case "T" -> Kind.TEST_KIT;
        default -> Kind.MIXED;
      };
      Matcher name = NAME.matcher(row.group(1));
      while (name.find()) {
        kinds.put(ROOT + name.group(1), kind);
      }
    }
    return new Rooms(kinds);
  }

  Map<String, Kind> all() {
    return kinds;
  }

  /** The kind of that package; nothing where the table has no row for it. */
  Optional<Kind> kindOf(String packageName) {
    return Optional.ofNullable(kinds.get(packageName));
  }

  /** The repository's root: the nearest parent that holds the change gate. */
  static Path repository() {
    Path at = Path.of("").toAbsolutePath();
    while (at != null && !Files.isDirectory(at.resolve(".ci"))) {
      at = at.getParent();
    }
    if (at == null) {
      throw new IllegalStateException("not inside a checkout: no parent folder holds .ci");
    }
    return at;
  }
}
