/**
 * Test kit: members as processes of their own, in network namespaces of their own, driven through
 * their standard input and output; clients who note what they see, and the judge of what they noted.
 * Whoever uses it brings the means to start processes. Begin at {@code Members}.
 */
@NullMarked
package dev.catwalk.raftstore.trial;

import org.jspecify.annotations.NullMarked;
