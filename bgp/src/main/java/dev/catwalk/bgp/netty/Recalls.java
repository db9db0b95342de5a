package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.bmp.BmpEncoder;
import dev.catwalk.bgp.bmp.BmpPeer;
import dev.catwalk.bgp.speaker.Deed;
import dev.catwalk.bgp.speaker.Happening;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Update;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a station that comes late has to hear from peers themselves, since our rules may have changed
 * what we keep of them: they are asked to tell it again, and the answer goes to the station octet by
 * octet. The speaker's thread alone calls it.
 */
final class Recalls {
  /** A session is asked at most so often, whatever stations come and go. */
  static final long APART_MS = 60_000;

  /** Who says no End-of-RR (RFC 7313) is taken to have answered after that time. */
  static final long ANSWER_MS = 30_000;

  /** What {@link #waitMs} says where the last answer is one for this station, too. */
  static final long ASKED = -1;

  private final Consumer<Happening> speaker;
  private final Executor speakerThread;
  private final HashMap<Deed.Target, Long> askedMs = new HashMap<>();
  private final List<Awaited> awaited = new ArrayList<>();

  /**
   * One station's wish to hear one session.
   *
   * @param connection the station's, so that the wish ends with it
   * @param sinceMs from when on the station hears what peers say
   * @param isUp whether there still is that session
   */
  record Wish(
      StationLink link,
      @Nullable Object connection,
      long sinceMs,
      Deed.Target session,
      BmpPeer peer,
      List<AfiSafi> families,
      BooleanSupplier isUp) {
    boolean isOver() {
      return link.connection() != connection || !isUp.getAsBoolean();
    }
  }

  /** A family whose end a station has not heard. */
  private record Awaited(Wish wish, AfiSafi family) {}

  /**
   * @param speaker steps the speaker
   * @param speakerThread runs something later, on its thread
   */
  Recalls(Consumer<Happening> speaker, Executor speakerThread) {
    this.speaker = speaker;
    this.speakerThread = speakerThread;
  }

  /** Asks the peer, now or as soon as it may be asked again. */
  void ask(Wish wish) {
    if (wish.isOver()) {
      return;
    }
    long now = System.currentTimeMillis();
    long wait = waitMs(askedMs.get(wish.session()), wish.sinceMs(), now);
    if (wait > 0) {
      wish.link().after(wait, () -> speakerThread.execute(() -> ask(wish)));
      return;
    }
    wish.families().forEach(family -> awaited.add(new Awaited(wish, family)));
    wish.link()
        .after(ANSWER_MS, () -> speakerThread.execute(() -> end(a -> a.wish().equals(wish))));
    if (wait == 0) {
      askedMs.put(wish.session(), now);
      speaker.accept(new Happening.Recall(wish.session().peer()));
    }
  }

  /**
   * How long a session is not to be asked for a station; {@link #ASKED}: not at all.
   *
   * @param asked when it was last; null: never
   * @param since from when on the station hears what peers say
   */
  static long waitMs(@Nullable Long asked, long since, long now) {
    if (asked == null) {
      return 0;
    }
    return asked >= since ? ASKED : Math.max(0, asked + APART_MS - now);
  }

  /** A peer has told all of a family again. */
  void answered(Deed.Target session, AfiSafi family) {
    end(a -> a.wish().session().equals(session) && a.family().equals(family));
  }

  private void end(Predicate<Awaited> which) {
    for (Awaited one : awaited.stream().filter(which).toList()) {
      awaited.remove(one);
      if (!one.wish().isOver()) {
        ByteBuf out = Unpooled.buffer();
        BmpEncoder.routes(
            one.wish().peer(), Monitoring.UNKNOWN, Update.endOfRib(one.family()), List.of(), out);
        one.wish().link().send(out);
      }
    }
  }

  void down(Deed.Target session) {
    askedMs.remove(session);
    awaited.removeIf(a -> a.wish().session().equals(session));
  }
}
