/**
 * The container runtime's side of the agent: CNI requests and results as values, and the unix
 * socket on which they and the questions of the command line arrive. What a request means is
 * decided by pure classes ({@code CniRequest}, {@code CniResult}); only {@code SocketServer} owns
 * threads and channels. Knows no kernel and no store. Ruled by the CNI specification 1.1.0. Begin
 * at {@code CniRequest}.
 */
@NullMarked
package dev.catwalk.felix.cni;

import org.jspecify.annotations.NullMarked;
