/**
 * The store beside etcd: three processes of each, the same callers, the same values. Begin at {@code
 * Contender}.
 */
@NullMarked
package dev.catwalk.lab.store;

import org.jspecify.annotations.NullMarked;
