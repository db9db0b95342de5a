package dev.catwalk.bgp.policy;

import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.PathAttributes;
import org.jspecify.annotations.Nullable;

/** What becomes of a route whose sender is away for longer than its restart: RFC 9494 §4.2. */
public final class LongLived {
  private LongLived() {}

  /** The last choice from now on, and marked so; null: it does not outlive the restart. */
  public static @Nullable PathAttributes stale(PathAttributes attributes) {
    Communities communities = attributes.communities().orElse(null);
    if (communities == null) {
      return attributes
          .with()
          .communities(Communities.of(Communities.LLGR_STALE))
          .build();
    }
    return communities.contains(Communities.NO_LLGR)
        ? null
        : attributes
            .with()
            .communities(communities.with(Communities.LLGR_STALE))
            .build();
  }
}
