package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.net.sim.VirtualTime;
import dev.catwalk.raftstore.machine.Frame;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.machine.News;
import dev.catwalk.raftstore.machine.News.Ask;
import dev.catwalk.raftstore.machine.News.Kind;
import dev.catwalk.raftstore.machine.ReplicatedCore;
import dev.catwalk.raftstore.machine.StateMark;
import dev.catwalk.raftstore.store.LocalReplica;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a member tells its clients, in virtual time. */
class NewsDeskTest {
  private static final int CLIENTS = 1000;

  private final VirtualTime time = new VirtualTime(1);
  private final LocalReplica replica = replica();
  private String leader = "n1";
  private final NewsDesk desk = new NewsDesk(
      replica,
      () -> leader,
      () -> leader != null,
      task -> time.after(0, task),
      time::after,
      time::nowMs);

  private LocalReplica replica() {
    return new LocalReplica(List.of(new KvMachine()), task -> time.after(0, task));
  }

  private void write(String key) {
    byte[] put = KvTransaction.put(key, new byte[] {1}).encode();
    long next = replica.index() + 1;
    replica.apply(
        next, new Frame(7, next, List.of(new Frame.Item(next, KvMachine.NAME, put))).encode());
    desk.advanced();
  }

  private Ask from(LocalReplica client, boolean atOnce) {
    return new Ask(client.origin(), client.mark(Long.MAX_VALUE), atOnce);
  }

  private News ask(Ask ask) {
    CompletableFuture<byte[]> answer = desk.ask(ask.bytes());
    assertTrue(time.runUntil(answer::isDone, 10_000), "an answer");
    return News.of(answer.join());
  }

  /** One encode per change, however many watch; and the same bytes for all. */
  @Test
  void aChangeIsEncodedOnceForAThousandClients() {
    write("a");
    LocalReplica client = replica();
    follow(client, ask(from(client, true)));
    assertEquals(replica.revision(), client.revision());
    long before = desk.encodings();
    List<CompletableFuture<byte[]>> answers = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      answers.add(desk.ask(from(client, false).bytes()));
    }
    time.run(1);
    assertTrue(answers.stream().noneMatch(CompletableFuture::isDone), "there is nothing new");
    write("b");
    assertTrue(time.runUntil(() -> answers.getLast().isDone(), 10_000), "news");
    assertEquals(before + 1, desk.encodings());
    byte[] first = answers.getFirst().join();
    answers.forEach(answer -> assertSame(first, answer.join()));
    follow(client, News.of(first));
    assertEquals(replica.mark(Long.MAX_VALUE), client.mark(Long.MAX_VALUE));
  }

  private static void follow(LocalReplica client, News news) {
    assertEquals(Kind.CHANGES, news.kind());
    if (client.origin().isEmpty()) {
      client.begin(news.origin());
    }
    assertTrue(client.follow(news.changes()), "it comes out the same");
  }

  /** Clients that are told all the time leave the Raft thread time for its own work. */
  @Test
  void roundsOfManyClientsAreApart() {
    write("a");
    LocalReplica client = replica();
    follow(client, ask(from(client, true)));
    long before = Long.MIN_VALUE;
    for (int round = 0; round < 3; round++) {
      List<CompletableFuture<byte[]>> answers = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        answers.add(desk.ask(from(client, false).bytes()));
      }
      time.run(1);
      write("r" + round);
      assertTrue(time.runUntil(() -> answers.getLast().isDone(), 10_000), "news");
      assertTrue(round == 0 || time.nowMs() == before + CLIENTS / 20, "in time: " + time.nowMs());
      before = time.nowMs();
      follow(client, News.of(answers.getFirst().join()));
    }
  }

  @Test
  void whoWaitsHearsOfALeaderThatIsLostAndThatNothingHasChanged() {
    write("a");
    LocalReplica client = replica();
    News first = ask(from(client, true));
    assertEquals("n1", first.leader());
    follow(client, first);
    long begin = time.nowMs();
    News nothing = ask(from(client, false));
    assertTrue(nothing.changes().isEmpty() && nothing.quorum(), "nothing new");
    long waited = time.nowMs() - begin;
    assertTrue(waited >= NewsDesk.HOLD_MS && waited <= NewsDesk.HOLD_MS + 250, waited + " ms");
    CompletableFuture<byte[]> waiting = desk.ask(from(client, false).bytes());
    time.run(1);
    leader = null;
    time.run(300);
    assertFalse(News.of(waiting.join()).quorum(), "it hears at once");
  }

  /** Of which store and state a client is, and what it is told then. */
  @Test
  void whoeverCannotGoOnFromHereIsToldSo() {
    assertEquals("", ask(new Ask("", new StateMark(0, 0), true)).origin());
    for (int i = 0; i < ReplicatedCore.RING_CHANGES + 10; i++) {
      write("k" + i % 3);
    }
    String origin = replica.origin();
    StateMark newest = replica.mark(Long.MAX_VALUE);
    long there = newest.revision();
    assertEquals(Kind.FETCH, ask(new Ask("", new StateMark(0, 0), true)).kind());
    assertEquals(Kind.FETCH, ask(new Ask(origin, new StateMark(3, 3), true)).kind());
    assertEquals(
        Kind.OTHER_STORE, ask(new Ask("00000000000000ff", newest, true)).kind());
    assertEquals(
        Kind.DIFFERS, ask(new Ask(origin, new StateMark(there - 1, 5), true)).kind());
    News behind = ask(new Ask(origin, new StateMark(there + 5, 5), true));
    assertEquals(Kind.CHANGES, behind.kind());
    assertTrue(behind.changes().isEmpty(), "this member is behind");

    LocalReplica client = replica();
    client.restore(new Copies(replica, time::nowMs).newest().bytes());
    write("after");
    News news = ask(from(client, false));
    follow(client, news);
    assertEquals(there + 1, news.changes().getFirst().revision());
    assertEquals(news.hash(), client.mark(Long.MAX_VALUE).hash());
  }
}
