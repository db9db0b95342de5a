package dev.catwalk.felix.calc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Collections;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PodMarkTest {
  private static final String EPOCH = "00c0ffee00c0ffee";

  private static PodMark mark(String pod, String mac, String... labels) {
    TreeMap<String, String> all = new TreeMap<>();
    for (String label : labels) {
      all.put(label.substring(0, label.indexOf('=')), label.substring(label.indexOf('=') + 1));
    }
    return new PodMark(EPOCH, "c0", "eth0", "/run/netns/a", "catwalk", "shop", pod, mac, all);
  }

  @Test
  void whatIsWrittenIsRead() {
    PodMark plain = mark("web-0", "");
    assertEquals("1 " + EPOCH + " c0 eth0 /run/netns/a catwalk shop web-0 - -", plain.text());
    assertEquals(Optional.of(plain), PodMark.parse(plain.text()));
    PodMark whole = mark("web-0", "02:00:00:00:00:01", "app=web", "empty=", "tier=a/b");
    assertEquals(Optional.of(whole), PodMark.parse(whole.text()));
    assertEquals(Optional.of(EPOCH), PodMark.epoch(whole.text()));
  }

  /** The kernel keeps so much; and a pod of which only a part is known must not be wired again. */
  @Test
  void whatDoesNotFitIsLeftOutAsAWhole() {
    for (PodMark mark : new PodMark[] {
      mark("p".repeat(253), ""), mark("web 0", ""), mark("w", "", "app=" + "x".repeat(250))
    }) {
      assertEquals("1 " + EPOCH, mark.text());
      assertEquals(Optional.empty(), PodMark.parse(mark.text()));
      assertEquals(Optional.of(EPOCH), PodMark.epoch(mark.text()));
    }
    PodMark full = mark("p".repeat(254 - mark("", "").text().length()), "");
    assertEquals(Collections.emptySortedMap(), full.labels());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "uplink to rack 7", "1", "2 00c0ffee00c0ffee a b c d e f - -", "1 xyz"})
  void whatOthersWriteIsNoMark(String text) {
    assertEquals(Optional.empty(), PodMark.parse(text));
    assertEquals(Optional.empty(), PodMark.epoch(text));
  }
}
