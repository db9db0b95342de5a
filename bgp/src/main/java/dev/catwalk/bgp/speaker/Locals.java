package dev.catwalk.bgp.speaker;

import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * Our end of a connection.
 *
 * @param address of the socket
 * @param other an address of the other family on the same interface, for routes of that family; null
 *     where there is none, and then none of those routes are told
 * @param link the interface; empty where that is not known
 */
public record Locals(IpAddress address, @Nullable IpAddress other, String link) {
  /** On an interface that is not known. */
  public Locals(IpAddress address, @Nullable IpAddress other) {
    this(address, other, "");
  }

  public Locals {
    assert other == null || other.family() != address.family();
  }

  /** Where traffic of that family finds us on this link. */
  public @Nullable IpAddress nextHop(Family family) {
    return address.family() == family ? address : other;
  }
}
