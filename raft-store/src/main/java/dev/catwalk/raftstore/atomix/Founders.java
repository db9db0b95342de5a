package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.store.StoreConfig;
import dev.catwalk.raftstore.store.StoreException;
import dev.catwalk.raftstore.store.StoreException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Whom a member began with, kept beside the log: until the first change of members the log does not
 * say who votes, and two lists could each have a majority of its own. What counts are the names; an
 * address is where a member is looked for.
 *
 * @param addresses by name
 */
record Founders(SortedMap<String, String> addresses) {
  private static final String FORMAT = "catwalk-founders 1";

  Founders {
    addresses = Collections.unmodifiableSortedMap(new TreeMap<>(addresses));
  }

  /** Those that the configuration names. */
  static Founders of(StoreConfig config) {
    return new Founders(
        config.members().isEmpty()
            ? new TreeMap<>(Map.of(config.memberName(), ""))
            : config.members());
  }

  /**
   * Those of a directory, with their addresses of now where the configuration names them. As long
   * as the member has not begun, they are what the configuration says.
   *
   * @param standing of the directory before this start
   * @throws IOException if the file cannot be read or written
   */
  static Founders keep(Path file, StoreConfig config, Standing standing) throws IOException {
    Founders ours = of(config);
    Founders kept = ours;
    if (standing.phase() == Standing.Phase.MEMBER) {
      kept = Files.exists(file) ? read(file, Files.readString(file)) : before(standing, ours);
      kept = kept.at(ours.addresses);
    }
    if (!Files.exists(file) || !Files.readString(file).equals(kept.text())) {
      DataDir.writeDurably(file, kept.text().getBytes(StandardCharsets.UTF_8));
    }
    return kept;
  }

  /** Of a directory that was begun before founders were kept. */
  private static Founders before(Standing standing, Founders ours) {
    if (standing.floorIndex() > 0 || standing.roster().isEmpty()) {
      return ours;
    }
    TreeMap<String, String> known = new TreeMap<>();
    standing.roster().keySet().forEach(name -> known.put(name, ""));
    return new Founders(known);
  }

  private Founders at(Map<String, String> newer) {
    TreeMap<String, String> now = new TreeMap<>(addresses);
    now.replaceAll((name, address) -> newer.getOrDefault(name, address));
    return new Founders(now);
  }

  /** Who is in the store before its first change of members. */
  Roster roster() {
    return Roster.founders(addresses);
  }

  /**
   * Before the first change of members: the configuration has to name these.
   *
   * @throws StoreException naming both lists and the remedy
   */
  void check(StoreConfig config) {
    Founders named = of(config);
    if (!named.addresses.keySet().equals(addresses.keySet())) {
      throw new StoreException(
          Kind.CANNOT_OPEN,
          "the store in " + config.dataDir() + " was begun by " + text(addresses.keySet())
              + ", but store.members names " + text(named.addresses.keySet())
              + ": name the first again, and change members while the store works (catwalk store"
              + " member add, remove, replace). To begin another store, perhaps with a backup of"
              + " this one, give this member an empty directory");
    }
  }

  /** Names as complaints have them. */
  static String text(Collection<String> names) {
    return String.join(", ", names);
  }

  private String text() {
    StringBuilder out = new StringBuilder(FORMAT).append('\n');
    addresses.forEach((name, at) -> out.append(at).append(' ').append(name).append('\n'));
    return out.toString();
  }

  private static Founders read(Path file, String text) throws IOException {
    String[] lines = text.split("\n", -1);
    TreeMap<String, String> addresses = new TreeMap<>();
    for (int i = 1; i < lines.length - 1; i++) {
      int space = lines[i].indexOf(' ');
      if (space >= 0) {
        addresses.put(lines[i].substring(space + 1), lines[i].substring(0, space));
      }
    }
    if (!lines[0].equals(FORMAT)
        || addresses.size() != lines.length - 2
        || !lines[lines.length - 1].isEmpty()) {
      throw new IOException(file + " is damaged: while the other members run, remove its directory"
          + " and start this one again");
    }
    return new Founders(addresses);
  }
}
