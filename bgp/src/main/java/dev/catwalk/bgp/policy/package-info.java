/**
 * Which routes are taken from a peer and told to a peer, and what becomes of their attributes on the
 * way: RFC 4271 §5, §6.3 and §9, RFC 4456 (reflection), RFC 1997 (well-known communities). Pure
 * functions of attributes and of facts about the two peers; no table, no session. Begin at {@link
 * dev.catwalk.bgp.policy.ImportPolicy} and {@link dev.catwalk.bgp.policy.ExportPolicy}.
 */
@NullMarked
package dev.catwalk.bgp.policy;

import org.jspecify.annotations.NullMarked;
