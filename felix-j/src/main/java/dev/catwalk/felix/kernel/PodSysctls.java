package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.PodWiring;

/** The kernel's switches of a pod's interface, before it is up. */
final class PodSysctls {

  private PodSysctls() {}

  /**
   * No forged source. A pod without an IPv6 address gets no IPv6 through us at all: the kernel drops
   * its packets as they come.
   */
  static void ofHostSide(PodWiring pod) throws KernelException {
    Sysctl.put("net/ipv4/conf/" + pod.hostName() + "/rp_filter", true);
    String link = "net/ipv6/conf/" + pod.hostName() + "/";
    if (hasIpv6(pod)) {
      quiet(link);
      Sysctl.put(link + "forwarding", true);
    } else {
      Sysctl.putIfPresent(link + "disable_ipv6", true);
    }
  }

  /**
   * In the pod's namespace, whose owner may have switched IPv6 off for all links: this one was given
   * an address.
   */
  static void ofPodSide(PodWiring pod) throws KernelException {
    if (concernPodSide(pod)) {
      quiet("net/ipv6/conf/" + pod.ifName() + "/");
    }
  }

  private static void quiet(String link) throws KernelException {
    Sysctl.put(link + "disable_ipv6", false);
    Sysctl.put(link + "accept_dad", false);
    Sysctl.put(link + "accept_ra", false);
  }

  static boolean concernPodSide(PodWiring pod) {
    return hasIpv6(pod);
  }

  private static boolean hasIpv6(PodWiring pod) {
    return pod.addresses().stream().anyMatch(a -> !a.isV4());
  }
}
