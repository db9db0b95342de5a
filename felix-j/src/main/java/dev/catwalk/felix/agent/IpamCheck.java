package dev.catwalk.felix.agent;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.felix.agent.Answer.Question;
import dev.catwalk.felix.alloc.LocalAddresses;
import dev.catwalk.felix.cni.CniRequest.Add;
import dev.catwalk.felix.kernel.Difference;
import dev.catwalk.felix.kernel.KernelService;
import dev.catwalk.felix.model.IpamAudit;
import dev.catwalk.felix.model.IpamAudit.Finding;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.raftstore.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * {@code ipam check}: whether store, this node's disk, its pods, its kernel and its container runtime
 * say the same of addresses. Any thread.
 */
final class IpamCheck {
  private static final long ANSWERED_WITHIN_S = 15;

  /** So long it waits for what is under way, and for the store, milliseconds. */
  private static final long SETTLED_WITHIN_MS = 3_000;

  private static final long LOOK_AGAIN_NANOS = 20_000_000;

  private final AgentLoop loop;
  private final LocalAddresses addresses;
  private final KernelService kernel;
  private final Store store;
  private final RuntimeCache runtime;

  IpamCheck(
      AgentLoop loop,
      LocalAddresses addresses,
      KernelService kernel,
      Store store,
      RuntimeCache runtime) {
    this.loop = loop;
    this.addresses = addresses;
    this.kernel = kernel;
    this.store = store;
    this.runtime = runtime;
  }

  /**
   * What is compared.
   *
   * @param exact whether all of it is of one moment: the state is the store's newest and has all that
   *     this node did
   */
  private record Moment(
      AgentView view,
      List<Allocation> held,
      SortedMap<Prefix, SortedSet<IpAddress>> apart,
      int pending,
      boolean exact) {

    SortedMap<Handle, List<IpAddress>> pods() {
      return IpamCheck.pods(view);
    }
  }

  private static SortedMap<Handle, List<IpAddress>> pods(AgentView view) {
    TreeMap<Handle, List<IpAddress>> pods = new TreeMap<>();
    view.local().forEach((handle, pod) -> pods.put(handle, pod.endpoint().addresses()));
    return pods;
  }

  Answer answer(Question q) throws InterruptedException {
    SortedMap<Handle, Add> asked = runtime.adds();
    Moment now = moment();
    AgentView view = now.view();
    SortedMap<Handle, List<IpAddress>> pods = now.pods();
    List<Finding> found = new ArrayList<>(
        IpamAudit.compare(view.cluster(), addresses.owner(), now.held(), pods, now.pending()));
    found.addAll(IpamAudit.told(view.cluster(), addresses.owner().node(), pods));
    if (now.pending() == 0) {
      found.addAll(IpamAudit.apart(view.cluster(), now.apart()));
    }
    for (LocalEndpoint pod : view.local().values()) {
      if (!pod.gone()) {
        found.addAll(inKernel(pod));
      }
    }
    String runtimeSays = "keeps nothing in " + runtime.folder();
    if (!asked.isEmpty()) {
      found.addAll(IpamAudit.runtime(asked.keySet(), pods));
      runtimeSays = asked.size() + " interfaces in " + runtime.folder();
    }
    ObjectNode json = JsonNodeFactory.instance
        .objectNode()
        .put("revision", view.cluster().revision())
        .put("exact", now.exact())
        .put("addresses", now.held().size())
        .put("pods", pods.size())
        .put("pending", now.pending())
        .put("runtime", runtimeSays);
    ArrayNode list = json.putArray("differences");
    for (Finding one : found) {
      list.addObject()
          .put("subject", one.subject())
          .put("what", one.what())
          .put("remedy", one.remedy());
    }
    String summary =
        "revision " + view.cluster().revision() + (now.exact() ? "" : ", not the newest") + ": "
            + now.held().size() + " addresses handed out here, " + pods.size() + " pods, "
            + found.size() + " differences; the runtime " + runtimeSays + "\n";
    Answer answer = Render.as(
        q.format(),
        json,
        (found.isEmpty()
                ? ""
                : Render.table(list, "SUBJECT=subject", "DIFFERENCE=what", "REMEDY=remedy"))
            + summary);
    return found.isEmpty() ? answer : new Answer(Answer.NO, answer.out(), "");
  }

  /** Waits until the store knows what this node did and this node what the store knows. */
  private Moment moment() throws InterruptedException {
    long deadline = System.nanoTime() + SETTLED_WITHIN_MS * 1_000_000;
    while (true) {
      List<Allocation> held = addresses.held();
      SortedMap<Prefix, SortedSet<IpAddress>> apart = addresses.apart();
      boolean told = addresses.pending() == 0;
      long newest = told ? newest() : -1;
      AgentView view = loop.view();
      boolean exact = told
          && newest >= 0
          && view.cluster().revision() >= newest
          && held.equals(addresses.held())
          && apart.equals(addresses.apart())
          && isSame(held, view)
          && IpamAudit.told(view.cluster(), addresses.owner().node(), pods(view))
              .isEmpty();
      if (exact || System.nanoTime() - deadline > 0) {
        return new Moment(view, held, apart, addresses.pending(), exact);
      }
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
    }
  }

  /** Whether no pod is just being made or removed: those that were are named when time is up. */
  private static boolean isSame(List<Allocation> held, AgentView view) {
    return held.stream().allMatch(a -> view.local().containsKey(a.handle()));
  }

  private long newest() throws InterruptedException {
    try {
      return store.barrier().get(SETTLED_WITHIN_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      return -1;
    }
  }

  private List<Finding> inKernel(LocalEndpoint pod) throws InterruptedException {
    List<Finding> found = new ArrayList<>();
    String subject = String.valueOf(pod.endpoint().addresses());
    try {
      List<Difference> all =
          kernel.inspectPod(pod.wiring()).get(ANSWERED_WITHIN_S, TimeUnit.SECONDS);
      for (Difference one : all) {
        if (one.kind() != Difference.Kind.RULES) {
          found.add(new Finding(subject, "in the kernel: " + one.what(), "delete the pod"));
        }
      }
    } catch (ExecutionException | TimeoutException e) {
      found.add(new Finding(
          subject,
          "the network of pod " + pod.handle() + " cannot be looked at",
          "delete the pod"));
    }
    return found;
  }
}
