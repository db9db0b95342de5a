package dev.catwalk.bgp.speaker;

/** How a speaker ends. */
public enum StopMode {
  /** Closes silently: peers with graceful restart keep our routes until we are back. */
  RESTART,
  /** CEASE to every peer: our routes are withdrawn at once. */
  STOP
}
