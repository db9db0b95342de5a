package dev.catwalk.felix.calc;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.MacAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A pod's interface as it shall be. Names and MAC addresses follow from the container alone, so
 * that a second try finds what the first one made.
 */
public final class PodWiring {

  /** What Ethernet carries everywhere. */
  public static final int DEFAULT_MTU = 1500;

  private final String containerId;
  private final String netns;
  private final String ifName;
  private final List<IpAddress> addresses;
  private final int mtu;
  private final Optional<MacAddress> wantedMac;

  /** What is written on the host's side. */
  private final String mark;

  /** What names and MAC addresses are cut from; costly to make. */
  private final byte[] digest;

  /**
   * Describes one.
   *
   * @param containerId CNI_CONTAINERID
   * @param netns path of the pod's network namespace
   * @param ifName CNI_IFNAME, the name inside the pod
   * @param addresses the pod's own, at most one of each family, at least one
   * @param mtu of both sides, bytes, 1280..65535
   * @param wantedMac of the pod's side, where somebody asked for one
   */
  public PodWiring(
      String containerId,
      String netns,
      String ifName,
      List<IpAddress> addresses,
      int mtu,
      Optional<MacAddress> wantedMac) {
    this(containerId, netns, ifName, addresses, mtu, wantedMac, "");
  }

  private PodWiring(
      String containerId,
      String netns,
      String ifName,
      List<IpAddress> addresses,
      int mtu,
      Optional<MacAddress> wantedMac,
      String mark) {
    this.mark = mark;
    this.containerId = containerId;
    this.netns = netns;
    this.ifName = ifName;
    this.addresses = List.copyOf(addresses);
    this.mtu = mtu;
    this.wantedMac = wantedMac;
    this.digest = digest(containerId, ifName);
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
    return new PodWiring(containerId, otherNetns, ifName, addresses, mtu, wantedMac, mark);
  }

  /** The same with this written on the host's side; see {@link PodMark}. */
  public PodWiring marked(String text) {
    return new PodWiring(containerId, netns, ifName, addresses, mtu, wantedMac, text);
  }

  /** Name of the host side of that container's interface: {@code cw} and 11 hex digits. */
  public static String hostName(String containerId, String ifName) {
    return hostName(digest(containerId, ifName));
  }

  private static String hostName(byte[] digest) {
    return "cw" + HexFormat.of().formatHex(digest, 0, 6).substring(0, 11);
  }

  private static byte[] digest(String containerId, String ifName) {
    return Digest.of(containerId + '/' + ifName);
  }

  /** Whether a link of that name is, by the name, the host side of a pod. */
  public static boolean isHostName(String link) {
    if (link.length() != 13 || !link.startsWith("cw")) {
      return false;
    }
    for (int i = 2; i < link.length(); i++) {
      char c = link.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }

  public String containerId() {
    return containerId;
  }

  public String netns() {
    return netns;
  }

  public String ifName() {
    return ifName;
  }

  public List<IpAddress> addresses() {
    return addresses;
  }

  public int mtu() {
    return mtu;
  }

  public String mark() {
    return mark;
  }

  public Optional<MacAddress> wantedMac() {
    return wantedMac;
  }

  public String hostName() {
    return hostName(digest);
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
    byte[] mac = {0x02, digest[6], digest[7], digest[8], digest[9], (byte) (digest[10] & ~1 | side)
    };
    return MacAddress.of(mac);
  }
}
