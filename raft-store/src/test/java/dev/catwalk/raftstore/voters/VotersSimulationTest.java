package dev.catwalk.raftstore.voters;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.machine.MemberChange.Join;
import dev.catwalk.raftstore.machine.MemberChange.Leave;
import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.machine.Roster.Seat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Nodes come and go, racks fail, networks fall apart and heal, in virtual time by seeds. */
class VotersSimulationTest {
  private static final int SEEDS = Boolean.getBoolean("catwalk.long") ? 5000 : 16;
  private static final int STEP_MS = 1000;
  private static final int LEARNING_MS = 3000;
  private static final int PATIENCE_MS = 2500;
  private static final long REPLACE_MS = 60_000;

  /** A cluster: the rosters are written as the store writes them. */
  private static final class World {
    final SplittableRandom random;
    final String seed;
    final VoterRule rule;
    final TreeMap<String, String> racks = new TreeMap<>();
    final TreeMap<String, Boolean> up = new TreeMap<>();
    final TreeMap<String, Integer> part = new TreeMap<>();
    final TreeMap<String, Long> learntMs = new TreeMap<>();
    final TreeMap<String, Long> lostMs = new TreeMap<>();
    Roster roster = Roster.founders(Map.of("n0", "n0:1"));

    @Nullable
    String leader;

    Sightings seen;
    long nowMs;
    int steps;

    World(int seed) {
      this.random = new SplittableRandom(seed);
      this.seed = "seed " + seed + ": ";
      this.rule = new VoterRule(random.nextBoolean() ? 3 : 5, List.of("rack"), REPLACE_MS);
      this.seen = new Sightings(rule);
      int nodes = 1 + random.nextInt(12);
      int count = 1 + random.nextInt(5);
      for (int i = 0; i < nodes; i++) {
        racks.put("n" + i, "r" + random.nextInt(count));
        up.put("n" + i, true);
        part.put("n" + i, 0);
      }
    }

    boolean reach(String one, String other) {
      return up.get(one) && up.get(other) && part.get(one).equals(part.get(other));
    }

    boolean majority(@Nullable String at, Roster of) {
      return at != null
          && up.get(at)
          && of.voters().stream().filter(name -> reach(at, name)).count() >= of.quorum();
    }

    void run(long ms) {
      for (long end = nowMs + ms; nowMs < end; nowMs += STEP_MS) {
        up.keySet().forEach(name -> {
          boolean there = leader != null && reach(leader, name);
          lostMs.merge(name, nowMs, (before, now) -> there ? now : before);
        });
        if (!roster.votes(String.valueOf(leader)) || !majority(leader, roster)) {
          List<String> able =
              roster.voters().stream().filter(name -> majority(name, roster)).toList();
          leader = able.isEmpty() ? null : able.get(random.nextInt(able.size()));
          seen = new Sightings(rule);
        }
        if (leader != null) {
          lead(leader);
        }
      }
    }

    private void lead(String at) {
      for (String name : racks.keySet()) {
        if (reach(at, name)) {
          TreeMap<String, String> labels = new TreeMap<>(Map.of("rack", racks.get(name)));
          seen.offered(name, name + ":1", labels, nowMs);
        }
      }
      lookAfterLearners(at);
      if (!at.equals(leader)) {
        return;
      }
      Situation now = seen.look(roster, at, true, name -> reach(at, name), PATIENCE_MS, nowMs);
      if (VoterChoice.next(rule, now) instanceof Choice.Step step) {
        seen.took(step, roster, nowMs);
        take(step, at);
      }
    }

    /** As the store does: a dead voter goes before its successor votes, one that lives after. */
    private void lookAfterLearners(String at) {
      for (Map.Entry<String, Seat> entry : roster.seats().entrySet()) {
        String name = entry.getKey();
        Seat seat = entry.getValue();
        boolean replaces = roster.votes(seat.replaces());
        boolean ready = reach(at, name)
            && nowMs - learntMs.getOrDefault(name, Long.MAX_VALUE / 2) >= LEARNING_MS;
        Roster next = null;
        if (seat.votes() && replaces) {
          next = roster.without(seat.replaces());
        } else if (!seat.votes() && ready) {
          next = replaces && !reach(at, seat.replaces())
              ? roster.without(seat.replaces())
              : roster.with(name, new Seat(seat.address(), true, seat.replaces()));
        }
        if (next != null
            && !next.votes(at)) { // One that was gone came back and leads: it hands over.
          leader = next.voters().stream()
              .filter(n -> majority(n, roster))
              .findFirst()
              .orElse(at);
          seen = leader.equals(at) ? seen : new Sightings(rule);
          return;
        }
        if (next != null && majority(at, next)) {
          write(next, at);
          return;
        }
      }
    }

    private void take(Choice.Step step, String at) {
      steps++;
      switch (step.change()) {
        case Join join -> {
          assertTrue(
              roster.seats().values().stream().allMatch(Seat::votes), seed + "one at a time");
          long unseen = nowMs - lostMs.get(join.name());
          assertTrue(unseen <= PATIENCE_MS, seed + join + " is not there");
          if (!join.replaces().isEmpty() && reach(at, join.replaces())) {
            assertTrue(most(roster.voters()) > roster.voters().size() / 2, seed + step);
          } else if (!join.replaces().isEmpty()) {
            long lost = nowMs - lostMs.get(join.replaces());
            assertTrue(lost >= REPLACE_MS, seed + step + " after " + lost);
          }
          learntMs.put(join.name(), nowMs);
          write(roster.with(join.name(), new Seat(join.address(), false, join.replaces())), at);
        }
        case Leave leave -> write(roster.without(leave.name()), at);
        default -> throw new AssertionError(step);
      }
    }

