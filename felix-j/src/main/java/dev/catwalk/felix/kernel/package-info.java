/**
 * The kernel's state and how it is kept: one loop for links and routes (netlink), one for rules and
 * address sets (iptables, ipset), one thread that wires pods. Desired state comes whole into a slot
 * where the newest wins; the actual state is read back; the difference is written. Only what bears
 * our marks is ever changed, and nothing is removed before the first complete desired state. What
 * shall be there is decided in {@code felix.calc}; which message says it, in {@code
 * felix.netlink.wire}. Besides {@code bgp.netty} the only room that makes native calls, and the only
 * one that runs programs. Begin at {@code KernelService}.
 */
@NullMarked
package dev.catwalk.felix.kernel;

import org.jspecify.annotations.NullMarked;
