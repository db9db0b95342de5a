package dev.catwalk.felix.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.felix.agent.Answer.Question;
import dev.catwalk.felix.config.AgentConfig;
import dev.catwalk.raftstore.atomix.AtomixStore;
import dev.catwalk.raftstore.atomix.Backup;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.store.KvLeases;
import dev.catwalk.raftstore.store.StoreConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreVerbTest {
  @TempDir
  Path directory;

  private AtomixStore open(String name) {
    return AtomixStore.open(
        StoreConfig.single("node1", directory.resolve(name)), List.of(new KvMachine()));
  }

  private static Question question(String verb, Map<String, String> arguments) {
    return new Question(verb, "json", arguments, Map.of());
  }

  private static long put(AtomixStore store, String key) throws Exception {
    return store
        .submit(KvMachine.NAME, KvTransaction.put(key, new byte[1]).encode())
        .get(20, TimeUnit.SECONDS)
        .revision();
  }

  @Test
  void aBackupIsWrittenOnceForNobodyElseToReadAndANewStoreBeginsWithIt() throws Exception {
    Path file = directory.resolve("backup");
    AgentConfig config = AgentConfig.parse("agent.yaml", "node: {name: node1}");
    try (AtomixStore store = open("old")) {
      put(store, "a");
      StoreVerb verb = new StoreVerb(store, config);
      Answer members = verb.members(question("store members", Map.of()));
      assertTrue(members.out().contains("\"name\" : \"node1\""), members.out());

      Answer joined = verb.change(
          question("store member add", Map.of("name", "node2", "address", "10.0.0.2:7420")));
      assertEquals(Answer.REFUSED, joined.status());
      assertTrue(joined.error().contains("cluster of one"), joined.error());

      assertEquals(7, new KvLeases(store).grant(7, 60_000).get(20, TimeUnit.SECONDS));
      KvTransaction.Put with = new KvTransaction.Put("held", new byte[1], 7);
      store
          .submit(KvMachine.NAME, new KvTransaction(List.of(), List.of(with), List.of()).encode())
          .get(20, TimeUnit.SECONDS);
      Answer leases = verb.leases(question("store leases", Map.of()));
      assertEquals(0, leases.status(), leases.error());
      for (String said : List.of("\"lease\" : 7", "\"ttlMs\" : 60000", "[ \"held\" ]")) {
        assertTrue(leases.out().contains(said), leases.out());
      }

      Question backup = question("store backup", Map.of("file", file.toString()));
      Answer written = verb.backup(backup);
      assertEquals(0, written.status(), written.error());
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
      assertFalse(Files.exists(directory.resolve("backup.part")));
      assertEquals(Answer.REFUSED, verb.backup(backup).status(), "it is there already");
      assertEquals(
          Answer.USAGE,
          verb.backup(question("store backup", Map.of("file", "backup"))).status());
      assertEquals(
          Answer.REFUSED,
          verb.backup(question("store backup", Map.of("file", "/nowhere/at/all")))
              .status());
    }
    Backup.restore(Files.readAllBytes(file), directory.resolve("new"));
    try (AtomixStore store = open("new")) {
      assertTrue(put(store, "b") > 3, "after that of the backup");
      Answer leases = new StoreVerb(store, config).leases(question("store leases", Map.of()));
      assertTrue(leases.out().contains("[ \"held\" ]"), leases.out());
    }
  }
}
