/**
 * What may happen to addresses: {@link dev.catwalk.ipam.machine.Ipam} applies replicated {@link
 * dev.catwalk.ipam.machine.Command}s, {@link dev.catwalk.ipam.machine.Ledger} is the owner's side of
 * its own blocks. Functions of values only: the revision, the proposer's clock and every identity
 * come in with the call. Begin at {@code Ipam.apply}.
 */
@NullMarked
package dev.catwalk.ipam.machine;

import org.jspecify.annotations.NullMarked;
