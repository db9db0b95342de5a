package dev.catwalk.felix.agent;

import dev.catwalk.felix.alloc.LocalAddresses;
import dev.catwalk.felix.calc.AddressLimits;
import dev.catwalk.felix.calc.AddressPlan;
import dev.catwalk.felix.calc.PodWiring;
import dev.catwalk.felix.cni.CniException;
import dev.catwalk.felix.cni.CniException.Code;
import dev.catwalk.felix.cni.CniRequest.Add;
import dev.catwalk.felix.cni.CniRequest.Attachment;
import dev.catwalk.felix.cni.CniRequest.Gc;
import dev.catwalk.felix.cni.FixedAddresses;
import dev.catwalk.felix.cni.WantedPools;
import dev.catwalk.felix.kernel.KernelException;
import dev.catwalk.felix.kernel.KernelService;
import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.felix.model.Endpoint;
import dev.catwalk.felix.model.PodAnnotations;
import dev.catwalk.ipam.machine.AddressRequest;
import dev.catwalk.ipam.machine.Grant.Denied;
import dev.catwalk.ipam.machine.Grants;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.ipam.model.StickyName;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes and unmakes the interfaces of this node's pods. Each step can be done again, so a request
 * that broke off half-way, by the death of the runtime or of this process, is completed by its next
 * try. The order is that of trust: the address is written before the record, the record before the
 * kernel hears of it; when a pod goes, the address comes free last. Who waits for what: the runtime
 * is answered when the address is on disk, the pod wired and its rules in force, all of which go on
 * at the same time. The record itself waits for no disk: a pod outlives this process and not its
 * machine. Any platform thread.
 */
final class Attachments {
  /** How long a pod's rules may take before ADD gives up, seconds. */
  private static final long PROGRAMMED_WITHIN_S = 15;

  private static final long ANSWERED_WITHIN_S = 15;

  private static final Logger log = LoggerFactory.getLogger(Attachments.class);

  private final String node;
  private final AgentLoop loop;
  private final LocalAddresses addresses;
  private final KernelService kernel;
  private final Records records;

  /** Held while a pod is made or unmade, but not while its rules are waited for. */
  private final HandleLocks locks = new HandleLocks();

  private final Departures departures = new Departures();

  Attachments(
      String node,
      AgentLoop loop,
      LocalAddresses addresses,
      KernelService kernel,
      Records records) {
    this.node = node;
    this.loop = loop;
    this.addresses = addresses;
    this.kernel = kernel;
    this.records = records;
  }

  /** What this node has made for an attachment, if anything. */
  Optional<LocalEndpoint> of(Attachment attachment) throws CniException, InterruptedException {
    return Optional.ofNullable(await(loop.pods()).get(handle(attachment)));
  }

