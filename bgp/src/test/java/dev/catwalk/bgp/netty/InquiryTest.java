package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.catwalk.bgp.speaker.Happening;
import dev.catwalk.bgp.speaker.PeerConfig;
import dev.catwalk.bgp.speaker.PeerTotals;
import dev.catwalk.bgp.speaker.SessionConfig;
import dev.catwalk.bgp.speaker.Speaker;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig.Multipath;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** How often a speaker with a thousand peers is asked, and for how much at a time. */
class InquiryTest {
  private static final int PEERS = 1_000;

  private final SpeakerConfig config = config();
  private final Speaker speaker = new Speaker(config, false);
  private int questions;

  InquiryTest() {
    speaker.step(0, new Happening.Start());
  }

  private static SpeakerConfig config() {
    SessionConfig session = new SessionConfig(90, 0, true, false, List.of(Family.IPV4));
    List<PeerConfig> peers = new ArrayList<>();
    for (int i = 1; i <= PEERS; i++) {
      peers.add(
          new PeerConfig("p" + i, IpAddress.v4(0x0a000000 + i), PeerConfig.PORT, 65_002, session));
    }
    IpAddress self = IpAddress.parse("10.9.0.1");
    return new SpeakerConfig(65_000, self, List.of(), Multipath.OFF, peers, List.of());
  }

  private Inquiry inquiry(Consumer<Runnable> post, BooleanSupplier ended) throws IOException {
    return new Inquiry(
        speaker,
        new PathWatch(config, found -> {}),
        new LinkPeers(config, known -> {}),
        post,
        ended);
  }

  private void counted(Runnable question) {
    questions++;
    question.run();
  }

  @Test
  void allAreShownAPageAtATimeAndTotalsOrOneAtOnce() throws IOException {
    Inquiry inquiry = inquiry(this::counted, () -> false);
    assertEquals(PEERS, inquiry.peers().size());
    assertEquals(PEERS / Inquiry.PAGE + 2, questions, "pages, and a last look");
    questions = 0;
    assertEquals(PEERS, inquiry.totals(Duration.ofSeconds(1)).orElseThrow().peers());
    assertEquals("10.0.1.244", inquiry.peers("p500").getFirst().address());
    assertEquals(0, inquiry.ailing(20).count());
    assertEquals(3, questions);
  }

  @Test
  void whoeverCountsIsNotHeldUpByASpeakerThatDoesNotAnswer() throws IOException {
    Inquiry stuck = inquiry(question -> {}, () -> true);
    assertEquals(Optional.<PeerTotals>empty(), stuck.totals(Duration.ofMillis(1)));
    assertThrows(IllegalStateException.class, stuck::peers);
  }
}
