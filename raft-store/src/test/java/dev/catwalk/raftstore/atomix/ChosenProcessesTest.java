package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.store.StoreStatus.Role;
import dev.catwalk.raftstore.trial.Clients;
import dev.catwalk.raftstore.trial.Linearizability;
import dev.catwalk.raftstore.trial.MemberProcess;
import dev.catwalk.raftstore.trial.Members;
import dev.catwalk.raftstore.trial.Members.Member;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Five nodes in three racks, each a process in a network namespace of its own, with TLS. */
class ChosenProcessesTest {
  private static final List<String> JVM =
      List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-ea");
  private static final long REPLACE_MS = 4000;
  private static final int OPERATIONS = 300;

  @TempDir
  Path directory;

  private static String rack(Member member) {
    return switch (member.name()) {
      case "n1", "n2" -> "r1";
      case "n3", "n4" -> "r2";
      default -> "r3";
    };
  }

  private static void start(Member member) throws Exception {
    member.start(MemberProcess.choice("n1", rack(member), REPLACE_MS));
  }

  /** Three vote, in a rack each, and all who run say so and take part as they should. */
  private static boolean settled(List<Member> running) {
    List<String> voters = running.getFirst().store().roster().voters();
    return voters.size() == 3
        && running.stream()
                .filter(m -> voters.contains(m.name()))
                .map(m -> rack(m))
                .distinct()
                .count()
            == 3
        && running.stream().allMatch(m -> m.store().roster().voters().equals(voters))
        && running.stream()
            .allMatch(m -> voters.contains(m.name()) == (m.store().status().role() != Role.CLIENT))
        && running.stream().allMatch(m -> m.store().status().quorum());
  }

  @Test
  void aDeadVoterIsReplacedAndAMajorityThatIsCutOffIsNot() throws Exception {
    assumeTrue(Boolean.getBoolean("catwalk.long"), "by -Dcatwalk.long=true");
    assumeTrue(
        Files.isWritable(Path.of("/run")) && "root".equals(System.getProperty("user.name")),
        "needs root");
    try (Members members = new Members(
        directory,
        (command, errors) -> new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
            .start(),
        5,
        JVM,
        "small")) {
      List<Member> all = List.copyOf(members.all());
      for (Member member : all) {
        start(member);
      }
      Members.await(90, "three voters in three racks", () -> settled(all));
      Clients callers = new Clients(0, System::nanoTime);
      List<CompletableFuture<Void>> work = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        Member at = all.get(1 + i % 4); // The founder is to die.
        work.add(callers.work(() -> at.store(), new SplittableRandom(i), OPERATIONS));
      }
      Member dead = members.members().get("n1");
      boolean voted = all.getLast().store().roster().votes("n1");
      dead.kill();
      List<Member> rest = members.without(dead);
      Members.await(90, "the dead founder is replaced", () -> settled(rest));
      assertTrue(voted, "the founder voted");
      assertFalse(rest.getFirst().store().roster().votes("n1"));
      start(dead);
      Members.await(90, "it follows", () -> dead.store().status().role() == Role.CLIENT);
      Members.await(90, "all is at rest", () -> settled(all));

      Roster before = all.getLast().store().roster();
      List<Member> lost =
          all.stream().filter(m -> before.votes(m.name())).limit(2).toList();
      members.cut(lost, members.without(lost.get(0), lost.get(1)));
      members.cut(lost.subList(0, 1), lost.subList(1, 2));
      Members.await(
          60,
          "nobody has a majority",
          () -> all.stream().noneMatch(member -> member.store().status().quorum()));
      long longAfter = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(3 * REPLACE_MS);
      Members.await(60, "that nobody has changed anything alone for long", () -> {
        for (Member member : all) {
          assertEquals(before, member.store().roster(), member.name() + " changed alone");
        }
        return System.nanoTime() > longAfter;
      });
      members.heal();
      Members.await(90, "as it was", () -> settled(all));
      assertEquals(before, all.getFirst().store().roster(), "nothing was to be changed");
      work.forEach(CompletableFuture::join);
      assertTrue(callers.one(all.get(1).store(), "k0", 0, new TreeMap<>()).join(), "it writes");
      callers
          .histories()
          .forEach((key, history) -> assertTrue(Linearizability.holds(history), key + history));
      Members.await(
          60,
          "one state",
          () -> all.stream()
                  .map(member -> member.store().status())
                  .map(status -> status.revision() + " " + status.stateHash())
                  .distinct()
                  .count()
              == 1);
    }
  }
}
