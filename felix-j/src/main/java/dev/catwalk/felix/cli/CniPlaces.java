package dev.catwalk.felix.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;

/**
 * The two files by which container runtimes find the plugin. Each is there as a whole or not at
 * all; what somebody else has put in its place is not touched unless that is asked for.
 *
 * @param plugin the CNI client
 * @param list the network list that names it
 */
record CniPlaces(Path plugin, Path list) {
  /** What happened to a file. */
  enum Done {
    PLACED,
    /** It was there as it shall be. */
    UNCHANGED,
    /** It is ours, but somebody has changed it. */
    KEPT,
    REMOVED,
    ABSENT
  }

  /**
   * In every build of the client, so that it is known for ours. A NUL follows, and {@value
   * #SOCKET_ROOM} bytes for the agent's socket, a NUL at the end included: see catwalk-cni.c.
   */
  static final String MARK = "catwalk-cni-client";

  private static final int SOCKET_ROOM = 108;

  private static final int MAX_CLIENT = 16 * 1024 * 1024;
  private static final int MAX_LIST = 1024 * 1024;
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Asks for both places to be free or ours, before anything is changed.
   *
   * @throws CliException naming the file that is not
   */
  void requireOurs() throws IOException {
    if (Files.exists(plugin) && !isOurPlugin()) {
      throw foreign(plugin);
    }
    if (Files.exists(list) && !isOurList()) {
      throw foreign(list);
    }
  }

  /**
   * The client, told which agent to ask: runtimes call it in environments of their own.
   *
   * @param client as it was built; not changed
   * @throws CliException if the path is longer than a socket's can be
   */
  static byte[] asking(byte[] client, Path socket) {
    byte[] path = socket.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8);
    if (path.length >= SOCKET_ROOM) {
      throw new CliException(
          CliException.USAGE,
          socket + ": a socket's path has at most " + (SOCKET_ROOM - 1) + " bytes");
    }
    int at =
        new String(client, StandardCharsets.ISO_8859_1).indexOf(MARK + '\0') + MARK.length() + 1;
    byte[] asking = client.clone();
    System.arraycopy(Arrays.copyOf(path, SOCKET_ROOM), 0, asking, at, SOCKET_ROOM);
    return asking;
  }

  /** Puts the client there. */
  Done placePlugin(byte[] client) throws IOException {
    return Files.exists(plugin) && Arrays.equals(read(plugin, MAX_CLIENT), client)
        ? Done.UNCHANGED
        : place(plugin, client, "rwxr-xr-x");
  }

  /** Puts the list there; one that is there and differs is kept, unless {@code force}. */
  Done placeList(String content, boolean force) throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    if (Files.exists(list)) {
      if (Arrays.equals(read(list, MAX_LIST), bytes)) {
        return Done.UNCHANGED;
      }
      if (!force) {
        return Done.KEPT;
      }
    }
    return place(list, bytes, "rw-r--r--");
  }

  Done removeList() throws IOException {
    return Files.deleteIfExists(list) ? Done.REMOVED : Done.ABSENT;
  }

  Done removePlugin() throws IOException {
    return Files.deleteIfExists(plugin) ? Done.REMOVED : Done.ABSENT;
  }

  private static CliException foreign(Path file) {
    return new CliException(
        CliException.NO,
        file + " is there and is not Catwalk's: move it away, or give --force to do so anyway");
  }

  private boolean isOurPlugin() throws IOException {
    return new String(read(plugin, MAX_CLIENT), StandardCharsets.ISO_8859_1).contains(MARK);
  }

  /** Whether a plugin of the list is the client. */
  private boolean isOurList() throws IOException {
    try {
      JsonNode root = JSON.readTree(read(list, MAX_LIST));
      for (JsonNode one : root.path("plugins")) {
        if (one.path("type").asText("").equals(plugin.getFileName().toString())) {
          return true;
        }
      }
      return false;
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  /** At most that much of a regular file; of anything else, nothing. */
  private static byte[] read(Path file, int atMost) throws IOException {
    if (!Files.isRegularFile(file)) {
      return new byte[0];
    }
    try (var in = Files.newInputStream(file)) {
      return in.readNBytes(atMost);
    }
  }

  private static Done place(Path file, byte[] content, String mode) throws IOException {
    Files.createDirectories(file.getParent());
    Path fresh = file.resolveSibling(file.getFileName() + "~new");
    try {
      Files.write(fresh, content);
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString(mode));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
    return Done.PLACED;
  }
}
