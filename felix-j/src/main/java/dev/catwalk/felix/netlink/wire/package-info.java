/**
 * rtnetlink as records and codecs: requests that we write, messages that we read. Host byte order
 * and 4-byte alignment as {@code netlink(7)} and {@code rtnetlink(7)} say; every length is checked
 * before it is trusted. Knows no socket. Begin at {@code Request} and {@code Inbound}.
 */
@NullMarked
package dev.catwalk.felix.netlink.wire;

import org.jspecify.annotations.NullMarked;
