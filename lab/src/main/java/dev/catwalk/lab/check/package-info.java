/**
 * What a lab must show, and whether it did: expectations from manifests and topology, the readings
 * of {@code ip}, {@code birdc} and {@code vtysh} as values, and how both are printed. Pure: {@code
 * shell} brings the readings. Begin at {@link dev.catwalk.lab.check.Matrix}.
 */
@NullMarked
package dev.catwalk.lab.check;

import org.jspecify.annotations.NullMarked;
