/**
 * The node agent put together: the start and stop order, the one loop that writes all state, and the
 * answers to the command line. Decides nothing about networks: what is wanted comes from {@code
 * felix.calc}, what is allowed from {@code acl}, who has which address from {@code ipam}. Begin at
 * {@code Agent}.
 */
@NullMarked
package dev.catwalk.felix.agent;

import org.jspecify.annotations.NullMarked;
