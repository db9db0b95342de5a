package dev.catwalk.bgp.bmp;

import dev.catwalk.net.addr.IpAddress;

/**
 * A monitoring station that we connect to.
 *
 * @param port 1..65535
 */
public record BmpStation(IpAddress address, int port) {
  @Override
  public String toString() {
    return address.isV4() ? address + ":" + port : "[" + address + "]:" + port;
  }
}
