package dev.catwalk.raftstore.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.machine.KvTransaction.Delete;
import dev.catwalk.raftstore.machine.KvTransaction.Get;
import dev.catwalk.raftstore.machine.KvTransaction.Op;
import dev.catwalk.raftstore.machine.KvTransaction.Put;
import dev.catwalk.raftstore.machine.LeaseCommand.Elapse;
import dev.catwalk.raftstore.machine.LeaseCommand.Grant;
import dev.catwalk.raftstore.machine.LeaseCommand.KeepAlive;
import dev.catwalk.raftstore.machine.LeaseCommand.Revoke;
import dev.catwalk.raftstore.machine.LeaseOutcome.Ended;
import dev.catwalk.raftstore.machine.LeaseOutcome.Gone;
import dev.catwalk.raftstore.machine.LeaseOutcome.Held;
import dev.catwalk.raftstore.machine.LeaseOutcome.Refused;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeasesTest {
  private final KvMachine kv = new KvMachine();
  private long revision;

  private LeaseOutcome apply(LeaseCommand command) {
    return LeaseOutcome.decode(kv.apply(++revision, command.encode()));
  }

  private KvOutcome apply(Op... ops) {
    KvTransaction transaction = new KvTransaction(List.of(), List.of(ops), List.of());
    return KvOutcome.decode(kv.apply(++revision, transaction.encode()));
  }

  private static Put put(String key, long lease) {
    return new Put(key, new byte[] {1}, lease);
  }

  /** What ended while so much time passed, told in as many parts. */
  private List<String> pass(long ms, int parts) {
    List<String> ended = new ArrayList<>();
    for (int i = 0; i < parts; i++) {
      Ended now = assertInstanceOf(Ended.class, apply(new Elapse(ms / parts)));
      if (!now.leases().isEmpty()) {
        ended.add(now.leases() + " " + now.keys());
      }
    }
    return ended;
  }

  @ParameterizedTest(name = "grant {0} for {1} ms: {2}")
  @CsvSource({
    "1, 1000, 1",
    "0, 604800000, 2",
    "7, 5000, refused",
    "1, 999, refused",
    "1, 604800001, refused",
    "1, -1, refused",
    "-1, 5000, refused"
  })
  void aLeaseIsGrantedOnce(long id, long ttlMs, String expected) {
    apply(new Grant(7, 5000));
    String seen = switch (apply(new Grant(id, ttlMs))) {
      case Held held -> String.valueOf(held.id());
      case Refused refused -> "refused";
      case Gone gone -> "gone";
      case Ended ended -> "ended";
    };
    assertEquals(expected, seen);
    assertEquals(expected.equals("refused") ? 1 : 2, kv.leases().size());
  }

  @Test
  void aChosenIdIsNobodyElses() {
    apply(new Grant(2, 5000));
    assertEquals(new Held(3, 5000), apply(new Grant(0, 5000)), "the revision's number is taken");
  }

  /** What lay before a lease was granted or kept alive does not count: it begins with the next tick. */
  @Test
  void aLeaseLivesForItsTimeAndNotMuchLonger() {
    apply(new Grant(7, 4000));
    apply(put("b", 7), put("a", 7), put("c", 0));
    assertEquals(List.of(), pass(1000, 1), "passed before it began to count");
    assertEquals(4000, kv.lease(7).remainingMs());
    assertEquals(List.of(), pass(3000, 3));
    assertEquals(1000, kv.lease(7).remainingMs());
    assertEquals(new Held(7, 4000), apply(new KeepAlive(7)));
    assertEquals(List.of(), pass(5000, 5));
    assertEquals(0, kv.lease(7).remainingMs());
    assertEquals(List.of("[7] [a, b]"), pass(1, 1), "in one revision");
    assertNull(kv.get("a"));
    assertNotNull(kv.get("c"));
    assertEquals(new Gone(7), apply(new KeepAlive(7)));
    assertEquals(new Gone(7), apply(new Revoke(7)));
    assertInstanceOf(KvOutcome.Refused.class, apply(put("a", 7), put("d", 0)));
    assertNull(kv.get("d"), "wholly or not at all");
  }

  /** A pause, however long it was, takes no more than half of the shortest lease's time. */
  @ParameterizedTest(name = "leases of {0} ms: {1} ms count for {2}")
  @CsvSource({"1000, 600, 500", "2400, 3600000, 1200", "60000, 3600000, 2000", "60000, 1999, 1999"})
  void whatPassesAtOnceIsBounded(long ttlMs, long elapsedMs, long counted) {
    apply(new Grant(1, ttlMs));
    apply(new Grant(2, 600_000));
    pass(100, 1);
    pass(elapsedMs, 1);
    assertEquals(600_000 - counted, kv.lease(2).remainingMs());
    assertEquals(ttlMs - counted, kv.lease(1).remainingMs());
    pass(-5, 1);
    assertEquals(ttlMs - counted, kv.lease(1).remainingMs(), "time does not go back");
  }

  @Test
  void aKeyIsOfTheLeaseThatItWasLastPutWith() {
    apply(new Grant(1, 5000));
    apply(new Grant(2, 5000));
    apply(put("a", 1), put("b", 1), put("c", 1), put("d", 1));
    apply(put("a", 2), put("b", 0), new Delete("c"));
    assertEquals(List.of("d"), List.copyOf(kv.lease(1).keys()));
    assertEquals(List.of("a"), List.copyOf(kv.lease(2).keys()));
    KvOutcome.Done read = (KvOutcome.Done) apply(new Get("a"), new Get("b"));
    assertEquals(2, read.results().getFirst().lease());
    assertEquals(0, read.results().getLast().lease());
    assertTrue(read.succeeded());
    assertEquals(new Ended(List.of(1L), List.of("d")), apply(new Revoke(1)));
    assertNotNull(kv.get("b"));
    byte[] outcome = kv.apply(++revision, new Revoke(2).encode());
    List<Op> deeds = KvDeeds.of(new Revoke(2).encode(), outcome);
    assertEquals(List.of(new Delete("a")), deeds, "and watchers are told");
  }

  @Test
  void limitsRefuseAndLoseNothing() {
    for (int i = 1; i <= Lease.MAX_LEASES; i++) {
      assertInstanceOf(Held.class, apply(new Grant(i, 2000)));
    }
    assertInstanceOf(Refused.class, apply(new Grant(0, 2000)));
    for (int i = 0; i < Lease.MAX_KEYS; i++) {
      assertInstanceOf(KvOutcome.Done.class, apply(put("k" + i, 1)));
    }
    assertInstanceOf(KvOutcome.Refused.class, apply(put("other", 2), put("more", 1)));
    assertNull(kv.get("other"));
    assertInstanceOf(KvOutcome.Done.class, apply(put("k0", 1)), "it is there already");
    String longest = "x".repeat(KvMachine.MAX_KEY - 3);
    for (int lease = 2; lease <= 4; lease++) {
      for (int i = 0; i < Lease.MAX_KEYS; i++) {
        apply(put(longest + (lease * 256 + i) % 1000, lease));
      }
    }
    int revisions = 0;
    int most = 0;
    pass(500, 1);
    for (; !kv.leases().isEmpty(); revisions++) {
      most = Math.max(most, kv.apply(++revision, new Elapse(1000).encode()).length);
    }
    assertTrue(most < 256 << 10, "what ends in one revision can be told in one: " + most);
    assertTrue(revisions < 20, "and all are gone soon: " + revisions);
    assertEquals(List.of(), kv.list(""));
  }

  /** Time goes on in a copy, and in a new store that begins with a backup, where it was. */
  @Test
  void aSnapshotKeepsWhatIsLeftOfALease() {
    ReplicatedCore core = new ReplicatedCore(List.of(kv));
    long index = 0;
    for (byte[] command : List.of(
        new Grant(1, 60_000).encode(),
        new Elapse(1000).encode(),
        new Grant(2, 60_000).encode(),
        KvTransaction.put("b", new byte[1]).encode(),
        new KvTransaction(List.of(), List.of(put("a", 1)), List.of()).encode())) {
      Frame.Item item = new Frame.Item(index + 1, KvMachine.NAME, command);
      core.apply(++index, new Frame(5, index, List.of(item)).encode());
    }
    core.apply(++index, new Frame(5, index, elapsing(core, index, 700)).encode());
    KvMachine other = new KvMachine();
    MembersMachine members = new MembersMachine();
    new ReplicatedCore(List.of(other, members)).restore(ReplicatedCore.asNewStore(core.snapshot()));
    assertEquals(kv.leases(), other.leases());
    assertEquals(59_300, other.lease(1).remainingMs());
    assertEquals(60_000, other.lease(2).remainingMs());
    assertArrayEquals(kv.snapshot(), other.snapshot());
    for (int i = 0; i < 61; i++) {
      byte[] passed = new Elapse(1000).encode();
      assertArrayEquals(kv.apply(100 + i, passed), other.apply(100 + i, passed));
    }
    assertEquals(List.of(), other.leases());
    KvMachine never = new KvMachine();
    never.apply(4, KvTransaction.put("b", new byte[1]).encode());
    assertArrayEquals(never.snapshot(), other.snapshot(), "as older programs write it");
    for (byte[] next : List.of(new Grant(3, 9000).encode(), new Elapse(1000).encode())) {
      never.apply(900, next);
      other.apply(900, next);
    }
    assertArrayEquals(never.snapshot(), other.snapshot(), "and time begins anew");
  }

  private static List<Frame.Item> elapsing(ReplicatedCore core, long sequence, long ms) {
    List<Frame.Item> items = new ArrayList<>();
    core.elapse(ms).forEach((name, passed) -> items.add(new Frame.Item(sequence, name, passed)));
    return items;
  }

  @Test
  void nothingIsSaidOfTimeWhileNothingWaits() {
    ReplicatedCore core = new ReplicatedCore(List.of(kv));
    assertEquals(0, core.periodMs());
    assertTrue(core.elapse(1000).isEmpty());
    apply(new Grant(1, 2000));
    assertEquals(500, core.periodMs());
    assertTrue(core.elapses(KvMachine.NAME, core.elapse(1000).get(KvMachine.NAME)));
    assertFalse(core.elapses(KvMachine.NAME, new Revoke(1).encode()));
    assertEquals(Lease.FORMAT, core.format(KvMachine.NAME, new Revoke(1).encode()));
    byte[] old = KvTransaction.delete("k").encode();
    assertEquals(1, core.format(KvMachine.NAME, old));
    apply(new Grant(2, 3200));
    apply(new Revoke(1));
    assertEquals(800, core.periodMs(), "by the shortest that is there");
    apply(new Revoke(2));
    assertEquals(0, core.periodMs());
  }

  /** Each format with every length that it must not have. */
  @Test
  void formatsStayAndWhatIsNoneIsRefused() {
    List<UnaryOperator<byte[]>> codecs = List.of(
        bytes -> LeaseCommand.decode(bytes).encode(),
        bytes -> KvTransaction.decode(bytes).encode(),
        bytes -> LeaseOutcome.decode(bytes).encode(),
        bytes -> KvOutcome.decode(bytes).encode(),
        bytes -> {
          KvMachine fresh = new KvMachine();
          fresh.restore(bytes);
          return fresh.snapshot();
        });
    List<String> formats = List.of(
        "0 02 02 0000000000000007 00000000000003e8",
        "0 02 03 0000000000000007",
        "0 02 04 0000000000000007",
        "0 02 05 0000000000000007",
        "1 02 01 00000000 00000001 04 00000001 61 00000001 ff 0000000000000007 00000000",
        "2 01 00 00000001 61",
        "2 01 01 0000000000000007 00000000000003e8",
        "2 01 02 0000000000000007",
        "2 01 03 00000001 0000000000000007 00000001 00000001 61",
        "3 01 03 00000001 01 00000001 61 0000000000000005 00000001 ff 0000000000000007",
        "4 02 00000001 00000001 61 0000000000000005 00000001 ff 0000000000000007"
            + " 0000000000000009 00000001 0000000000000007 00000000000003e8 000000000000000a");
    for (String format : formats) {
      UnaryOperator<byte[]> codec = codecs.get(format.charAt(0) - '0');
      byte[] bytes = HexFormat.of().parseHex(format.substring(2).replace(" ", ""));
      assertArrayEquals(bytes, codec.apply(bytes), format);
      for (int length = 0; length < bytes.length; length++) {
        byte[] cut = Arrays.copyOf(bytes, length);
        assertThrows(MalformedException.class, () -> codec.apply(cut), format + " cut");
      }
      byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
      assertThrows(MalformedException.class, () -> codec.apply(longer), format);
    }
    byte[] stray = HexFormat.of().parseHex("0209");
    assertInstanceOf(Refused.class, LeaseOutcome.decode(kv.apply(1, stray)));
  }
}
