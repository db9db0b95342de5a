/**
 * What address management knows, as values: pools, blocks with their owners, what is allocated in
 * them. Begin at {@link dev.catwalk.ipam.model.IpamState}; what may change it is in {@code
 * ipam.machine}. Knows nothing of logs, nodes' disks or kernels.
 */
@NullMarked
package dev.catwalk.ipam.model;

import org.jspecify.annotations.NullMarked;
