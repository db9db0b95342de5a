package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.DesiredKernel;
import dev.catwalk.net.addr.Family;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Keeps the kernel's switches that forwarding needs. Nobody tells when one is turned, so they are
 * looked at again and again: those of the node each time, those of the pods' interfaces a share each
 * time. Without thread or clock of its own.
 */
final class SysctlKeeper {
  /** In so many looks each pod has its turn, */
  private static final int TURNS = 4;

  /** or sooner where there are few. */
  private static final int AT_LEAST = 16;

  /** What has been looked at before: a switch that is turned for the first time is no repair. */
  private final TreeSet<String> seen = new TreeSet<>();

  /** The last pod that had its turn. */
  private String last = "";

  private long repairs;

  /** Writes what is not as it must be. */
  void look(DesiredKernel desired) throws KernelException {
    for (Family family : desired.families()) {
      if (family == Family.IPV6) {
        RouterAdvertisements.keep();
      }
      for (String name : ofNode(family)) {
        note(name, Sysctl.want(name, "1"));
      }
    }
    for (String link : share(desired.podLinks())) {
      // Gone with its pod meanwhile, or not there yet: then it is no business of ours.
      for (String name : ofPod(link)) {
        note(name, Sysctl.wantIfPresent(name, "1"));
      }
    }
    if (last.isEmpty()) {
      seen.removeIf(n -> !isWanted(n, desired));
    }
  }

  private void note(String name, boolean written) {
    repairs += !seen.add(name) && written ? 1 : 0;
  }

  private static boolean isWanted(String name, DesiredKernel desired) {
    String[] parts = name.split("/", -1); // net/ipv4/conf/LINK/SWITCH
    return desired.families().stream().anyMatch(f -> ofNode(f).contains(name))
        || parts.length > 3 && desired.podLinks().contains(parts[3]);
  }

  private List<String> share(SortedSet<String> links) {
    int size = Math.max(AT_LEAST, links.size() / TURNS + 1);
    List<String> share = new ArrayList<>();
    for (String link : links.tailSet(last + "\0")) {
      if (share.size() == size) {
        last = share.getLast();
        return share;
      }
      share.add(link);
    }
    last = "";
    return share;
  }

  /** Forwarding, and ways chosen by ports too, so that flows between two pods use all of them. */
  private static List<String> ofNode(Family family) {
    return switch (family) {
      case IPV4 -> List.of("net/ipv4/ip_forward", "net/ipv4/fib_multipath_hash_policy");
      case IPV6 -> List.of("net/ipv6/conf/all/forwarding", "net/ipv6/fib_multipath_hash_policy");
    };
  }

  /** Forwarding, and no packet whose source is not the pod's: see {@link PodWirer}. */
  private static List<String> ofPod(String link) {
    return List.of("net/ipv4/conf/" + link + "/forwarding", "net/ipv4/conf/" + link + "/rp_filter");
  }

  /** Switches that somebody else had turned and that were turned back. */
  long repairs() {
    return repairs;
  }
}
