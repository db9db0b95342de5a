/**
 * Addresses as values: {@link dev.catwalk.net.addr.IpAddress}, {@link
 * dev.catwalk.net.addr.Prefix}, {@link dev.catwalk.net.addr.MacAddress}, each with a total order
 * and one text form. Nothing here resolves names, opens sockets or knows an interface.
 */
@NullMarked
package dev.catwalk.net.addr;

import org.jspecify.annotations.NullMarked;
