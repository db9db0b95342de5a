package dev.catwalk.felix.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import org.junit.jupiter.api.Test;

class BoardTest {
  private final Board board = new Board(Runnable::run);

  @Test
  void whatAConcernsOnePodHindersNoOther() throws Exception {
    RouteKeeper keeper = new RouteKeeper(new FakeKernel());
    board.rulesFailed("iptables-restore: no");
    assertEquals(List.of("iptables-restore: no"), board.status().hindrances());
    assertEquals(board.status().hindrances(), board.status().lastErrors());
    board.routesFailed("netlink: no");
    assertEquals(List.of("iptables-restore: no", "netlink: no"), board.status().hindrances());
    board.routes(1, keeper);
    assertEquals(List.of("iptables-restore: no"), board.status().hindrances());
    assertFalse(board.status().inSync());
  }
}
