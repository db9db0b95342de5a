/**
 * What this node's kernel shall hold and what it tells its BGP peers, as a function of cluster
 * state, learned routes and this node's name. Output depends on state, never on the way there. The
 * values that the kernel's room takes ({@code DesiredKernel}, {@code PodWiring}) live here because
 * they are decisions. Knows no socket, thread or clock. Begin at {@code NodeCalc}.
 */
@NullMarked
package dev.catwalk.felix.calc;

import org.jspecify.annotations.NullMarked;
