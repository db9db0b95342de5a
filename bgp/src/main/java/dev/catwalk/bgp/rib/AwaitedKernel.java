package dev.catwalk.bgp.rib;

import dev.catwalk.net.addr.Prefix;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What the owner's kernel forwards, where he says so, and what he has said of it since. */
final class AwaitedKernel {
  private final IntList news = new IntList(); // prefixes that are forwarded now, or no longer
  private int done;
  private @Nullable Predicate<Prefix> forwarded;

  /** From now on that is what it forwards. */
  void watch(Predicate<Prefix> prefixes) {
    forwarded = prefixes;
  }

  boolean isWatched() {
    return forwarded != null;
  }

  boolean forwards(Prefix prefix) {
    Predicate<Prefix> known = forwarded;
    return known == null || known.test(prefix);
  }

  /** That prefix is forwarded now, or no longer. */
  void note(int p) {
    news.add(p);
  }

  boolean hasNews() {
    return done < news.size();
  }

  /** Gives at most so many of the prefixes that were noted. */
  void takeNews(int limit, IntConsumer to) {
    for (int given = 0; given < limit && done < news.size(); given++) {
      to.accept(news.get(done++));
    }
    if (done == news.size()) {
      news.clear();
      done = 0;
    }
  }
}
