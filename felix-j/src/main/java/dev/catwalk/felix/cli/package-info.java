/**
 * The command line: one class for each verb, thin. A verb about the running agent is a question
 * over its unix socket, answered there as ready text, so that this side stays quick: no Netty, no
 * store, no JSON tree on that path. Exit statuses are those of {@code docs/contracts.md}. Begin at
 * {@code Catwalk}.
 */
@NullMarked
package dev.catwalk.felix.cli;

import org.jspecify.annotations.NullMarked;
