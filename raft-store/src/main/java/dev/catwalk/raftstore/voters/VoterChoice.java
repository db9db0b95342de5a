package dev.catwalk.raftstore.voters;

import dev.catwalk.raftstore.machine.MemberChange.Join;
import dev.catwalk.raftstore.machine.MemberChange.Leave;
import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.machine.Roster.Seat;
import dev.catwalk.raftstore.voters.Choice.Step;
import dev.catwalk.raftstore.voters.Choice.Wait;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides who is to vote, one step at a time. In this order: nothing while a change is under way, or
 * while half of the voters or more are silent, for they may be the cluster and this the part that is
 * cut off; a voter that is gone for good is replaced; too few become more, two at a time, since an
 * even number bears no more losses than the odd one below; too many become fewer. A voter that is well
 * is moved only if one place holds so many that its loss would end the majority, and only to make
 * them fewer: so nothing is moved twice. Equals are taken by name. That a step leaves a majority of
 * voters who answer is looked at again where it is written.
 */
public final class VoterChoice {
  private final VoterRule rule;
  private final Situation now;
  private final Places places;
  private final List<String> voters;
  private final List<String> absent;
  private final List<String> ready;

  private VoterChoice(VoterRule rule, Situation now) {
    this.rule = rule;
    this.now = now;
    this.places = new Places(rule, now);
    this.voters = now.roster().voters();
    this.absent = voters.stream().filter(name -> !now.answers(name)).toList();
    this.ready = now.nodes().keySet().stream().filter(this::mayBeChosen).toList();
  }

  /** What is to be done now. */
  public static Choice next(VoterRule rule, Situation now) {
    return new VoterChoice(rule, now).next();
  }

  private boolean mayBeChosen(String name) {
    Situation.Node node = now.nodes().get(name);
    Collection<Seat> seats = now.roster().seats().values();
    return node != null
        && !now.roster().seats().containsKey(name)
        && node.answers()
        && node.sinceMs() >= rule.steadyMs()
        && !node.shunned()
        && !node.address().isEmpty()
        && seats.stream().noneMatch(seat -> seat.address().equals(node.address()));
  }

  private Choice next() {
    if (!now.settled()) {
      return new Wait("a change of members is under way");
    }
    if (2 * absent.size() >= voters.size()) {
      return new Wait(text(absent) + " of " + text(voters)
          + " do not answer: this may be the part that is cut off, so nobody is replaced");
    }
    Choice unfinished = unfinished();
    if (unfinished != null) {
      return unfinished;
    }
    List<String> gone = absent.stream()
        .filter(name -> now.silentMs(name) >= rule.replaceAfterMs())
        .toList();
    if (!gone.isEmpty()) {
      return replace(gone.getFirst(), gone.size());
    }
    if (!absent.isEmpty()) {
      return new Wait(text(absent) + " does not answer; if that lasts for "
          + rule.replaceAfterMs() / 1000 + " s, another node takes its place");
    }
    if (voters.size() < rule.count()) {
      return grow();
    }
    return voters.size() > rule.count() ? shrink() : spread();
  }

  /** Somebody learns, or has not left yet whose place was taken. */
  private @Nullable Choice unfinished() {
    Roster roster = now.roster();
    for (Map.Entry<String, Seat> entry : roster.seats().entrySet()) {
      String name = entry.getKey();
      Seat seat = entry.getValue();
      if (!seat.votes()) {
        return now.silentMs(name) >= rule.giveUpMs()
            ? new Step(
                new Leave(name),
                name + " was to learn and has not answered for " + rule.giveUpMs() / 1000
                    + " s: another node is looked for")
            : new Wait(name + " learns what the others know");
      }
      if (roster.votes(seat.replaces())) {
        return new Wait(name + " votes, and " + seat.replaces() + " leaves");
      }
    }
    return null;
  }

