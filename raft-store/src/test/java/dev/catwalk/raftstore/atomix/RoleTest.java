package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node keeps of what it was chosen to be. */
class RoleTest {
  @TempDir
  Path directory;

  @Test
  void whatIsKeptIsReadAgain() throws IOException {
    assertNull(Role.read(directory));
    Role role = new Role(true, new TreeMap<>(Map.of("n1", "n1:1", "n2", "[2001:db8::2]:2")));
    role.write(directory);
    assertEquals(role, Role.read(directory));
    Role client = new Role(false, new TreeMap<>(Map.of("n1", "n1:1")));
    client.write(directory);
    assertEquals(client, Role.read(directory));
    for (String damaged : new String[] {
      "",
      "catwalk-role 1\n",
      "catwalk-role 1\nmember\n",
      "catwalk-role 1\nvoter\nn1:1 n1\n",
      "catwalk-role 2\nmember\nn1:1 n1\n",
      "catwalk-role 1\nmember\nn1:1 n1"
    }) {
      Files.writeString(directory.resolve("role"), damaged);
      String why =
          assertThrows(IOException.class, () -> Role.read(directory), damaged).getMessage();
      assertTrue(why.contains("remove its directory"), why);
    }
  }

  /** When it is chosen again it comes as one that is new; what it knows as a client it keeps. */
  @Test
  void whoHasLeftForgetsWhatItHadAsAMember() throws IOException {
    assertFalse(Role.votedHere(directory));
    Standing.fresh(7).store(directory.resolve("standing"));
    assertFalse(Role.votedHere(directory), "it was not let in yet");
    Standing.fresh(7).member(new TreeMap<>(Map.of("n1", 7L))).store(directory.resolve("standing"));
    assertTrue(Role.votedHere(directory));
    Files.createDirectories(directory.resolve("log"));
    Files.createDirectories(directory.resolve("client"));
    for (String file : new String[] {"log/1.log", "mark", "founders", "origin", "client/state"}) {
      Files.writeString(directory.resolve(file), "");
    }
    Role role = new Role(false, new TreeMap<>(Map.of("n1", "n1:1")));
    role.write(directory);
    Role.forgetMember(directory);
    Role.forgetMember(directory);
    try (var left = Files.walk(directory)) {
      assertEquals(
          "[, client, client/state, role]",
          left.map(path -> directory.relativize(path).toString())
              .sorted()
              .toList()
              .toString());
    }
    assertEquals(role, Role.read(directory));
  }
}
