/**
 * Test kit: time that passes only when a test says so, seeded links, and a hash over all that
 * happened. A failing run is its seed.
 */
@NullMarked
package dev.catwalk.net.sim;

import org.jspecify.annotations.NullMarked;