  private Choice replace(String gone, int count) {
    String why = gone + " has not answered for " + rule.replaceAfterMs() / 1000 + " s";
    if (voters.size() > rule.count()) {
      return new Step(new Leave(gone), why + ", and there are more voters than are wanted");
    }
    List<String> rest = voters.stream().filter(name -> !name.equals(gone)).toList();
    String best = best(rest);
    if (best != null) {
      return new Step(join(best, gone), why + ": " + named(best) + " takes its place");
    }
    if (voters.size() % 2 == 0 || count > 1) {
      return new Step(new Leave(gone), why + ", and without it fewer of the others have to answer");
    }
    return new Wait(why + ", and no other node may vote: one with store.voters and store.listen has"
        + " to answer for " + rule.steadyMs() / 1000.0 + " s");
  }

  private Choice grow() {
    int needed = voters.size() % 2 == 0 ? 1 : 2;
    String best = best(voters);
    if (best == null || ready.size() < needed) {
      Wait waits = new Wait(voters.size() + " of " + rule.count()
          + " voters are there; more come when "
          + needed + (needed == 1 ? " node" : " nodes") + " with store.voters and store.listen"
          + (needed == 1 ? " has" : " have") + " answered for " + rule.steadyMs() / 1000.0 + " s"
          + (ready.isEmpty() ? "" : ", as " + text(ready) + " has"));
      return spread() instanceof Step step ? step : waits;
    }
    return new Step(
        join(best, ""),
        voters.size() + " of " + rule.count() + " voters are there: " + named(best) + " joins");
  }

  private Choice shrink() {
    String leaves = "";
    for (String name : voters) {
      if (!name.equals(now.leader()) && (leaves.isEmpty() || compareWithout(name, leaves) <= 0)) {
        leaves = name;
      }
    }
    return new Step(new Leave(leaves), voters.size() + " vote and " + rule.count() + " are wanted");
  }

  private int compareWithout(String one, String other) {
    List<String> withoutOne = without(one);
    List<String> withoutOther = without(other);
    int danger = Places.compare(places.danger(withoutOne), places.danger(withoutOther));
    return danger != 0
        ? danger
        : Places.compare(places.crowd(other, withoutOther), places.crowd(one, withoutOne));
  }

  private List<String> without(String name) {
    return voters.stream().filter(voter -> !voter.equals(name)).toList();
  }

  /** No more can vote, and all answer. */
  private Choice spread() {
    Wait well = new Wait("as many vote as are wanted, " + voters.size());
    List<Integer> danger = places.danger(voters);
    if (danger.stream().allMatch(count -> count == 0)) {
      return well;
    }
    Wait crowded = new Wait(well.why()
        + ", but most of them in one place: a node elsewhere may take"
        + " the place of one when all have answered for " + rule.replaceAfterMs() / 1000 + " s");
    if (!places.known(voters) || !voters.stream().allMatch(this::answersForLong)) {
      return crowded;
    }
    String leaves = "";
    String comes = "";
    List<Integer> least = danger;
    for (String candidate : ready) {
      if (!answersForLong(candidate)) {
        continue;
      }
      for (String voter : voters) {
        List<String> then = new ArrayList<>(without(voter));
        then.add(candidate);
        List<Integer> left = places.danger(then);
        if (!voter.equals(now.leader()) && Places.compare(left, least) < 0) {
          least = left;
          leaves = voter;
          comes = candidate;
        }
      }
    }
    return leaves.isEmpty()
        ? crowded
        : new Step(
            join(comes, leaves),
            "most voters are in one place: " + named(comes) + " takes the place of "
                + named(leaves));
  }

  private boolean answersForLong(String name) {
    return name.equals(now.leader()) || now.answeredMs(name) >= rule.replaceAfterMs();
  }

  /** The one that has the fewest of these beside it. */
  private @Nullable String best(List<String> others) {
    String best = null;
    for (String name : ready) {
      if (best == null
          || Places.compare(places.crowd(name, others), places.crowd(best, others)) < 0) {
        best = name;
      }
    }
    return best;
  }

  private Join join(String name, String replaces) {
    Situation.Node node = now.nodes().get(name);
    return new Join(name, node == null ? "" : node.address(), replaces);
  }

  private String named(String name) {
    return name + places.text(name);
  }

  private static String text(List<String> names) {
    return String.join(", ", names);
  }
}
