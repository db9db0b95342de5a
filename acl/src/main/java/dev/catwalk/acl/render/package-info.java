/**
 * From programs and sets to the texts that {@code iptables-restore} and {@code ipset restore}
 * read, IPv4 and IPv6 apart. Everything is named {@code cw-*}; names and rule marks are hashes of
 * content, so that a reader of the kernel can tell what is already right. Decides nothing about
 * policy; runs nothing. Begin at {@link dev.catwalk.acl.render.Iptables}.
 */
@NullMarked
package dev.catwalk.acl.render;

import org.jspecify.annotations.NullMarked;
