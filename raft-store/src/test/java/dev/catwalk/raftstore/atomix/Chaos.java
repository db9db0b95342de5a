package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.atomix.Processes.Member;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Faults at random under writes that compact the log: kill -9 of one or all, SIGSTOP, a member that
 * is away while the log shrinks. After each all come back and agree. Run by hand:
 *
 * <pre>java -cp CLASSPATH dev.catwalk.raftstore.atomix.Chaos SEED STEPS</pre>
 */
final class Chaos {
  private static final int WRITES = 600;

  private Chaos() {}

  /**
   * So many faults, one after the other, on one cluster.
   *
   * @throws AssertionError if anything acknowledged is lost, or members differ or do not recover
   */
  static String run(Path directory, long seed, int steps) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    StringBuilder story = new StringBuilder();
    try (Processes cluster = new Processes(directory)) {
      cluster.startAll();
      List<Member> all = List.copyOf(cluster.members.values());
      for (int step = 0; step < steps; step++) {
        Member leader = cluster.leader();
        Member victim = all.get(random.nextInt(all.size()));
        List<Member> others = new ArrayList<>(all);
        others.remove(victim);
        story.append(victim == leader ? " leader " : " follower ");
        String prefix = "s" + step + "/";
        int expected = WRITES;
        switch (random.nextInt(4)) {
          case 0 -> {
            story.append("killed;");
            victim.kill();
            cluster.write(WRITES, prefix, others);
            victim.start();
          }
          case 1 -> {
            story.append("away while the log shrinks;");
            victim.kill();
            expected = 6 * WRITES;
            cluster.write(expected, prefix, others);
            victim.start();
          }
          case 2 -> {
            story.append("hangs;");
            victim.signal("STOP");
            cluster.write(WRITES, prefix, others);
            victim.signal("CONT");
          }
          default -> {
            story.append("and all killed;");
            cluster.write(WRITES, prefix, all);
            all.forEach(Member::kill);
            cluster.startAll();
          }
        }
        cluster.expect(prefix, expected);
        cluster.agree();
      }
      return story + " " + cluster.tally();
    }
  }

  /** Arguments: seed, steps. */
  public static void main(String[] args) throws Exception {
    Path directory = Files.createTempDirectory("cw-chaos-");
    System.out.println("seed " + args[0] + ":"
        + run(directory, Long.parseLong(args[0]), Integer.parseInt(args[1])));
    Soak.deleteTree(directory);
  }
}
