package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.machine.Frame;
import dev.catwalk.raftstore.machine.MemberChange;
import dev.catwalk.raftstore.machine.MembersMachine;
import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.machine.Roster.Seat;
import io.atomix.protocols.raft.ReadConsistency;
import io.atomix.protocols.raft.storage.log.entry.OpenSessionEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SeatsTest {
  private static final Roster FOUNDERS =
      Roster.founders(Map.of("n1", "a:1", "n2", "a:2", "n3", "a:3"));
  private static final Roster FOUR = FOUNDERS.with("n4", new Seat("a:4", false, ""));
  private static final Roster VOTING = FOUR.with("n4", new Seat("a:4", true, ""));

  private final MembersMachine machine = new MembersMachine();
  private final Seats seats = new Seats(FOUNDERS, machine::roster);
  private final List<Roster> told = new ArrayList<>();

  private static OpenSessionEntry entry(Roster roster) {
    byte[] frame = new Frame(
            7, 1, List.of(new Frame.Item(1, MembersMachine.NAME, MembersMachine.seat(roster))))
        .encode();
    return new OpenSessionEntry(
        1, 1, "n1", "", Seats.TYPE, frame, ReadConsistency.SEQUENTIAL, 0, 1);
  }

  /** A member goes by what is written, and back when that is cut off. */
  @Test
  void theNewestRosterInTheLogCounts() {
    seats.whenChanged(told::add);
    seats.appended(10, entry(FOUR));
    assertEquals(FOUR, seats.current());
    assertFalse(seats.settled());
    seats.appended(11, entry(VOTING));
    seats.cut(10);
    assertEquals(FOUR, seats.current());
    seats.cut(9);
    assertEquals(FOUNDERS, seats.current());
    seats.appended(10, entry(FOUR));
    assertTrue(MembersMachine.done(machine.apply(1, MembersMachine.seat(FOUR))));
    seats.applied(10);
    assertTrue(seats.settled());
    seats.cut(10);
    assertEquals(FOUR, seats.current());
    assertEquals(List.of(FOUNDERS, FOUR, VOTING, FOUR, FOUNDERS, FOUR), told);
  }

  /** An entry that comes twice, or too late, changes nothing; the machine decides the same. */
  @Test
  void onlyTheNextRosterCounts() {
    seats.whenChanged(told::add);
    seats.appended(10, entry(VOTING));
    assertEquals(FOUNDERS, seats.current());
    assertFalse(MembersMachine.done(machine.apply(1, MembersMachine.seat(VOTING))));
    seats.appended(11, entry(FOUR));
    seats.appended(12, entry(FOUR));
    seats.cut(11);
    assertEquals(FOUR, seats.current());
    assertEquals(2, told.size());
  }

  /** A snapshot brings its roster; one without says what older programs wrote, to the byte. */
  @Test
  void aSnapshotHoldsTheRoster() {
    byte[] before = machine.snapshot();
    assertEquals(1, before[0]);
    var unused = machine.apply(1, MembersMachine.seat(FOUR));
    MembersMachine other = new MembersMachine();
    other.restore(machine.snapshot());
    assertEquals(FOUR, other.roster());
    assertArrayEquals(machine.snapshot(), other.snapshot());
    other.restore(before);
    assertNull(other.roster());
  }

  /** Who has left cannot be taken in anew, whoever lets it in late. */
  @Test
  void onlyWhoSitsInTheStoreIsTakenIn() {
    byte[] disk = MembersMachine.admit("n2", new MembersMachine.Member(7, "a:2"));
    assertTrue(MembersMachine.done(machine.apply(1, disk)));
    Roster rest = FOUNDERS.without("n2");
    assertTrue(MembersMachine.done(machine.apply(2, MembersMachine.seat(rest))));
    assertNull(machine.member("n2"));
    assertFalse(MembersMachine.done(machine.apply(3, disk)));
    assertNull(machine.member("n2"));
  }

  @Test
  void aChangeIsReadAsItWasWritten() {
    for (MemberChange change : List.of(
        new MemberChange.Join("n4", "h:1", "n2"),
        new MemberChange.Leave("n2"),
        new MemberChange.Move("n2", "h:2"),
        new MemberChange.Need(Format.NEEDS))) {
      assertEquals(change, MemberChange.of(change.bytes()));
    }
    assertEquals(VOTING, Roster.of(VOTING.bytes()));
    Roster needing = VOTING.needing(Format.NEEDS);
    assertEquals(needing, Roster.of(needing.bytes()));
    assertEquals(
        Format.NEEDS,
        needing.without("n2").with("n5", new Seat("a:5", true, "")).needs());
    assertEquals(List.of("n1", "n2", "n3"), FOUR.voters());
    assertEquals(3, VOTING.quorum());
  }
}
