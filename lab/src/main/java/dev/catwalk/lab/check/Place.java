package dev.catwalk.lab.check;

import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Where probes come from and go to.
 *
 * @param port where it serves TCP; 0 where it is only asked from
 * @param otherPorts where it serves too
 */
public record Place(String name, IpAddress address, int port, List<Integer> otherPorts) {
  public Place(String name, IpAddress address, int port) {
    this(name, address, port, List.of());
  }

  List<Integer> ports() {
    List<Integer> ports = new ArrayList<>();
    if (port > 0) {
      ports.add(port);
      ports.addAll(otherPorts);
    }
    return ports;
  }
}
