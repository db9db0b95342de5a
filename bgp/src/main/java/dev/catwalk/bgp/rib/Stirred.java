package dev.catwalk.bgp.rib;

import java.util.ArrayDeque;
import java.util.Objects;

/**
 * The members of a table's groups for whom something waits, in turn, so that nobody has to go round
 * all of them to find out. What became of those that are in is asked when their turn comes.
 */
final class Stirred {
  private final ArrayDeque<AdjRibOut> members = new ArrayDeque<>();

  void add(AdjRibOut member) {
    members.add(member);
  }

  /** Whether there is one who has work. */
  boolean hasWork() {
    for (AdjRibOut first = members.peek(); first != null; first = members.peek()) {
      if (first.hasWork()) {
        return true;
      }
      members.remove();
      first.settle();
    }
    return false;
  }

  /**
   * Gives each of them, once, at most {@code limit} of the prefixes that wait for it, until that is
   * what they were given together: then it is others' turn, and who was left out is first next time.
   */
  void tell(int limit, Feed feed) {
    int given = 0;
    for (int left = members.size(); left > 0 && given < limit; left--) {
      AdjRibOut member = Objects.requireNonNull(members.poll());
      member.settle();
      if (member.hasWork()) {
        int before = member.pending.count();
        member.group().pull(member, limit, feed);
        given += before - member.pending.count();
        member.stir();
      }
    }
  }
}
