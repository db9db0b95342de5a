package dev.catwalk.raftstore.machine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.catwalk.raftstore.machine.KvTransaction.Get;
import dev.catwalk.raftstore.machine.KvTransaction.Put;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KvMachineTest {
  private final KvMachine kv = new KvMachine();
  private long revision;

  private KvOutcome apply(KvTransaction transaction) {
    return KvOutcome.decode(kv.apply(++revision, transaction.encode()));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  /** The key "a" is there since revision 1, "b" is not. */
  @ParameterizedTest(name = "{0} expected at {1}: {2}")
  @CsvSource({"a, 1, true", "a, 0, false", "a, 2, false", "b, 0, true", "b, 1, false"})
  void comparesTheRevisionOfTheLastChange(String key, long expected, boolean holds) {
    apply(KvTransaction.put("a", bytes("1")));
    KvOutcome.Done done = (KvOutcome.Done) apply(KvTransaction.putIf(key, expected, bytes("2")));
    assertEquals(holds, done.succeeded());
    KvEntry entry = kv.get(key);
    if (holds) {
      assertEquals(2, entry.modRevision());
    } else if (key.equals("a")) {
      assertEquals(1, entry.modRevision());
      assertEquals(1, done.results().getFirst().modRevision(), "the other branch reads the entry");
    } else {
      assertNull(entry);
      assertNull(done.results().getFirst());
    }
  }

  @Test
  void listsByPrefixInOrder() {
    for (String key : List.of("nodes/b", "nodes/a", "node", "nodes0", "nodes/c")) {
      apply(KvTransaction.put(key, bytes(key)));
    }
    apply(KvTransaction.delete("nodes/b"));
    assertEquals(
        List.of("nodes/a", "nodes/c"),
        kv.list("nodes/").stream().map(KvEntry::key).toList());
    assertEquals(4, kv.list("").size());
  }

  @Test
  void aTransactionIsDoneWhollyOrNotAtAll() {
    KvTransaction bad = new KvTransaction(
        List.of(), List.of(new Put("good", bytes("1")), new Put("", bytes("2"))), List.of());
    assertInstanceOf(KvOutcome.Refused.class, apply(bad));
    assertNull(kv.get("good"));
    KvOutcome.Done done = (KvOutcome.Done) apply(
        new KvTransaction(List.of(), List.of(new Put("k", bytes("1")), new Get("k")), List.of()));
    assertArrayEquals(bytes("1"), done.results().get(1).value(), "it sees its own change");
  }

  @Test
  void aMalformedCommandIsAnOutcome() {
    assertInstanceOf(KvOutcome.Refused.class, KvOutcome.decode(kv.apply(1, new byte[] {9, 9, 9})));
    assertEquals(List.of(), kv.list(""));
  }

  @Test
  void equalStatesGiveEqualSnapshotsWhateverTheirHistory() {
    apply(KvTransaction.put("x", bytes("old")));
    apply(KvTransaction.put("b", bytes("2")));
    apply(KvTransaction.put("a", bytes("1")));
    apply(KvTransaction.delete("x"));
    KvMachine other = new KvMachine();
    other.apply(3, KvTransaction.put("a", bytes("1")).encode());
    other.apply(2, KvTransaction.put("b", bytes("2")).encode());
    assertArrayEquals(other.snapshot(), kv.snapshot());
    KvMachine restored = new KvMachine();
    restored.restore(kv.snapshot());
    assertArrayEquals(kv.snapshot(), restored.snapshot());
    assertThrows(IllegalArgumentException.class, () -> restored.restore(new byte[] {1, 0}));
    assertArrayEquals(kv.snapshot(), restored.snapshot(), "a refused snapshot changes nothing");
  }
}
