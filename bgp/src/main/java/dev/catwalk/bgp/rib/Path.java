package dev.catwalk.bgp.rib;

import dev.catwalk.bgp.wire.PathAttributes;

/** A route as one peer told it, after import. */
public record Path(Source source, PathAttributes attributes) {}
