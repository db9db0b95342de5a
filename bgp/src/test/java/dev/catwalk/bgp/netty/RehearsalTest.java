package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.DecodeContext;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.net.addr.Family;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is rehearsed is what will be played, and nothing of it is left. */
class RehearsalTest {
  private static List<Message> read(ByteBuffer said) throws Exception {
    ByteBuf in = Unpooled.wrappedBuffer(said);
    Open ours = Open.of(64512, 90, 1, List.of(AfiSafi.IPV4_UNICAST, AfiSafi.unicast(Family.IPV6)));
    DecodeContext context = DecodeContext.beforeOpen();
    List<Message> messages = new ArrayList<>();
    while (in.isReadable()) {
      Message message =
          Wire.decode(in.readSlice(Wire.frameLength(in, Wire.MESSAGE_LIMIT)), context);
      if (message instanceof Open theirs) {
        context = DecodeContext.between(ours, theirs);
      }
      messages.add(message);
    }
    return messages;
  }

  @Test
  void theTableIsOneThatTheSpeakerTakesWithoutAProblem() throws Exception {
    EnumSet<Family> families = EnumSet.noneOf(Family.class);
    int announced = 0;
    int withdrawn = 0;
    for (Message message : read(Script.table(64514, 7, 200))) {
      if (message instanceof Update update) {
        assertEquals(List.of(), update.problems());
        for (Update.Reach reach : update.announced()) {
          families.add(reach.prefixes().family());
          announced += reach.prefixes().size();
        }
        withdrawn += update.withdrawn().stream().mapToInt(List::size).sum();
      }
    }
    assertTrue(announced > 800, "announced " + announced);
    assertTrue(withdrawn > 0, "withdrawn " + withdrawn);
    assertEquals(EnumSet.allOf(Family.class), families);
  }

  @Test
  void twoTellersHavePrefixesInCommonAndPathsOfTheirOwn() throws Exception {
    List<Message> first = read(Script.table(64514, 7, 50));
    List<Message> second = read(Script.table(64515, 7, 50));
    Update one = (Update) first.get(2);
    Update other = (Update) second.get(2);
    assertEquals(
        one.announced().getFirst().prefixes(), other.announced().getFirst().prefixes());
    assertTrue(!one.announced()
        .getFirst()
        .attributes()
        .equals(other.announced().getFirst().attributes()));
  }

  @Test
  void theChangesAreOneByOneAndLeaveNothing() throws Exception {
    ByteBuffer said = Script.changes(64514, 7, 200);
    int messages = 0;
    List<Object> known = new ArrayList<>();
    ByteBuf in = Unpooled.wrappedBuffer(said);
    Open ours = Open.of(64512, 90, 1, List.of(AfiSafi.IPV4_UNICAST));
    DecodeContext context = DecodeContext.between(ours, ours);
    while (in.isReadable()) {
      Update update =
          (Update) Wire.decode(in.readSlice(Wire.frameLength(in, Wire.MESSAGE_LIMIT)), context);
      assertEquals(List.of(), update.problems());
      update.announced().forEach(reach -> known.add(reach.prefixes()));
      update.withdrawn().forEach(known::remove);
      assertTrue(known.size() <= 1, "one at a time: " + known);
      messages++;
    }
    assertEquals(200, messages);
    assertEquals(List.of(), known);
  }

  @Test
  void theSpeakerAnswersWithTheTableOfTheTellers() {
    assertTrue(Rehearsal.play(Duration.ofMinutes(2), 0, 10_000) >= 10_000);
  }

  /** A machine that is too slow for the time takes longer, but not for ever. */
  @Test
  void itLastsForATimeOrUntilEnoughWasSaid() {
    Rehearsal.Length length = new Rehearsal.Length(5, 100, 1_000, 9_000);
    assertFalse(length.isOver(8_999, 104));
    assertTrue(length.isOver(9_000, 6));
    assertTrue(length.isOver(1_000, 105));
    assertFalse(length.isOver(999, 105));
    assertFalse(length.isOver(999, 4 + 100 * Rehearsal.LONGER));
    assertTrue(length.isOver(999, 5 + 100 * Rehearsal.LONGER));
  }
}
