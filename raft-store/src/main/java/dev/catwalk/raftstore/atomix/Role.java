package dev.catwalk.raftstore.atomix;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a node that may be chosen to vote is since it was first chosen, or left: kept beside its log.
 * Before that it is what its configuration says.
 *
 * @param member whether it is a member; else a client
 * @param addresses name → host:port: of a member, with whom it came in, itself included; of a client,
 *     whom it asks first
 */
record Role(boolean member, SortedMap<String, String> addresses) {
  private static final String FORMAT = "catwalk-role 1";
  private static final String MEMBER = "member";
  private static final String CLIENT = "client";

  /** What a member keeps, in the order in which it is removed. */
  private static final List<String> OF_A_MEMBER =
      List.of("log", "mark", "founders", "origin", "standing");

  Role {
    addresses = Collections.unmodifiableSortedMap(new TreeMap<>(addresses));
  }

  private static Path file(Path dataDir) {
    return dataDir.resolve("role");
  }

  /**
   * The one of a directory; null if it has none.
   *
   * @throws IOException if it cannot be read
   */
  static @Nullable Role read(Path dataDir) throws IOException {
    Path file = file(dataDir);
    if (!Files.exists(file)) {
      return null;
    }
    String[] lines = Files.readString(file).split("\n", -1);
    TreeMap<String, String> addresses = new TreeMap<>();
    for (int i = 2; i < lines.length - 1; i++) {
      int space = lines[i].indexOf(' ');
      if (space > 0) {
        addresses.put(lines[i].substring(space + 1), lines[i].substring(0, space));
      }
    }
    boolean member = lines.length > 1 && lines[1].equals(MEMBER);
    if (!lines[0].equals(FORMAT)
        || addresses.isEmpty()
        || addresses.size() != lines.length - 3
        || !member && !lines[1].equals(CLIENT)) {
      throw new IOException(file + " is damaged: while the other members run, remove its directory"
          + " and start this node again");
    }
    return new Role(member, addresses);
  }

  void write(Path dataDir) throws IOException {
    StringBuilder out = new StringBuilder(FORMAT).append('\n');
    out.append(member ? MEMBER : CLIENT).append('\n');
    addresses.forEach((name, at) -> out.append(at).append(' ').append(name).append('\n'));
    Files.createDirectories(dataDir);
    DataDir.writeDurably(file(dataDir), out.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Whether the directory is one of a member that was let in, and so may have voted. */
  static boolean votedHere(Path dataDir) throws IOException {
    Path standing = dataDir.resolve("standing");
    return Files.exists(standing)
        && Standing.parse(Files.readString(standing)).phase() == Standing.Phase.MEMBER;
  }

  /** Removes what a member had that is one no longer. What it says of itself goes last. */
  static void forgetMember(Path dataDir) throws IOException {
    for (String part : OF_A_MEMBER) {
      Path path = dataDir.resolve(part);
      if (Files.exists(path)) {
        try (Stream<Path> all = Files.walk(path)) {
          for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(file);
          }
        }
      }
    }
    if (Files.exists(dataDir)) {
      DataDir.syncDirectory(dataDir);
    }
  }
}
