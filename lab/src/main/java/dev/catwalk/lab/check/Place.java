package dev.catwalk.lab.check;

import dev.catwalk.net.addr.IpAddress;

/**
 * Where probes come from and go to.
 *
 * @param port where it serves TCP; 0 where it is only asked from
 */
public record Place(String name, IpAddress address, int port) {}
