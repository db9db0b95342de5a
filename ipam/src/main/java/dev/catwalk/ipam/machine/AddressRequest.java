package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.StickyName;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One address, please.
 *
 * @param wanted this address and no other, of the same family; null: any
 * @param namespace and {@code pod}: whom readers will know; empty where the runtime does not say
 * @param nowMs the caller's clock, milliseconds since 1970
 * @param keptFor whom the address is kept for when its pod is gone; null: nobody
 * @param pools names of the pools that it may come from, the most wanted first; empty: of any
 */
public record AddressRequest(
    Handle handle,
    Family family,
    @Nullable IpAddress wanted,
    String namespace,
    String pod,
    long nowMs,
    List<String> pools,
    @Nullable StickyName keptFor) {

  public AddressRequest {
    pools = List.copyOf(pools);
    if (wanted != null && wanted.family() != family) {
      throw new IllegalArgumentException(wanted + " is no " + family + " address");
    }
    if (keptFor != null && keptFor.family() != family) {
      throw new IllegalArgumentException("what is kept for " + keptFor + " is of another family");
    }
  }

  /** For this pod alone. */
  public AddressRequest(
      Handle handle,
      Family family,
      @Nullable IpAddress wanted,
      String namespace,
      String pod,
      long nowMs,
      List<String> pools) {
    this(handle, family, wanted, namespace, pod, nowMs, pools, null);
  }

  /** From any pool. */
  public AddressRequest(
      Handle handle,
      Family family,
      @Nullable IpAddress wanted,
      String namespace,
      String pod,
      long nowMs) {
    this(handle, family, wanted, namespace, pod, nowMs, List.of());
  }

  Allocation of(IpAddress ip) {
    return new Allocation(ip, handle, namespace, pod, nowMs);
  }
}
