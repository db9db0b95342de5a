package dev.catwalk.felix.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.felix.kernel.RulePlan.Member;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Members by netlink, read back by ipset. */
class SetWriterTest {
  /** One of each kind and family, as {@code ipset save} prints it. */
  private static final List<Member> MEMBERS = List.of(
      new Member("cw-4a", "hash:ip", "10.42.0.2"),
      new Member("cw-4n", "hash:net", "10.0.0.0/8"),
      new Member("cw-4n", "hash:net", "192.0.2.1"),
      new Member("cw-4o", "hash:ip,port", "10.42.0.2,sctp:7000"),
      new Member("cw-4o", "hash:ip,port", "10.42.0.2,tcp:65535"),
      new Member("cw-4o", "hash:ip,port", "10.42.0.2,udp:53"),
      new Member("cw-4p", "hash:net,iface", "10.42.0.2,cw0123456789a"),
      new Member("cw-6a", "hash:ip", "fd00::2"),
      new Member("cw-6n", "hash:net", "2001:db8::/32"),
      new Member("cw-6o", "hash:ip,port", "fd00::2,tcp:80"),
      new Member("cw-6p", "hash:net,iface", "fd00::2,cw0123456789a"));

  private TestNetns nets;
  private Path node;

  @BeforeEach
  void makeNode() throws Exception {
    nets = TestNetns.open();
    node = nets.add("n");
    for (Member member : MEMBERS) {
      String family = member.set().startsWith("cw-4") ? "inet" : "inet6";
      nets.in(
          "n", "ipset -exist create " + member.set() + " " + member.type() + " family " + family);
    }
  }

  @AfterEach
  void removeNode() throws Exception {
    if (nets != null) {
      nets.close();
    }
  }

  @Test
  void everyKindOfMemberComesAndGoesTwice() throws Exception {
    StringBuilder all = new StringBuilder();
    MEMBERS.forEach(m -> all.append("add " + m.set() + " " + m.text() + "\n"));
    for (int time = 0; time < 2; time++) {
      inNode(sets -> sets.add(MEMBERS));
      assertEquals(all.toString(), members());
    }
    for (int time = 0; time < 2; time++) {
      inNode(sets -> sets.remove(MEMBERS));
      assertEquals("", members());
    }
  }

  @Test
  void whatCannotBeWrittenIsRefused() throws Exception {
    for (Member wrong : List.of(
        new Member("cw-gone", "hash:ip", "10.42.0.2"),
        new Member("cw-4a", "hash:mac", "02:00:00:00:00:01"),
        new Member("cw-4o", "hash:ip,port", "10.42.0.2,icmp:0"))) {
      KernelException e =
          assertThrows(KernelException.class, () -> inNode(sets -> sets.add(List.of(wrong))));
      assertTrue(e.getMessage().contains("address set"), e.getMessage());
    }
  }

  private String members() throws Exception {
    return nets.in("n", "ipset save | grep ^add | sort");
  }

  private interface Work {
    void with(SetWriter sets) throws KernelException;
  }

  private void inNode(Work work) throws KernelException {
    CompletableFuture<Runnable> done = new CompletableFuture<>();
    KernelThread.start("test-sets", Optional.of(node), done, () -> {
      try (SetWriter sets = new SetWriter()) {
        work.with(sets);
      }
      return () -> {};
    });
    KernelThread.await(done);
  }
}
