/**
 * What the agents of a cluster share, as values: nodes, endpoints and manifests under keys of the
 * store, and the addresses beside them. {@link dev.catwalk.felix.model.ClusterState} follows the
 * store's feed; all of an agent's decisions are functions of it. Knows no store, thread or clock.
 * Begin there.
 */
@NullMarked
package dev.catwalk.felix.model;

import org.jspecify.annotations.NullMarked;