    /** An entry of the log: it takes a majority of those before and leaves one. */
    private void write(Roster next, String at) {
      assertTrue(majority(at, roster), seed + "no majority for " + next);
      assertTrue(majority(at, next), seed + "no majority is left by " + next);
      assertTrue(next.votes(at), seed + "the leader is left out by " + next);
      roster = next;
    }

    /** So many of these are in the fullest rack. */
    long most(List<String> names) {
      return names.stream()
          .mapToLong(one -> names.stream()
              .filter(other -> racks.get(one).equals(racks.get(other)))
              .count())
          .max()
          .orElse(0);
    }

    /** The largest number of voters that so many nodes give. */
    int wanted(List<String> nodes) {
      return Math.min(rule.count(), (nodes.size() + 1) / 2 * 2 - 1);
    }

    /** Whether so many of these can be chosen that the loss of no rack ends the majority. */
    boolean spreads(int count, List<String> nodes) {
      TreeMap<String, Integer> room = new TreeMap<>();
      nodes.forEach(name -> room.merge(racks.get(name), 1, Integer::sum));
      return room.values().stream().mapToInt(n -> Math.min(n, count / 2)).sum() >= count;
    }

    List<String> living() {
      return up.keySet().stream().filter(up::get).toList();
    }

    void heal() {
      up.replaceAll((name, was) -> true);
      part.replaceAll((name, was) -> 0);
    }

    void assertAtRest(String when) {
      List<String> voters = roster.voters();
      assertTrue(voters.size() >= wanted(living()), seed + when + ": too few vote: " + roster);
      assertTrue(voters.stream().allMatch(up::get), seed + when + ": dead ones vote: " + roster);
      assertEquals(1, voters.size() % 2, seed + when + ": an even number votes: " + roster);
      if (spreads(voters.size(), living())) {
        assertTrue(most(voters) <= voters.size() / 2, seed + when + ": crowded: " + roster);
      }
      int before = steps;
      Roster was = roster;
      run(8 * REPLACE_MS);
      assertEquals(before, steps, seed + when + ": it goes on: " + was + " " + roster);
      assertEquals(was, roster, seed + when);
    }

    void fault() {
      List<String> all = List.copyOf(up.keySet());
      String one = all.get(random.nextInt(all.size()));
      switch (random.nextInt(5)) {
        case 0 -> up.put(one, false);
        case 1 -> up.put(one, true);
        case 2 ->
          racks.forEach((name, rack) ->
              up.put(name, rack.equals(racks.get(one)) ? !up.get(one) : up.get(name)));
        case 3 -> part.replaceAll((name, was) -> random.nextInt(2));
        default -> part.replaceAll((name, was) -> 0);
      }
    }
  }

  @Test
  void votersAreChosenAndReplacedAndNothingElse() {
    for (int seed = 1; seed <= SEEDS; seed++) {
      World world = new World(seed);
      world.run(8 * REPLACE_MS);
      world.assertAtRest("at first");
      List<String> voters = world.roster.voters();
      // A rack is lost for good: where labels allowed it, a majority is left and fills up.
      List<String> racks = List.copyOf(new TreeMap<>(world.racks).values());
      String rack = racks.get(world.random.nextInt(racks.size()));
      boolean survives =
          voters.stream().filter(n -> world.racks.get(n).equals(rack)).count() <= voters.size() / 2;
      if (world.spreads(voters.size(), world.living())) {
        assertTrue(survives, world.seed + "the loss of " + rack + " ends the majority: " + voters);
      }
      world.up.replaceAll((name, was) -> !world.racks.get(name).equals(rack));
      world.run(8 * REPLACE_MS);
      if (survives && world.wanted(world.living()) >= voters.size()) {
        world.assertAtRest("without " + rack);
      }
      if (!survives) {
        assertEquals(voters, world.roster.voters(), world.seed + "changed without a majority");
      }
      world.heal();
      world.run(8 * REPLACE_MS);
      world.assertAtRest("with " + rack);
      for (int i = 0; i < 30; i++) {
        world.fault();
        world.run(world.random.nextLong(2 * REPLACE_MS) + 1);
      }
      world.heal();
      world.run(8 * REPLACE_MS);
      world.assertAtRest("after all");
    }
  }

  /** Who comes and goes is not chosen, and a voter that does is not replaced. */
  @Test
  void nothingFlaps() {
    for (int seed = 1; seed <= SEEDS; seed++) {
      World world = new World(seed);
      List<String> restless = new ArrayList<>();
      for (String name : world.racks.keySet()) {
        if (!name.equals("n0") && world.random.nextInt(3) == 0) {
          restless.add(name);
        }
      }
      int steady = world.racks.size() - restless.size();
      for (int i : IntStream.range(0, 100).toArray()) {
        restless.forEach(name -> world.up.put(name, i % 2 == 0));
        int least = i % 2 == 0 ? STEP_MS : PATIENCE_MS + STEP_MS;
        world.run(least + world.random.nextInt(STEP_MS));
        restless.forEach(
            name -> assertTrue(!world.roster.seats().containsKey(name), world.seed + name));
      }
      int voters = Math.min(world.rule.count(), (steady + 1) / 2 * 2 - 1);
      assertEquals(voters, world.roster.voters().size(), world.seed + world.roster);
      String one = world.roster.voters().getLast();
      Roster before = world.roster;
      for (int i = 0; i < 10 && !one.equals("n0"); i++) {
        world.up.put(one, i % 2 == 1);
        world.run(REPLACE_MS - STEP_MS);
      }
      assertEquals(before, world.roster, world.seed + "a voter that comes back");
    }
  }
}
