/**
 * The lab's hands: namespaces, cables, router daemons, agents, pods, probes, and taking it all away
 * again. Runs what {@code topology} planned; holds no expectation. Every failure names the command
 * and what it said. Begin at {@link dev.catwalk.lab.shell.Site}.
 */
@NullMarked
package dev.catwalk.lab.shell;

import org.jspecify.annotations.NullMarked;
