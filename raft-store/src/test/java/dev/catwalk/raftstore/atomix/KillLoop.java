package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.atomix.Processes.Member;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * The leader is killed under load and comes back, again and again: writes that only it had are
 * replaced in its log by those of the next. Run by hand:
 *
 * <pre>java -cp CLASSPATH dev.catwalk.raftstore.atomix.KillLoop SEED ROUNDS</pre>
 */
final class KillLoop {
  private static final int WRITES = 4000;
  private static final int ROUNDS_OF_A_CLUSTER = 5;
  private static final int MAX_LOAD_BEFORE_MS = 400;
  private static final int MAX_AWAY_MS = 1500;

  private KillLoop() {}

  /**
   * One kill.
   *
   * @throws AssertionError if anything acknowledged is lost, or members differ or do not recover
   */
  static String round(Processes cluster, String prefix, SplittableRandom random) throws Exception {
    Member killed = cluster.leader();
    List<Member> others =
        cluster.members.values().stream().filter(member -> member != killed).toList();
    CompletableFuture<Void> load =
        CompletableFuture.runAsync(() -> cluster.write(WRITES, prefix, others));
    Cluster.await("the load", () -> !killed.ask("count " + prefix).equals("0"));
    TimeUnit.MILLISECONDS.sleep(random.nextInt(MAX_LOAD_BEFORE_MS)); // The moment is the test.
    killed.kill();
    TimeUnit.MILLISECONDS.sleep(random.nextInt(MAX_AWAY_MS));
    killed.start();
    load.join();
    cluster.expect(prefix, WRITES);
    return killed.name + " killed, all at " + cluster.agree();
  }

  /** Arguments: seed, rounds. Ends with status 1 after the first bad round, files kept. */
  public static void main(String[] args) throws Exception {
    SplittableRandom random = new SplittableRandom(Long.parseLong(args[0]));
    int rounds = Integer.parseInt(args[1]);
    int done = 0;
    while (done < rounds) {
      Path directory = Files.createTempDirectory("cw-kill-");
      try (Processes cluster = new Processes(directory)) {
        cluster.startAll();
        for (int i = 0; i < ROUNDS_OF_A_CLUSTER && done < rounds; i++) {
          String seen = round(cluster, "r" + i + "/", random);
          done++;
          System.out.println(
              "round " + done + " of " + rounds + ": " + seen + ", " + cluster.tally() + ": ok");
        }
      } catch (AssertionError | CompletionException e) {
        System.out.println("round " + (done + 1) + " of " + rounds + ": FAILED, see " + directory);
        e.printStackTrace();
        System.exit(1);
      }
      Soak.deleteTree(directory);
    }
  }
}
