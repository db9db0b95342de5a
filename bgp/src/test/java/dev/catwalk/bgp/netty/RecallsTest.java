package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecallsTest {

  /** However many stations come and go; {@code -1}: the last answer is one for this station, too. */
  @ParameterizedTest(name = "asked at {0}, a station since {1}, now {2}: {3}")
  @CsvSource(textBlock = """
            , 100000, 100000, 0
      100000, 100000, 100500, -1
      100000, 101000, 101000, 59000
      100000, 101000, 160000, 0
      100000, 300000, 300000, 0
      """)
  void aPeerIsAskedNowAndThenOnly(@Nullable Long asked, long since, long now, long wait) {
    assertEquals(wait, Recalls.waitMs(asked, since, now));
  }
}
