package dev.catwalk.bgp.speaker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TalkTest {

  @Test
  void tooManyLinesBecomeTheirNumber() {
    Talk talk = new Talk();
    List<Deed> deeds = new ArrayList<>();
    Deed.Note line = Deed.Note.info("line");
    for (int i = 0; i < 25; i++) {
      talk.say(1_000 + i, line, deeds);
    }
    assertEquals(Talk.LINES, deeds.size());
    deeds.clear();
    talk.say(1_000 + Talk.WHILE_MS, line, deeds);
    assertEquals(
        List.of(Deed.Note.warning("more of the same was not logged count={}", 15), line), deeds);
  }
}
