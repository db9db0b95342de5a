package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.machine.MemberChange;
import dev.catwalk.raftstore.machine.MemberChange.Join;
import dev.catwalk.raftstore.machine.MemberChange.Offer;
import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.store.StoreConfig.Voting;
import dev.catwalk.raftstore.voters.VoterRule;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a leader makes of what nodes say, by a clock of the test's. */
class VoterKeeperTest {
  private static final Roster ALONE = Roster.founders(Map.of("n1", "n1:1"));
  private static final VoterRule RULE = new VoterRule(3, List.of("rack"), 10_000);

  private final List<MemberChange> made = new ArrayList<>();
  private final List<CompletableFuture<byte[]>> answers = new ArrayList<>();
  private long nowMs;
  private final VoterKeeper keeper = new VoterKeeper(
      "n1",
      new Voting(RULE, "n1:1", new TreeMap<>(Map.of("rack", "r1"))),
      name -> true,
      (change, force, answer) -> {
        assertTrue(!force, "never without a majority");
        made.add(change);
        answers.add(answer);
      },
      () -> nowMs);

  private static Offer offer(String name, String rack) {
    return new Offer(name, name + ":1", new TreeMap<>(Map.of("rack", rack)));
  }

  /** Two nodes say that they are there for so long. */
  private void run(long ms, long term, Roster roster) {
    for (long end = nowMs + ms; nowMs < end; nowMs += 200) {
      keeper.offered(offer("n2", "r1"), term);
      keeper.offered(offer("n3", "r2"), term);
      keeper.look(roster, term);
    }
  }

  @Test
  void oneStepAtATimeAndAgainWhereItIsRefused() {
    run(800, 1, ALONE);
    assertEquals(List.of(), made, "nobody has answered for long enough");
    run(600, 1, ALONE);
    assertEquals(List.of(new Join("n3", "n3:1", "")), made);
    run(5000, 1, ALONE);
    assertEquals(1, made.size(), "the first has no answer yet");
    answers
        .getFirst()
        .complete(
            Membership.answer(ClientRequests.REFUSED, "not now".getBytes(StandardCharsets.UTF_8)));
    assertTrue(keeper.why().endsWith("n3 (rack r2) joins; not yet: not now"), keeper.why());
    run(2000, 1, ALONE);
    assertEquals(2, made.size(), "it is tried again");
    answers.getLast().complete(new byte[] {ClientRequests.DONE});
    Roster two = ALONE.with("n3", new Roster.Seat("n3:1", true, ""));
    run(400, 1, two);
    assertEquals(new Join("n2", "n2:1", ""), made.getLast());
    answers.getLast().complete(new byte[] {ClientRequests.DONE});
    run(400, 1, two.with("n2", new Roster.Seat("n2:1", true, "")));
    assertEquals(3, made.size());
    assertTrue(keeper.why().contains("as many vote as are wanted"), keeper.why());
    assertTrue(keeper.why().endsWith("n2 (rack r1) joins"), "the last step: " + keeper.why());
  }

  @Test
  void whatWasSeenGoesWithTheLead() {
    run(800, 1, ALONE);
    run(800, 2, ALONE);
    assertEquals(List.of(), made);
    run(600, 2, ALONE);
    assertEquals(1, made.size());
  }

  /** A stranger's node cannot make the leader keep what is too long. */
  @Test
  void whatIsTooLongIsPassedOver() {
    for (; nowMs < 3000; nowMs += 200) {
      keeper.offered(offer("n2", "r".repeat(Offer.MAX_LENGTH + 1)), 1);
      keeper.offered(offer("n3", "r2"), 1);
      keeper.look(ALONE, 1);
    }
    assertEquals(List.of(), made, "n3 alone would not help");
    assertTrue(keeper.why().contains("as n3 has"), keeper.why());
  }

  @Test
  void anOfferIsReadAsItWasWritten() {
    Offer offer = new Offer("n2", "n2:1", new TreeMap<>(Map.of("rack", "r1", "zone", "z")));
    assertEquals(offer, MemberChange.of(offer.bytes()));
  }
}
