package dev.catwalk.acl.verdict;

import dev.catwalk.net.addr.IpAddress;

/**
 * The first packet of a flow.
 *
 * @param protocol its number in the IP header
 * @param port the destination's, 0 where the protocol has no ports
 */
public record Packet(IpAddress source, IpAddress destination, int protocol, int port) {}
