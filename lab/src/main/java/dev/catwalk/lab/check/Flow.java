package dev.catwalk.lab.check;

import dev.catwalk.net.addr.IpAddress;

/**
 * A stream of numbered packets from one place to another.
 *
 * @param id from 0, its place in the list of all
 * @param from name of a place, as in {@link Place}
 * @param address of {@code to}
 * @param allowed whether policy lets its packets pass
 */
public record Flow(int id, String from, String to, IpAddress address, boolean allowed) {}
