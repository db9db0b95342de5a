package dev.catwalk.ipam.machine;

import dev.catwalk.net.addr.Prefix;

/**
 * What there is in a block: together all of its addresses that can be handed out.
 *
 * @param used by pods of this node, and what is set apart
 * @param free what can be handed out now, that included which is reserved
 * @param cooling what rests after its release
 */
public record Stock(Prefix block, int used, int free, int cooling) {}
