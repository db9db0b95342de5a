package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.catwalk.raftstore.store.StoreStatus;
import dev.catwalk.raftstore.trial.Clients;
import dev.catwalk.raftstore.trial.Linearizability;
import dev.catwalk.raftstore.trial.Members;
import dev.catwalk.raftstore.trial.Members.Member;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client of three members, each a process in a network namespace of its own, with TLS. */
class ClientProcessTest {
  private static final List<String> JVM =
      List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-ea");
  private static final int OPERATIONS = 150;

  @TempDir
  Path directory;

  /** The leader is killed, then the client: what its callers saw is linearizable, nothing is lost. */
  @Test
  void aClientWorksThoughLeaderAndClientAreKilled() throws Exception {
    assumeTrue(
        Files.isWritable(Path.of("/run")) && "root".equals(System.getProperty("user.name")),
        "needs root");
    assumeTrue(Files.isExecutable(Path.of("/usr/sbin/nft")), "needs nft");
    try (Members members = new Members(
        directory,
        (command, errors) -> new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
            .start(),
        3,
        1,
        JVM,
        "small")) {
      members.startAll();
      Member leader = members.leader();
      Member client = members.members().get("c4");
      assertEquals(StoreStatus.Role.CLIENT, client.store().status().role());
      Clients callers = new Clients(0, System::nanoTime);
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        Member at = i % 2 == 0 ? client : members.without(leader, client).getFirst();
        all.add(callers.work(() -> at.store(), new SplittableRandom(i), OPERATIONS));
      }
      Members.await(60, "the load", () -> leader.store().status().revision() > 100);
      leader.kill();
      leader.start();
      all.forEach(CompletableFuture::join);
      client.kill();
      client.start();
      members.awaitQuorum();
      assertTrue(callers.one(client.store(), "k0", 0, new TreeMap<>()).join(), "it writes again");
      callers
          .histories()
          .forEach((key, history) -> assertTrue(Linearizability.holds(history), key + history));
      Members.await(
          60,
          "one state",
          () -> members.all().stream()
                  .map(member -> member.store().status())
                  .map(status -> status.revision() + " " + status.stateHash())
                  .distinct()
                  .count()
              == 1);
    }
  }
}
