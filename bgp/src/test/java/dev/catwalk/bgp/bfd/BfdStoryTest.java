package dev.catwalk.bgp.bfd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.net.sim.Link;
import dev.catwalk.net.sim.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two ends and the path between them, in virtual time: milliseconds here, as that has them. */
class BfdStoryTest {
  private static final BfdSettings FAST = new BfdSettings(50, 3, false);
  private static final BfdSettings SLOWER = new BfdSettings(400, 5, false);

  private static final class End {
    final VirtualTime time;
    final BfdMachine machine;
    final List<BfdAction.Changed> changes = new ArrayList<>();
    final List<Long> sentAt = new ArrayList<>();
    final List<BfdPacket> sent = new ArrayList<>();

    @Nullable
    Link<BfdPacket> link;

    VirtualTime.@Nullable Task transmit;
    VirtualTime.@Nullable Task detection;

    End(VirtualTime time, BfdSettings settings, int discriminator) {
      this.time = time;
      machine = new BfdMachine(settings, discriminator);
    }

    void perform(List<BfdAction> actions) {
      for (BfdAction action : actions) {
        switch (action) {
          case BfdAction.Send(BfdPacket packet) -> {
            sentAt.add(time.nowMs());
            sent.add(packet);
            link.send(packet);
          }
          case BfdAction.ArmTransmit(long delay) -> {
            cancel(transmit);
            transmit = time.after(delay / 1000, () -> perform(machine.transmitDue()));
          }
          case BfdAction.DisarmTransmit() -> cancel(transmit);
          case BfdAction.ArmDetection(long delay) -> {
            cancel(detection);
            detection = time.after(delay / 1000, () -> perform(machine.detectionOver()));
          }
          case BfdAction.Changed changed -> changes.add(changed);
        }
      }
    }

    private static void cancel(VirtualTime.@Nullable Task task) {
      if (task != null) {
        task.cancel();
      }
    }
  }

  private static final class Pair {
    final VirtualTime time;
    final End left;
    final End right;

    Pair(long seed, BfdSettings leftWants, BfdSettings rightWants, double loss) {
      time = new VirtualTime(seed);
      left = new End(time, leftWants, 1);
      right = new End(time, rightWants, 2);
      left.link = new Link<>(time, p -> right.perform(right.machine.received(p)), 1, 5, loss);
      right.link = new Link<>(time, p -> left.perform(left.machine.received(p)), 1, 5, loss);
      left.perform(left.machine.start());
      time.run(300);
      right.perform(right.machine.start());
    }

    void assertUp() {
      time.run(5_000);
      assertEquals(BfdState.UP, left.machine.state());
      assertEquals(BfdState.UP, right.machine.state());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void bothComeUpAndAgreeOnTheSlowerInterval(long seed) {
    Pair pair = new Pair(seed, FAST, SLOWER, 0);
    pair.assertUp();
    assertEquals(400_000, pair.left.machine.transmitInterval());
    assertEquals(400_000, pair.right.machine.transmitInterval());
    assertEquals(5 * 400_000, pair.left.machine.detectionTime(), "the other side's multiplier");
    assertEquals(3 * 400_000, pair.right.machine.detectionTime());
    int before = pair.left.sentAt.size();
    pair.time.run(40_000);
    List<Long> at = pair.left.sentAt.subList(before, pair.left.sentAt.size());
    for (int i = 1; i < at.size(); i++) {
      long gap = at.get(i) - at.get(i - 1);
      assertTrue(gap >= 299 && gap <= 400, () -> "jitter is 75 to 100 %: " + gap);
    }
    assertFalse(pair.left.sent.getLast().poll(), "the poll has ended");
    assertFalse(pair.left.sent.getLast().independent(), "we share the agent's fate");
  }

  @Test
  void nobodySendsFasterThanOnceASecondBeforeItIsUp() {
    VirtualTime time = new VirtualTime(1);
    End alone = new End(time, FAST, 7);
    alone.link = new Link<>(time, p -> {}, 1, 1, 0);
    alone.perform(alone.machine.start());
    time.run(10_000);
    assertTrue(alone.sentAt.size() <= 14, alone.sentAt::toString);
    assertTrue(alone.sentAt.size() >= 10, alone.sentAt::toString);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void aCutIsNoticedInTheDetectionTimeByBothEnds(long seed) {
    Pair pair = new Pair(seed, FAST, FAST, 0);
    pair.assertUp();
    pair.left.link.cut();
    long cutAt = pair.time.nowMs();
    pair.time.run(160);
    assertEquals(BfdState.DOWN, pair.right.machine.state());
    assertTrue(pair.time.nowMs() - cutAt <= 160);
    pair.time.run(100);
    assertEquals(BfdState.DOWN, pair.left.machine.state(), "the other end says so");
    assertTrue(pair.right.changes.getLast().failed());
    assertEquals("nothing heard for 150 ms", pair.right.changes.getLast().why());
    pair.left.link.heal();
    pair.assertUp();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void someLossFailsNobodyWhoAllowsForIt(long seed) {
    BfdSettings patient = new BfdSettings(50, 20, false);
    Pair pair = new Pair(seed, patient, patient, 0.2);
    pair.time.run(20_000);
    int changes = pair.left.changes.size();
    assertEquals(BfdState.UP, pair.left.machine.state());
    pair.time.run(60_000);
    assertEquals(changes, pair.left.changes.size());
  }

  @Test
  void stoppingIsNoFailure() {
    Pair pair = new Pair(1, FAST, FAST, 0);
    pair.assertUp();
    pair.left.perform(pair.left.machine.stop());
    pair.time.run(1_000);
    assertEquals(BfdState.DOWN, pair.right.machine.state());
    assertFalse(pair.right.changes.getLast().failed());
    int silent = pair.left.sent.size();
    pair.time.run(5_000);
    assertEquals(silent, pair.left.sent.size());
  }

  @Test
  void anotherIntervalIsAgreedOnByAPollWhileItIsUp() {
    Pair pair = new Pair(1, FAST, FAST, 0);
    pair.assertUp();
    int changes = pair.right.changes.size();
    pair.left.perform(pair.left.machine.configure(SLOWER));
    assertEquals(50_000, pair.left.machine.transmitInterval(), "not before the other end knows");
    pair.time.run(5_000);
    assertEquals(400_000, pair.left.machine.transmitInterval());
    assertEquals(400_000, pair.right.machine.transmitInterval());
    assertEquals(changes, pair.right.changes.size());
  }

  /** RFC 5880 §6.8.6: zero means that nothing is to be sent. */
  @Test
  void whoWantsNothingGetsNothingButAnswers() {
    Pair pair = new Pair(1, FAST, FAST, 0);
    pair.assertUp();
    int before = pair.left.sent.size();
    BfdPacket quiet = new BfdPacket(0, BfdState.UP, true, false, true, false, 3, 2, 1, 50_000, 0);
    List<BfdAction> answer = pair.left.machine.received(quiet);
    assertTrue(answer.getFirst() instanceof BfdAction.Send(BfdPacket p) && p.fin());
    assertTrue(pair.left.machine.transmitDue().getFirst() instanceof BfdAction.DisarmTransmit);
    assertEquals(before, pair.left.sent.size());
  }
}
