package dev.catwalk.felix.agent;

import dev.catwalk.felix.alloc.LocalAddresses;
import dev.catwalk.felix.calc.PodWiring;
import dev.catwalk.felix.cni.CniException;
import dev.catwalk.felix.cni.CniException.Code;
import dev.catwalk.felix.cni.CniRequest.Check;
import dev.catwalk.felix.cni.Mismatch;
import dev.catwalk.felix.cni.PreviousResult;
import dev.catwalk.felix.kernel.Difference;
import dev.catwalk.felix.kernel.KernelService;
import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.felix.model.Endpoint;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * CHECK: compares what the runtime remembers, this node's records, the cluster's state and the
 * kernel. Changes nothing. Any thread.
 */
final class PodCheck {
  private static final long ANSWERED_WITHIN_S = 15;

  private final AgentLoop loop;
  private final LocalAddresses addresses;
  private final KernelService kernel;

  PodCheck(AgentLoop loop, LocalAddresses addresses, KernelService kernel) {
    this.loop = loop;
    this.addresses = addresses;
    this.kernel = kernel;
  }

  /**
   * Returns if all is as ADD left it.
   *
   * @param made what this node has made for the attachment, if anything
   */
  void check(Check check, Optional<LocalEndpoint> made) throws CniException, InterruptedException {
    LocalEndpoint known = made.orElseThrow(() -> new CniException(
        Code.UNKNOWN_CONTAINER,
        "container " + check.attachment().containerId() + " has no "
            + check.attachment().ifName() + " of ours",
        ""));
    List<Mismatch> found = new ArrayList<>();
    found.addAll(PreviousResult.compare(check.prevResult(), known.attached()));
    TreeSet<IpAddress> held = new TreeSet<>();
    addresses.heldBy(known.handle()).stream().map(Allocation::ip).forEach(held::add);
    found.addAll(records(known.endpoint(), held, loop.view().cluster()));
    PodWiring wiring = known.wiring().in(check.netns());
    await(kernel.inspectPod(wiring)).forEach(d -> found.add(mismatch(d)));
    await(kernel.inspectRules()).forEach(d -> found.add(mismatch(d)));
    Mismatch.refuse(found);
  }

  /** What the records say otherwise: addresses held for it, and the cluster's state. */
  static List<Mismatch> records(
      Endpoint endpoint, SortedSet<IpAddress> held, ClusterState cluster) {
    List<Mismatch> found = new ArrayList<>();
    if (!held.equals(new TreeSet<>(endpoint.addresses()))) {
      found.add(new Mismatch(
          Code.RECORD_DIFFERS,
          "addresses held for it are " + held + ", not " + endpoint.addresses()));
    }
    Endpoint stored = cluster.endpoints().get(endpoint.key());
    if (stored == null || !stored.equals(endpoint)) {
      found.add(new Mismatch(
          Code.RECORD_DIFFERS,
          stored == null
              ? "the cluster's store does not know it"
              : "the cluster's store has another one: " + stored.addresses()));
    }
    return found;
  }

  private static Mismatch mismatch(Difference difference) {
    Code code = switch (difference.kind()) {
      case LINK -> Code.LINK_DIFFERS;
      case ADDRESS -> Code.ADDRESS_DIFFERS;
      case ROUTE -> Code.ROUTE_DIFFERS;
      case NEIGHBOUR -> Code.NEIGHBOUR_DIFFERS;
      case RULES -> Code.POLICY_DIFFERS;
    };
    return new Mismatch(code, difference.what());
  }

  private static List<Difference> await(CompletableFuture<List<Difference>> asked)
      throws CniException, InterruptedException {
    try {
      return asked.get(ANSWERED_WITHIN_S, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new CniException(
          Code.LINK_DIFFERS,
          "the container's network cannot be looked at",
          e.getCause() == null ? "" : String.valueOf(e.getCause().getMessage()));
    } catch (TimeoutException e) {
      throw new CniException(Code.TRY_AGAIN_LATER, "the kernel's state is not known in time", "");
    }
  }
}
