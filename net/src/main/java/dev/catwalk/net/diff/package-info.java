/** Desired against actual: {@link dev.catwalk.net.diff.Delta}, what every reconcile loop applies. */
@NullMarked
package dev.catwalk.net.diff;

import org.jspecify.annotations.NullMarked;
