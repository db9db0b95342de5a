package dev.catwalk.raftstore.voters;

import dev.catwalk.raftstore.machine.MemberChange.Leave;
import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.voters.Situation.Node;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a leader has seen of its members, and of nodes that offer themselves, while it leads: whoever
 * leads next begins anew, since it knows only its own time. Times are of one clock that only goes
 * forward, milliseconds. Not thread-safe.
 */
public final class Sightings {
  /** Nodes that are kept in mind at most, beside members; offers of further ones are passed over. */
  public static final int MAX_NODES = 4096;

  private static final class Seen {
    String address = "";

    @Nullable
    SortedMap<String, String> labels;

    boolean answers;
    long sinceMs;
    long heardMs;
    long shunnedUntilMs = Long.MIN_VALUE;
  }

  private final VoterRule rule;
  private final TreeMap<String, Seen> nodes = new TreeMap<>();

  public Sightings(VoterRule rule) {
    this.rule = rule;
  }

  /** A node says that it is there, and, if it may be chosen, where. */
  public void offered(String name, String address, SortedMap<String, String> labels, long nowMs) {
    Seen seen = nodes.size() < MAX_NODES ? seen(name, nowMs) : nodes.get(name);
    if (seen != null) {
      seen.address = address;
      seen.labels = labels;
      seen.heardMs = nowMs;
    }
  }

  private Seen seen(String name, long nowMs) {
    Seen seen = nodes.get(name);
    if (seen == null) {
      seen = new Seen();
      seen.sinceMs = nowMs;
      seen.heardMs = nowMs;
      nodes.put(name, seen);
    }
    return seen;
  }

  /**
   * What is known now.
   *
   * @param answers whether a member does
   * @param patienceMs a node whose last offer is older does not answer
   */
  public Situation look(
      Roster roster,
      String leader,
      boolean settled,
      Predicate<String> answers,
      long patienceMs,
      long nowMs) {
    roster.seats().keySet().forEach(name -> seen(name, nowMs));
    long forgetMs = Math.max(2 * rule.replaceAfterMs(), 2 * patienceMs);
    nodes
        .entrySet()
        .removeIf(entry -> !roster.seats().containsKey(entry.getKey())
            && nowMs - entry.getValue().heardMs > forgetMs
            && nowMs >= entry.getValue().shunnedUntilMs);
    TreeMap<String, Node> known = new TreeMap<>();
    nodes.forEach((name, seen) -> {
      boolean member = roster.seats().containsKey(name);
      boolean there =
          name.equals(leader) || (member ? answers.test(name) : nowMs - seen.heardMs <= patienceMs);
      if (there != seen.answers) {
        seen.answers = there;
        seen.sinceMs = nowMs;
      }
      known.put(
          name,
          new Node(
              seen.address, seen.labels, there, nowMs - seen.sinceMs, nowMs < seen.shunnedUntilMs));
    });
    return new Situation(roster, leader, settled, known);
  }

  /** That is done now: whoever was chosen in vain is not chosen again so soon. */
  public void took(Choice.Step step, Roster roster, long nowMs) {
    if (step.change() instanceof Leave leave
        && roster.seats().containsKey(leave.name())
        && !roster.votes(leave.name())) {
      seen(leave.name(), nowMs).shunnedUntilMs = nowMs + 2 * rule.replaceAfterMs();
    }
  }
}
