package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.atomix.Standing.Phase;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How a member with an empty directory comes into its cluster. It cannot know by itself whether it
 * is new or has lost its disk, and then with it votes and acknowledged entries; so it asks.
 */
sealed interface Arrival {

  /** It is one of the founders, whose incarnations are these, and may begin. */
  record Found(SortedMap<String, Long> roster) implements Arrival {
    public Found {
      roster = new TreeMap<>(roster);
    }
  }

  /** It was a member with another disk, or never one: these can take it in. */
  record Join(List<String> members) implements Arrival {
    public Join {
      members = List.copyOf(members);
    }
  }

  /** It cannot tell yet. */
  record Wait(String why) implements Arrival {}

  /**
   * Decides from what the others say.
   *
   * <p>Members who know this very disk: it is a founder that has not begun. Members who do not: it
   * joins. Nobody is a member and all others are as empty: they found the cluster together; all have
   * to be there, because one that is away may hold what was acknowledged.
   */
  static Arrival decide(
      String name, Standing mine, Collection<String> others, Map<String, Standing> answers) {
    List<String> members = new ArrayList<>();
    List<String> joining = new ArrayList<>();
    List<String> unlike = new ArrayList<>();
    List<String> missing = new ArrayList<>(others);
    missing.removeAll(answers.keySet());
    TreeMap<String, Long> roster = new TreeMap<>();
    for (var answer : answers.entrySet()) {
      Standing theirs = answer.getValue();
      switch (theirs.phase()) {
        case MEMBER -> {
          if (mine.phase() == Phase.FRESH
              && Long.valueOf(mine.incarnation()).equals(theirs.roster().get(name))) {
            return new Found(theirs.roster());
          }
          members.add(answer.getKey());
        }
        case JOINING -> joining.add(answer.getKey());
        case FRESH -> {
          roster.put(answer.getKey(), theirs.incarnation());
          if (theirs.floorTerm() != mine.floorTerm() || theirs.floorIndex() != mine.floorIndex()) {
            unlike.add(answer.getKey());
          }
        }
      }
    }
    if (!members.isEmpty()) {
      return mine.phase() == Phase.FRESH && mine.floorIndex() > 0
          ? new Wait("its directory was restored from a backup, but " + String.join(", ", members)
              + " has begun without it: empty the directory to join, or restore it on all members")
          : new Join(members);
    }
    if (mine.phase() != Phase.FRESH) {
      return new Wait("this member was about to be taken in and finds nobody who could do so");
    }
    if (!joining.isEmpty()) {
      return new Wait(String.join(", ", joining) + " has lost its disk and so has this member:"
          + " start those that have not, or restore a backup");
    }
    if (!unlike.isEmpty()) {
      return new Wait("the directories of this member and " + String.join(", ", unlike)
          + " were not restored from the same backup: restore it on all members, or empty all");
    }
    if (!missing.isEmpty()) {
      return new Wait("the first start waits for " + String.join(", ", missing)
          + ": with an empty directory nobody can tell whether the others hold the state");
    }
    roster.put(name, mine.incarnation());
    return new Found(roster);
  }
}
