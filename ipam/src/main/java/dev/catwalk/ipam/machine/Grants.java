package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.machine.Grant.Denied;
import dev.catwalk.ipam.model.Allocation;
import java.util.List;

/** The answer to requests that stand or fall together. */
public sealed interface Grants {

  /**
   * Every request has its address.
   *
   * @param allocations in the order of the requests
   */
  record All(List<Allocation> allocations) implements Grants {
    public All {
      allocations = List.copyOf(allocations);
    }
  }

  /**
   * Nothing was handed out.
   *
   * @param request the first one that cannot be met
   * @param why it cannot
   */
  record None(AddressRequest request, Denied why) implements Grants {}
}