  /** Returns when packets can flow and the policies that concern the pod are in force. */
  LocalEndpoint attach(Add add) throws CniException, InterruptedException {
    if (loop.view().plan() == null) {
      throw new CniException(
          Code.TRY_AGAIN_LATER, "the agent is not ready yet", "catwalk status says why");
    }
    Made made;
    List<CompletableFuture<Void>> leaving = departures.now();
    try {
      made = make(add);
    } catch (CniException e) {
      if (e.code() != Code.NO_ADDRESS || leaving.isEmpty()) {
        throw e;
      }
      Departures.await(leaving); // the address may be that of a pod whose DEL came before this ADD
      made = make(add);
    }
    LocalEndpoint endpoint = made.endpoint();
    try {
      kernel.rulesApplied(made.revision()).get(PROGRAMMED_WITHIN_S, TimeUnit.SECONDS);
      if (kernel.status().revision() < 0) { // nor does the node forward before its first state
        kernel.applied(0).get(PROGRAMMED_WITHIN_S, TimeUnit.SECONDS);
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new CniException(
          Code.TRY_AGAIN_LATER,
          "the pod's rules are not in the kernel after " + PROGRAMMED_WITHIN_S + " s",
          String.join("; ", kernel.status().lastErrors()));
    }
    log.info(
        "pod attached pod={} container={} addresses={} interface={}",
        add.pod(),
        add.attachment(),
        endpoint.endpoint().addresses(),
        endpoint.endpoint().hostInterface());
    return endpoint;
  }

  /**
   * What there is when all but the rules is there.
   *
   * @param revision of the desired kernel state that has the pod's rules
   */
  private record Made(LocalEndpoint endpoint, long revision) {}

  private Made make(Add add) throws CniException, InterruptedException {
    try (var _ = locks.take(handle(add.attachment()))) {
      return made(add);
    }
  }

  /** With an address, an interface and a record of both; the same ones if it has them already. */
  private Made made(Add add) throws CniException, InterruptedException {
    Handle handle = handle(add.attachment());
    try {
      KernelService.requirePodNamespace(Path.of(add.netns()));
    } catch (KernelException e) {
      throw new CniException(
          Code.INVALID_ENVIRONMENT, "CNI_NETNS is of no use", String.valueOf(e.getMessage()));
    }
    boolean fresh = addresses.heldBy(handle).isEmpty();
    try {
      LocalAddresses.Promise promise = await(addresses.promise(requests(add)));
      LocalEndpoint endpoint = endpoint(node, add, granted(promise.grants()));
      records.note(LocalEndpoint.recordName(handle), endpoint.encode());
      PodWiring wiring = endpoint.wiring().marked(endpoint.mark(addresses.owner()));
      kernel.expectPod(wiring);
      CompletableFuture<Long> planned = loop.add(endpoint);
      kernelDone(kernel.wirePod(wiring), "make");
      granted(await(promise.durable()));
      return new Made(endpoint, await(planned));
    } catch (CniException e) {
      if (fresh && e.code() != Code.TRY_AGAIN_LATER) {
        undo(handle);
      }
      throw e;
    } catch (IOException e) {
      throw new CniException(Code.IO_FAILURE, "the pod cannot be recorded on disk", e.toString());
    }
  }

  static LocalEndpoint endpoint(String node, Add add, List<IpAddress> given) {
    Handle handle = handle(add.attachment());
    return new LocalEndpoint(
        new Endpoint(
            node,
            handle.containerId(),
            handle.ifname(),
            add.pod().namespace(),
            add.pod().name(),
            add.labels(),
            given,
            PodWiring.hostName(handle.containerId(), handle.ifname()),
            "",
            List.of()),
        add.netns(),
        add.network(),
        add.mac());
  }

  /** One address of each family, those that are asked for where any is. */
  private static List<IpAddress> granted(Grants grants) throws CniException {
    return switch (grants) {
      case Grants.All all -> all.allocations().stream().map(Allocation::ip).toList();
      case Grants.None none -> throw refusal(none.why());
    };
  }

  /** What the runtime asks for, else what the pod's manifest says. */
  private static List<IpAddress> fixed(Add add, SortedMap<String, String> annotations)
      throws CniException {
    return add.addresses().isEmpty() ? FixedAddresses.annotated(annotations) : add.addresses();
  }

  /** One of each family that there are pools of, or that somebody asks for. */
  private List<AddressRequest> requests(Add add) throws CniException {
    TreeMap<Family, @Nullable IpAddress> wanted = new TreeMap<>();
    TreeMap<Family, List<String>> pools = new TreeMap<>();
    ClusterState cluster = loop.view().cluster();
    SortedMap<String, String> annotations =
        PodAnnotations.of(cluster, add.pod().namespace(), add.pod().name());
    String why = chosen(cluster, add, annotations, wanted, pools);
    fixed(add, annotations).forEach(a -> wanted.put(a.family(), a));
    if (addresses.heldBy(handle(add.attachment())).isEmpty()) {
      requireAllowed(cluster, add.pod().namespace(), wanted);
    }
    if (wanted.isEmpty() && !why.isEmpty()) {
      throw new CniException(Code.NO_ADDRESS, why, "");
    }
    if (wanted.isEmpty()) {
      wanted.put(Family.IPV4, null); // refused, with the reason
    }
    List<AddressRequest> requests = new ArrayList<>();
    String kept = Sticky.name(
        List.of(
            add.annotations(),
            annotations,
            PodAnnotations.ofNamespace(cluster, add.pod().namespace())),
        add.pod().name());
    long now = System.currentTimeMillis();
    wanted.forEach((family, address) -> requests.add(new AddressRequest(
        handle(add.attachment()),
        family,
        address,
        add.pod().namespace(),
        add.pod().name(),
        now,
        pools.getOrDefault(family, List.of()),
        kept.isEmpty() ? null : new StickyName(add.pod().namespace(), kept, family))));
    return requests;
  }

  /** That a pod which has nothing yet may have addresses of these families, or these ones. */
  private void requireAllowed(
      ClusterState cluster, String namespace, TreeMap<Family, @Nullable IpAddress> wanted)
      throws CniException {
    for (Map.Entry<Family, @Nullable IpAddress> one : wanted.entrySet()) {
      IpAddress address = one.getValue();
      String why = address == null ? "" : loop.addressPlan().notForPods(address);
      if (why.isEmpty()) {
        why = AddressLimits.refusal(
            cluster, addresses.owner(), addresses.held(), namespace, one.getKey());
      }
      if (!why.isEmpty()) {
        throw new CniException(Code.NO_ADDRESS, why, "");
      }
    }
  }

  /**
   * Which families the pod gets an address of, and from which pools: what the runtime says that the
   * pod's annotations are comes before its manifest, and that before its namespace's.
   *
   * @return why some family is left out; empty if none is
   */
  private String chosen(
      ClusterState cluster,
      Add add,
      SortedMap<String, String> ofPod,
      TreeMap<Family, @Nullable IpAddress> families,
      TreeMap<Family, List<String>> pools)
      throws CniException {
    String why = "";
    String namespace = add.pod().namespace();
    SortedMap<String, String> ofNamespace = PodAnnotations.ofNamespace(cluster, namespace);
    TreeSet<Family> there = new TreeSet<>();
    for (Pool pool : cluster.ipam().pools().values()) {
      there.add(pool.cidr().family());
    }
    for (Family family : there) {
      List<String> asked = List.of();
      for (SortedMap<String, String> said : List.of(add.annotations(), ofPod, ofNamespace)) {
        asked = asked.isEmpty() ? WantedPools.annotated(said, family) : asked;
      }
      AddressPlan.Choice choice = loop.addressPlan().choose(family, namespace, asked);
      if (choice.any() || !choice.names().isEmpty()) {
        families.put(family, null);
        pools.put(family, choice.names());
      } else {
        why = choice.why();
      }
    }
    return why;
  }

  private static CniException refusal(Denied denied) {
    Code code = switch (denied.why()) {
      case FULL, TAKEN, OUTSIDE, NO_BLOCK, APART -> Code.NO_ADDRESS;
      case NO_QUORUM, BACKLOG -> Code.TRY_AGAIN_LATER;
      case RETIRED, OTHER_STORE, DISK -> Code.IO_FAILURE;
    };
    return new CniException(code, denied.what(), "");
  }

  /** A request that cannot be served leaves nothing behind. */
  private void undo(Handle handle) throws InterruptedException {
    try {
      remove(handle);
    } catch (CniException e) {
      log.warn("what a refused request has begun stays until DEL why={}", e.getMessage());
    }
  }

  /**
   * Removes an interface and all that belongs to it; there may be none. Returns when this node wants
   * it no more, whatever becomes of this process: the kernel takes long to remove a link, so that
   * and the release of the address come after it.
   */
  void detach(Attachment attachment) throws CniException, InterruptedException {
    Handle handle = handle(attachment);
    try (var _ = locks.take(handle)) {
      Optional<LocalEndpoint> known = await(loop.remove(handle));
      removeRecord(handle);
      CompletableFuture<Void> gone = kernel.unwirePod(handle.containerId(), handle.ifname());
      CompletableFuture<Void> departure = departures.begin();
      Thread.ofVirtual().name("cw-detach").start(() -> {
        try {
          finish(handle, gone);
        } finally {
          departure.complete(null);
        }
      });
      known.ifPresent(pod -> log.info(
          "pod detached pod={} container={} addresses={}",
          pod.endpoint().namespace() + "/" + pod.endpoint().pod(),
          handle,
          pod.endpoint().addresses()));
    }
  }

  /** The end of a DEL, unless the runtime has added the same interface again meanwhile. */
  private void finish(Handle handle, CompletableFuture<Void> gone) {
    try {
      kernelDone(gone, "remove");
      try (var _ = locks.take(handle)) {
        if (!await(loop.pods()).containsKey(handle)) {
          forget(handle);
        }
      }
    } catch (CniException e) {
      log.warn(
          "the address of a removed pod stays taken until the next start container={} why={}",
          handle,
          e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The address comes free last, when nothing leads to the pod any more. */
  private void remove(Handle handle) throws CniException, InterruptedException {
    await(loop.remove(handle));
    kernelDone(kernel.unwirePod(handle.containerId(), handle.ifname()), "remove");
    forget(handle);
  }

  /** No record may outlive its address: two pods could have that then. */
  private void forget(Handle handle) throws CniException, InterruptedException {
    removeRecord(handle);
    try {
      records.sync();
    } catch (IOException e) {
      throw new CniException(Code.IO_FAILURE, "the record of the pod may stay", e.toString());
    }
    await(addresses.release(handle));
  }

  private void removeRecord(Handle handle) throws CniException {
    try {
      records.remove(LocalEndpoint.recordName(handle));
    } catch (IOException e) {
      throw new CniException(Code.IO_FAILURE, "the record of the pod stays", e.toString());
    }
  }

  /**
   * Removes what a network has here and is not valid. Goes on after what it cannot remove, and
   * complains at the end.
   */
  void collect(Gc gc) throws CniException, InterruptedException {
    List<String> failures = new ArrayList<>();
    try (var _ = locks.takeAll()) {
      for (Handle handle : stale(gc)) {
        try {
          remove(handle);
          log.info("garbage collected network={} container={}", gc.network(), handle);
        } catch (CniException e) {
          failures.add(handle + ": " + e.getMessage() + " " + e.details());
        }
      }
    }
    if (!failures.isEmpty()) {
      throw new CniException(
          Code.IO_FAILURE,
          failures.size() + " attachments could not be removed",
          String.join("; ", failures));
    }
  }

  /** Also addresses of an ADD that broke off before its record was written. */
  private List<Handle> stale(Gc gc) throws CniException, InterruptedException {
    List<Handle> stale = new ArrayList<>();
    SortedMap<Handle, LocalEndpoint> local = await(loop.pods());
    local.forEach((handle, endpoint) -> {
      if (endpoint.network().equals(gc.network()) && !isValid(handle, gc)) {
        stale.add(handle);
      }
    });
    for (Allocation held : addresses.held()) {
      Handle handle = held.handle();
      if (!local.containsKey(handle) && !stale.contains(handle) && !isValid(handle, gc)) {
        stale.add(handle);
      }
    }
    return stale;
  }

  private static boolean isValid(Handle handle, Gc gc) {
    return gc.valid().contains(new Attachment(handle.containerId(), handle.ifname()));
  }

  private static Handle handle(Attachment attachment) {
    return new Handle(attachment.containerId(), attachment.ifName());
  }

  private static void kernelDone(CompletableFuture<Void> done, String what)
      throws CniException, InterruptedException {
    try {
      done.get(ANSWERED_WITHIN_S, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new CniException(
          Code.NOT_WIRED,
          "the kernel did not " + what + " the pod's interface",
          e.getCause() == null ? "" : String.valueOf(e.getCause().getMessage()));
    } catch (TimeoutException e) {
      throw new CniException(
          Code.TRY_AGAIN_LATER, "the kernel has not yet " + what + "d the pod's interface", "");
    }
  }

  private static <T> T await(CompletableFuture<T> future)
      throws CniException, InterruptedException {
    try {
      return future.get(ANSWERED_WITHIN_S, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new CniException(Code.IO_FAILURE, "the agent failed", String.valueOf(e.getCause()));
    } catch (TimeoutException e) {
      throw new CniException(Code.TRY_AGAIN_LATER, "the agent has too much to do", "");
    }
  }
}
