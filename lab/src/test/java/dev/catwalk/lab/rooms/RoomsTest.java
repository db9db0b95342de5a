package dev.catwalk.lab.rooms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The house is as {@code docs/architecture.md} draws it. */
class RoomsTest {
  private static final List<String> STRANGERS = List.of("bgp", "acl", "ipam", "raft-store");

  private static final Map<String, List<References>> MODULES = new TreeMap<>();
  private static Rooms rooms;

  @BeforeAll
  static void readTheHouse() throws IOException {
    Path root = Rooms.repository();
    rooms = Rooms.read(root.resolve("docs/architecture.md"));
    for (String module : List.of("net", "bgp", "acl", "ipam", "raft-store", "felix-j")) {
      MODULES.put(module, References.below(root.resolve(module).resolve("target/classes")));
    }
  }

  @Test
  void theTableIsRead() {
    assertEquals(Rooms.Kind.PURE, rooms.kindOf("dev.catwalk.bgp.wire").orElseThrow());
    assertEquals(Rooms.Kind.SHELL, rooms.kindOf("dev.catwalk.bgp.netty").orElseThrow());
    assertEquals(Rooms.Kind.TEST_KIT, rooms.kindOf("dev.catwalk.net.sim").orElseThrow());
    assertEquals(Rooms.Kind.MIXED, rooms.kindOf("dev.catwalk.felix.cni").orElseThrow());
    assertTrue(rooms.all().size() > 25, () -> rooms.all().toString());
    assertFalse(
        MODULES.get("net").isEmpty(), "run by Maven from the root, after the other modules");
  }

  @Test
  void everyPackageHasARowInTheTable() {
    List<String> strays = new ArrayList<>();
    all()
        .filter(c -> rooms.kindOf(c.packageName()).isEmpty())
        .forEach(c -> strays.add(c.name() + " is in no room of docs/architecture.md"));
    assertEquals(List.of(), strays);
  }

  @Test
  void pureRoomsArePure() {
    List<String> found = new ArrayList<>();
    all().filter(c -> isPure(c.packageName())).forEach(c -> found.addAll(Purity.violations(c)));
    assertEquals(List.of(), found);
  }

  @Test
  void pureRoomsKnowNoShell() {
    List<String> found = new ArrayList<>();
    all()
        .filter(c -> isPure(c.packageName()))
        .forEach(c -> c.classes().stream()
            .filter(RoomsTest::isInAShell)
            .forEach(named -> found.add(c.name() + " names " + named)));
    assertEquals(List.of(), found);
  }

  @Test
  void bgpAclIpamAndTheStoreAreStrangers() {
    List<String> found = new ArrayList<>();
    for (String module : STRANGERS) {
      String own = "dev.catwalk." + module.replace("raft-store", "raftstore") + ".";
      for (References c : MODULES.get(module)) {
        c.classes().stream()
            .filter(n -> n.startsWith("dev.catwalk."))
            .filter(n -> !n.startsWith(own) && !n.startsWith("dev.catwalk.net."))
            .forEach(n -> found.add(c.name() + " names " + n));
      }
    }
    for (References c : MODULES.get("net")) {
      c.classes().stream()
          .filter(n -> !n.startsWith("dev.catwalk.net.") && !n.startsWith("java."))
          .filter(n -> n.contains("."))
          .filter(n -> !n.startsWith("org.jspecify."))
          .forEach(n -> found.add(c.name() + " names " + n));
    }
    assertEquals(List.of(), found);
  }

  @Test
  void nativeCallsAndExecHaveTheirOwnRooms() {
    List<String> found = new ArrayList<>();
    all().forEach(c -> {
      String room = c.packageName();
      boolean mayCallNative =
          room.equals("dev.catwalk.felix.kernel") || room.equals("dev.catwalk.bgp.netty");
      c.classes().stream()
          .filter(n -> n.startsWith("jnr.") && !mayCallNative)
          .forEach(n -> found.add(c.name() + " names " + n));
      c.classes().stream()
          .filter(n -> n.equals("java.lang.ProcessBuilder"))
          .filter(n -> !room.equals("dev.catwalk.felix.kernel"))
          .filter(n -> !room.equals("dev.catwalk.bgp.children"))
          .forEach(n -> found.add(c.name() + " names " + n));
    });
    assertEquals(List.of(), found);
  }

  @Test
  void theDetectorSeesEachSin() throws IOException {
    List<String> found = Purity.violations(compiled(Sinner.class));
    for (String sin :
        List.of("Thread", "nanoTime", "Map.of", "Set.copyOf", "Files", "entrySet", "HashSet")) {
      assertTrue(found.stream().anyMatch(f -> f.contains(sin)), () -> sin + " unseen in " + found);
    }
    assertEquals(List.of(), Purity.violations(compiled(Saint.class)));
  }

  /** Names much of what a pure room may not. */
  static final class Sinner {
    final Map<String, Integer> hashed = new HashMap<>();

    final Set<String> scattered = new HashSet<>();

    Object sin() throws IOException {
      for (Map.Entry<String, Integer> entry : hashed.entrySet()) {
        if (entry.getValue() == System.nanoTime()) {
          return Map.of(Set.copyOf(List.of(1)), Thread.currentThread());
        }
      }
      return java.nio.file.Files.exists(Path.of("x"));
    }
  }

  /** Looks up in a hash table and iterates over a sorted one. */
  static final class Saint {
    final HashMap<String, Integer> lookup = new HashMap<>();
    final TreeMap<String, Integer> ordered = new TreeMap<>();

    int sum() {
      int sum = 0;
      for (Map.Entry<String, Integer> entry : ordered.entrySet()) {
        sum += entry.getValue() + lookup.getOrDefault(entry.getKey(), 0);
      }
      return sum;
    }
  }

  private static References compiled(Class<?> type) throws IOException {
    String file = type.getName().substring(type.getName().lastIndexOf('.') + 1) + ".class";
    try (InputStream in = type.getResourceAsStream(file)) {
      return References.of(in.readAllBytes());
    }
  }

  private static java.util.stream.Stream<References> all() {
    return MODULES.values().stream().flatMap(List::stream);
  }

  private static boolean isPure(String packageName) {
    return rooms.kindOf(packageName).filter(k -> k == Rooms.Kind.PURE).isPresent();
  }

  private static boolean isInAShell(String className) {
    int dot = className.lastIndexOf('.');
    return dot > 0
        && rooms
            .kindOf(className.substring(0, dot))
            .filter(k -> k == Rooms.Kind.SHELL || k == Rooms.Kind.MIXED)
            .isPresent();
  }
}
