package dev.catwalk.raftstore.machine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.catwalk.raftstore.machine.KvTransaction.Compare;
import dev.catwalk.raftstore.machine.KvTransaction.Delete;
import dev.catwalk.raftstore.machine.KvTransaction.Get;
import dev.catwalk.raftstore.machine.KvTransaction.Put;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CodecTest {
  private static byte[] transaction(byte[] bytes) {
    return KvTransaction.decode(bytes).encode();
  }

  private static byte[] outcome(byte[] bytes) {
    return KvOutcome.decode(bytes).encode();
  }

  private static byte[] frame(byte[] bytes) {
    return Frame.decode(bytes).encode();
  }

  private static byte[] replies(byte[] bytes) {
    return Reply.encode(Reply.decode(bytes));
  }

  /** Name, the bytes that stand for ever, how to read and write them. */
  static Stream<Arguments> formats() {
    return Stream.of(
        row(
            "kv put",
            CodecTest::transaction,
            "01 00000000 00000001 01 00000001 61 00000002 6869 00000000"),
        row(
            "kv compare, delete, else get",
            CodecTest::transaction,
            "01 00000001 00000001 61 0000000000000007 00000001 02 00000001 61"
                + " 00000001 03 00000001 61"),
        row(
            "kv outcome: done, one absent, one found",
            CodecTest::outcome,
            "01 01 00000002 00 01 00000001 61 0000000000000007 00000002 6869"),
        row("kv outcome: comparison failed", CodecTest::outcome, "01 02 00000000"),
        row("kv outcome: refused", CodecTest::outcome, "01 00 00000003 6e6f21"),
        row(
            "frame",
            CodecTest::frame,
            "01 1122334455667788 0000000000000005 00000001"
                + " 0000000000000006 00000002 6b76 00000001 ff"),
        row(
            "replies",
            CodecTest::replies,
            "01 00000003 0000000000000006 00 0000000000000009 00000001 aa"
                + " 0000000000000007 01 0000000000000008 02"));
  }

  private static Arguments row(String name, UnaryOperator<byte[]> codec, String hex) {
    return Arguments.of(name, codec, HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("formats")
  void formatStays(String name, UnaryOperator<byte[]> codec, byte[] bytes) {
    assertArrayEquals(bytes, codec.apply(bytes));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("formats")
  void truncatedOrTrailingIsMalformed(String name, UnaryOperator<byte[]> codec, byte[] bytes) {
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThrows(MalformedException.class, () -> codec.apply(cut), () -> "cut to " + cut.length);
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThrows(MalformedException.class, () -> codec.apply(longer));
    byte[] other = bytes.clone();
    other[0] = 2;
    assertThrows(MalformedException.class, () -> codec.apply(other), "format version 2");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("formats")
  void flippedBitsAreReadOrMalformed(String name, UnaryOperator<byte[]> codec, byte[] bytes) {
    int read = 0;
    for (int bit = 0; bit < bytes.length * 8; bit++) {
      byte[] flipped = bytes.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      try {
        var unused = codec.apply(flipped);
        read++;
      } catch (MalformedException e) {
        assertEquals(false, String.valueOf(e.getMessage()).isEmpty());
      }
    }
    assertEquals(true, read < bytes.length * 8, "some flips must be noticed");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("transactions")
  void transactionSurvives(KvTransaction transaction) {
    assertEquals(
        transaction.compares(), KvTransaction.decode(transaction.encode()).compares());
    assertArrayEquals(
        transaction.encode(), KvTransaction.decode(transaction.encode()).encode());
  }

  static Stream<KvTransaction> transactions() {
    return Stream.of(
        KvTransaction.put("k", "v".getBytes(UTF_8)),
        KvTransaction.delete("k"),
        KvTransaction.putIf("ключ", 3, new byte[0]),
        new KvTransaction(
            List.of(new Compare("a", 0), new Compare("b", Long.MAX_VALUE)),
            List.of(new Put("a", new byte[1000]), new Delete("b"), new Get("c")),
            List.of()));
  }
}
