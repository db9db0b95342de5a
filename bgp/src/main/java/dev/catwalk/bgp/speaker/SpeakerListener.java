package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.rib.RouteListener;

/** The speaker's owner, who makes forwarding state of what is selected. */
@FunctionalInterface
public interface SpeakerListener extends RouteListener {

  /**
   * Once in a speaker's life: the routes of all peers that can be waited for are in, and {@link
   * #changed} has told of them. What the kernel has beyond them is left over from an earlier life
   * and may go now, not before (RFC 4724 §4.1).
   */
  default void converged() {}
}
