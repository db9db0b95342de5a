/**
 * {@link dev.catwalk.net.tree.SortedTree}, an immutable sorted map whose successors share all but a
 * path with it: what large states are made of that cross threads as values.
 */
@NullMarked
package dev.catwalk.net.tree;

import org.jspecify.annotations.NullMarked;
