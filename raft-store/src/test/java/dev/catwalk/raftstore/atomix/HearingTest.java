package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.machine.News;
import dev.catwalk.raftstore.machine.News.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a client believes of the members that it hears, in virtual time. */
class HearingTest {
  private long now = 1000;
  private final Hearing hearing = new Hearing(now);

  private static News news(Kind kind, boolean quorum) {
    return new News(kind, "0123456789abcdef", "n1", quorum, 0, List.of());
  }

  /** One answer at the end of that time; whether the next member is asked then. */
  private boolean after(long ms, News news) {
    now += ms;
    return hearing.heard(news, false, now);
  }

  @Test
  void oneMemberWithoutAMajorityIsPassedByAndNotBelieved() {
    assertFalse(hearing.majority(now));
    assertFalse(after(10, news(Kind.CHANGES, true)));
    assertTrue(hearing.majority(now) && hearing.following());
    assertEquals("n1", hearing.leader());
    // It was just started, or is cut off.
    assertFalse(after(900, news(Kind.CHANGES, false)));
    assertTrue(hearing.majority(now));
    assertTrue(after(900, news(Kind.CHANGES, false)), "the next one is asked");
    assertFalse(hearing.following());
    assertTrue(hearing.majority(now));
    assertFalse(after(50, news(Kind.CHANGES, true)));
    // Later another one: it was not two in a row.
    assertTrue(after(1300, news(Kind.CHANGES, false)));
    assertTrue(hearing.majority(now));
    assertFalse(after(100, news(Kind.CHANGES, false)));
    assertTrue(after(1200, news(Kind.CHANGES, false)));
    assertFalse(hearing.majority(now), "two in a row are believed");
    assertFalse(after(50, news(Kind.CHANGES, true)));
    assertTrue(hearing.majority(now));
  }

  @Test
  void aMemberThatHangsCostsNoMajorityUntilTheNextOneIsAsked() {
    after(10, news(Kind.CHANGES, true));
    assertTrue(after(Hearing.NEWS_MS, null), "no answer: the next one is asked");
    assertTrue(hearing.majority(now));
    assertFalse(hearing.any(now));
    after(Hearing.MAJORITY_MS - Hearing.NEWS_MS - 1, null);
    assertTrue(hearing.majority(now));
    after(1, null);
    assertFalse(hearing.majority(now), "none has answered");
  }

  @Test
  void aMemberOfAnotherStoreIsNotFollowedAndSaysNothingOfAMajority() {
    assertFalse(after(10, news(Kind.OTHER_STORE, true)));
    assertFalse(hearing.following());
    assertFalse(hearing.majority(now));
    assertTrue(hearing.any(now));
    assertFalse(hearing.heard(news(Kind.FETCH, true), true, now + 5000), "it brings a whole state");
    assertTrue(hearing.following());
  }
}
