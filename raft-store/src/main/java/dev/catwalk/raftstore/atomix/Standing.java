package dev.catwalk.raftstore.atomix;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a member's disk is to its cluster. Kept as text, which is also what members tell each other.
 *
 * <p>Of a fresh directory that was restored, {@code floorTerm} and {@code floorIndex} are revision
 * and entry of the backup: all founders have to begin with the same.
 *
 * @param incarnation drawn by chance when the directory was made
 * @param floorTerm a member that was taken in anew takes no part in terms up to this, since the disk
 *     that it had before may have voted there
 * @param floorIndex nor does it vote before its log reaches this entry: all that its earlier disk
 *     may have acknowledged is at or below it
 * @param roster name → incarnation of the members as far as this one knows
 */
record Standing(
    Phase phase,
    long incarnation,
    long floorTerm,
    long floorIndex,
    SortedMap<String, Long> roster) {
  private static final String FORMAT = "catwalk-standing 1";

  /** How far a directory has come. */
  enum Phase {
    /** Nobody has asked anybody to be taken in; nothing was voted or acknowledged. */
    FRESH,
    /** Asks the others to be taken in, in the place of a disk that is gone. */
    JOINING,
    /** Votes and acknowledges. */
    MEMBER
  }

  Standing {
    roster = Collections.unmodifiableSortedMap(new TreeMap<>(roster));
  }

  static Standing fresh(long incarnation) {
    return new Standing(Phase.FRESH, incarnation, 0, 0, new TreeMap<>());
  }

  /** The same of a directory that a backup was brought into. */
  Standing restored(long revision, long index) {
    return new Standing(phase, incarnation, revision, index, roster);
  }

  Standing joining() {
    return new Standing(Phase.JOINING, incarnation, 0, 0, roster);
  }

  /** A founder, or one that was known to them. */
  Standing member(SortedMap<String, Long> all) {
    return new Standing(Phase.MEMBER, incarnation, 0, 0, all);
  }

  /** One that was taken in anew. */
  Standing member(long term, long index, SortedMap<String, Long> all) {
    return new Standing(Phase.MEMBER, incarnation, term, index, all);
  }

  /** Whether this member may vote, or stand for election, with a log that ends there. */
  boolean caughtUp(long lastIndex) {
    return phase == Phase.MEMBER && lastIndex >= floorIndex;
  }

  String text() {
    StringBuilder out = new StringBuilder(FORMAT)
        .append("\nphase ")
        .append(phase)
        .append("\nincarnation ")
        .append(HexFormat.of().toHexDigits(incarnation))
        .append("\nfloor ")
        .append(floorTerm)
        .append(' ')
        .append(floorIndex)
        .append('\n');
    roster.forEach((name, at) -> out.append("knows ")
        .append(HexFormat.of().toHexDigits(at))
        .append(' ')
        .append(name)
        .append('\n'));
    return out.toString();
  }

  byte[] bytes() {
    return text().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads what {@link #text} wrote.
   *
   * @throws IOException if it is something else
   */
  static Standing parse(String text) throws IOException {
    String[] lines = text.split("\n", -1);
    try {
      if (!lines[0].equals(FORMAT)) {
        throw new IOException("it does not begin with " + FORMAT);
      }
      String[] floor = word(lines[3], "floor").split(" ");
      TreeMap<String, Long> roster = new TreeMap<>();
      for (int i = 4; i < lines.length && !lines[i].isEmpty(); i++) {
        String[] known = word(lines[i], "knows").split(" ", 2);
        roster.put(known[1], HexFormat.fromHexDigitsToLong(known[0]));
      }
      return new Standing(
          Phase.valueOf(word(lines[1], "phase")),
          HexFormat.fromHexDigitsToLong(word(lines[2], "incarnation")),
          Long.parseLong(floor[0]),
          Long.parseLong(floor[1]),
          roster);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IOException("it is damaged: " + e.getMessage(), e);
    }
  }

  private static String word(String line, String key) throws IOException {
    if (!line.startsWith(key + " ")) {
      throw new IOException("\"" + line + "\" stands where " + key + " should");
    }
    return line.substring(key.length() + 1);
  }

  /**
   * The standing of a directory.
   *
   * @param incarnation for a directory that has none
   * @param inUse whether the directory held a log before there were standings
   */
  static Standing load(Path file, long incarnation, boolean inUse) throws IOException {
    if (!Files.exists(file)) {
      Standing standing = inUse ? fresh(incarnation).member(new TreeMap<>()) : fresh(incarnation);
      standing.store(file);
      return standing;
    }
    try {
      return parse(Files.readString(file));
    } catch (IOException e) {
      throw new IOException(
          file + ": " + e.getMessage()
              + ": while the other members run, remove its directory and start this one again",
          e);
    }
  }

  void store(Path file) throws IOException {
    DataDir.writeDurably(file, bytes());
  }
}
