package dev.catwalk.felix.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.rib.RouteListener.RouteChange;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.raftstore.machine.Change;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MailboxTest {
  private static final Prefix A = Prefix.parse("10.0.0.0/24");

  private final Mailbox mailbox = new Mailbox();

  @Test
  void aPrefixIsThereOnceHoweverOftenItChanges() throws InterruptedException {
    for (int i = 0; i < 10_000; i++) {
      mailbox.routesChanged(List.of(new RouteChange(A, List.of())));
    }
    assertEquals(1, mailbox.take(0).routes().size());
    assertTrue(mailbox.take(0).routes().isEmpty());
  }

  @Test
  void tooManyChangesAreDroppedTogether() throws InterruptedException {
    for (int i = 1; i <= Mailbox.MAX_CHANGES + 5; i++) {
      mailbox.changed(committed(i));
    }
    Mailbox.Batch batch = mailbox.take(0);
    assertEquals(Mailbox.MAX_CHANGES, batch.changes().size());
    assertTrue(batch.changesLost());
    mailbox.changed(committed(7));
    assertFalse(mailbox.take(0).changesLost());
  }

  @Test
  void aReplacementStandsForAllBeforeIt() throws InterruptedException {
    mailbox.changed(committed(1));
    mailbox.changed(new Change.Replaced(9, new TreeMap<>()));
    mailbox.changed(committed(10));
    assertEquals(
        List.of(9L, 10L),
        mailbox.take(0).changes().stream().map(Change::revision).toList());
  }

  @Test
  void convergedIsToldOnceAndWithTheRoutesBeforeIt() throws InterruptedException {
    mailbox.routesChanged(List.of(new RouteChange(A, List.of())));
    mailbox.converged();
    Mailbox.Batch batch = mailbox.take(0);
    assertTrue(batch.converged());
    assertEquals(1, batch.routes().size());
    assertFalse(mailbox.take(0).converged());
  }

  @Test
  void aCallTooManyIsRefused() throws InterruptedException {
    for (int i = 0; i < Mailbox.MAX_CALLS; i++) {
      assertTrue(mailbox.call(() -> {}));
    }
    assertFalse(mailbox.call(() -> {}));
    assertEquals(Mailbox.MAX_CALLS, mailbox.take(0).calls().size());
    assertTrue(mailbox.call(() -> {}));
  }

  private static Change committed(long revision) {
    return new Change.Committed(revision, "kv", new byte[0], new byte[0]);
  }
}
