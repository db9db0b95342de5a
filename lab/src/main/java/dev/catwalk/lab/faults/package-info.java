/**
 * The fault matrix: a store of real processes under load, one fault after the other, and what has to
 * hold after each. Begin at {@code Row}; a new fault is a row more in {@code StoreRows}, or in a list of
 * another room's.
 */
@NullMarked
package dev.catwalk.lab.faults;

import org.jspecify.annotations.NullMarked;
