package dev.catwalk.lab.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MeasurementTest {
  @ParameterizedTest
  @CsvSource({"50, 50", "99, 99", "99.5, 100", "100, 100", "0.5, 1"})
  void percentileIsTheValueAtTheNearestRank(double percent, double value) {
    List<Long> hundred = LongStream.rangeClosed(1, 100).boxed().toList().reversed();
    assertEquals(value, Measurement.percentile(hundred, percent));
  }

  @Test
  void anAimIsMissedAboveItOnly() {
    assertFalse(Measurement.of("x", 7, "s").missed());
    assertFalse(Measurement.of("x", 7, "s").aim(7).missed());
    assertTrue(Measurement.of("x", 7.1, "s").aim(7).missed());
  }

  @Test
  void isShownWithTheDigitsThatCount() {
    assertEquals(
        """
        WHAT  VALUE         AIM
        rss   128 MB        at most 130   met
        idle  0.62 % of it  at most 0.50  missed
        slow  12.3 ms
        """,
        Measurement.text(List.of(
            Measurement.of("rss", 127.9, "MB").aim(130),
            Measurement.of("idle", 0.618, "% of it").aim(0.5),
            Measurement.of("slow", 12.34, "ms"))));
    assertEquals(
        """
        [{"what":"rss","value":127.5,"unit":"MB","aim":130.0,"met":true},\
        {"what":"slow","value":12.5,"unit":"ms"}]""",
        Measurement.json(List.of(
                Measurement.of("rss", 127.5, "MB").aim(130), Measurement.of("slow", 12.5, "ms")))
            .toString());
  }
}
