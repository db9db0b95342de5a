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
    var unused = Sysctl.want("net/ipv4/conf/" + pod.hostName() + "/rp_filter", "1");
    String link = "net/ipv6/conf/" + pod.hostName() + "/";
    if (hasIpv6(pod)) {
      quiet(link);
      unused = Sysctl.want(link + "forwarding", "1");
    } else {
      unused = Sysctl.wantIfPresent(link + "disable_ipv6", "1");
    }
  }

  /**
   * In the pod's namespace, whose owner may have switched IPv6 off for all links: this one was given
   * an address.
   */
  static void ofPodSide(PodWiring pod) throws KernelException {
    if (hasIpv6(pod)) {
      quiet("net/ipv6/conf/" + pod.ifName() + "/");
    }
  }

  private static void quiet(String link) throws KernelException {
    var unused = Sysctl.want(link + "disable_ipv6", "0");
    unused = Sysctl.want(link + "accept_dad", "0");
    unused = Sysctl.want(link + "accept_ra", "0");
  }

  private static boolean hasIpv6(PodWiring pod) {
    return pod.addresses().stream().anyMatch(a -> !a.isV4());
  }
}
