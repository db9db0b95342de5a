/**
 * Who a member is: a certificate authority for one cluster, and a certificate for each of its nodes
 * whose subject alternative name says cluster and node. Writes X.509 (RFC 5280) in DER by itself,
 * since the JDK reads certificates and makes none. Begin at {@code ClusterPki}.
 */
@NullMarked
package dev.catwalk.raftstore.pki;

import org.jspecify.annotations.NullMarked;
