/**
 * The processes of an ExaBGP configuration, with their standard input and output. What they are told
 * and what becomes of their commands is {@code bgp.exarun}'s; here a process that does not read, writes
 * too much or dies is kept from costing anybody else anything. Begin at {@link
 * dev.catwalk.bgp.children.ChildProcesses}.
 */
@NullMarked
package dev.catwalk.bgp.children;

import org.jspecify.annotations.NullMarked;
