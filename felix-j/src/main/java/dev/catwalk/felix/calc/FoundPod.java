package dev.catwalk.felix.calc;

import dev.catwalk.net.addr.IpAddress;
import java.util.List;

/**
 * A pod of ours as the kernel had it before anything was asked of it.
 *
 * @param link the host's side
 * @param mark what is written on it: see {@link PodMark}
 * @param addresses that routes of ours lead there
 */
public record FoundPod(String link, String mark, List<IpAddress> addresses) {
  public FoundPod {
    addresses = List.copyOf(addresses);
  }
}
