/**
 * The other opinion: judges a packet by the model alone, with the whole reasoning. It shares no
 * code with the compiler, so that each checks the other. Begin at {@link
 * dev.catwalk.acl.verdict.Evaluator}.
 */
@NullMarked
package dev.catwalk.acl.verdict;

import org.jspecify.annotations.NullMarked;
