package dev.catwalk.felix.calc;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.MacAddress;
import java.util.List;
import java.util.Optional;

/**
 * A pod's interface as it shall be. Names and MAC addresses follow from the container alone, so
 * that a second try finds what the first one made.
 *
 * @param containerId CNI_CONTAINERID
 * @param netns path of the pod's network namespace
 * @param ifName CNI_IFNAME, the name inside the pod
 * @param addresses the pod's own, at most one of each family, at least one
 * @param mtu of both sides, bytes, 1280..65535
 * @param wantedMac of the pod's side, where somebody asked for one
 */
public record PodWiring(
    String containerId,
    String netns,
    String ifName,
    List<IpAddress> addresses,
    int mtu,
    Optional<MacAddress> wantedMac) {

  /** What Ethernet carries everywhere. */
  public static final int DEFAULT_MTU = 1500;

  public PodWiring {
    addresses = List.copyOf(addresses);
    if (addresses.isEmpty()) {
      throw new IllegalArgumentException("a pod needs an address");
    }
    if (mtu < 1280 || mtu > 65535) {
      throw new IllegalArgumentException("mtu " + mtu + " is not within 1280..65535");
    }
  }

  /** With a MAC address of our choice. */
  public PodWiring(
      String containerId, String netns, String ifName, List<IpAddress> addresses, int mtu) {
    this(containerId, netns, ifName, addresses, mtu, Optional.empty());
  }

  /** The same, reached by another path of its namespace. */
  public PodWiring in(String otherNetns) {
    return new PodWiring(containerId, otherNetns, ifName, addresses, mtu, wantedMac);
  }

  /** Name of the host side of that container's interface: {@code cw} and 11 hex digits. */
  public static String hostName(String containerId, String ifName) {
    return "cw" + Digest.hex(containerId + '/' + ifName).substring(0, 11);
  }

  /** Whether a link of that name is, by the name, the host side of a pod. */
  public static boolean isHostName(String link) {
    return link.matches("cw[0-9a-f]{11}");
  }

  public String hostName() {
    return hostName(containerId, ifName);
  }

  /** Of the host side; locally administered. */
  public MacAddress hostMac() {
    return mac(0);
  }

  /** Of the pod's side; locally administered unless asked for. */
  public MacAddress podMac() {
    return wantedMac.orElseGet(() -> mac(1));
  }

  private MacAddress mac(int side) {
    byte[] digest = Digest.of(containerId + '/' + ifName);
    byte[] mac = {0x02, digest[6], digest[7], digest[8], digest[9], (byte) (digest[10] & ~1 | side)
    };
    return MacAddress.of(mac);
  }
}
