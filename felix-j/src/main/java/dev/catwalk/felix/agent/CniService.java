package dev.catwalk.felix.agent;

import dev.catwalk.felix.alloc.LocalAddresses;
import dev.catwalk.felix.calc.PodWiring;
import dev.catwalk.felix.cni.CniException;
import dev.catwalk.felix.cni.CniException.Code;
import dev.catwalk.felix.cni.CniQuestion;
import dev.catwalk.felix.cni.CniRequest;
import dev.catwalk.felix.cni.CniRequest.Add;
import dev.catwalk.felix.cni.CniRequest.Attachment;
import dev.catwalk.felix.cni.CniRequest.Check;
import dev.catwalk.felix.cni.CniRequest.Del;
import dev.catwalk.felix.cni.CniRequest.Version;
import dev.catwalk.felix.cni.CniResult;
import dev.catwalk.felix.kernel.KernelService;
import dev.catwalk.felix.metrics.Metrics;
import dev.catwalk.felix.model.Endpoint;
import dev.catwalk.ipam.machine.AddressRequest;
import dev.catwalk.ipam.machine.Grant.Denied;
import dev.catwalk.ipam.machine.Grants;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what a container runtime asks. Each step can be done again, so a request that broke
 * off half-way is healed by the runtime's next try or by the kernel's reconcile loop. Any thread.
 */
final class CniService {
  /** How long a pod's rules may take before ADD gives up, seconds. */
  private static final long PROGRAMMED_WITHIN_S = 15;

  private static final long ANSWERED_WITHIN_S = 15;

  private static final Logger log = LoggerFactory.getLogger(CniService.class);

  private final String node;
  private final AgentLoop loop;
  private final LocalAddresses addresses;
  private final KernelService kernel;
  private final Records records;
  private final Metrics metrics;

  /** Held while a pod is made or unmade, but not while its rules are waited for. */
  private final ReentrantLock lock = new ReentrantLock();

  CniService(
      String node,
      AgentLoop loop,
      LocalAddresses addresses,
      KernelService kernel,
      Records records,
      Metrics metrics) {
    this.node = node;
    this.loop = loop;
    this.addresses = addresses;
    this.kernel = kernel;
    this.records = records;
    this.metrics = metrics;
  }

  /** Answers the CNI client: its exit status, then what it prints. */
  byte[] answer(byte[] bytes) {
    long began = System.nanoTime();
    String command = "other";
    String version = CniRequest.VERSIONS.getLast();
    byte[] text;
    boolean succeeded = false;
    try {
      CniRequest request = CniQuestion.read(bytes).request();
      version = request.cniVersion();
      command = request.getClass().getSimpleName().toUpperCase(Locale.ROOT);
      text = utf8(carryOut(request));
      succeeded = true;
    } catch (CniException e) {
      log.warn(
          "cni refused command={} code={} why={} details={}",
          command,
          e.code().number(),
          e.getMessage(),
          e.details());
      text = utf8(CniResult.error(version, e));
    } catch (InterruptedException e) {
      text = utf8(CniResult.error(
          version, new CniException(Code.TRY_AGAIN_LATER, "the agent is stopping", "")));
    }
    metrics.cni(command, succeeded, Duration.ofNanos(System.nanoTime() - began));
    byte[] answer = new byte[text.length + 1];
    answer[0] = (byte) (succeeded ? 0 : 1);
    System.arraycopy(text, 0, answer, 1, text.length);
    return answer;
  }

  private String carryOut(CniRequest request) throws CniException, InterruptedException {
    return switch (request) {
      case Version version -> CniResult.version(version.cniVersion());
      case Add add -> CniResult.added(add.cniVersion(), add(add).attached());
      case Del del -> del(del);
      case Check check -> check(check);
    };
  }

  private LocalEndpoint add(Add add) throws CniException, InterruptedException {
    if (loop.view().plan() == null) {
      throw new CniException(
          Code.TRY_AGAIN_LATER, "the agent is not ready yet", "catwalk status says why");
    }
    LocalEndpoint endpoint;
    long revision;
    lock.lockInterruptibly();
    try {
      endpoint = wired(add);
      revision = await(loop.add(endpoint));
    } finally {
      lock.unlock();
    }
    try {
      kernel.applied(revision).get(PROGRAMMED_WITHIN_S, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new CniException(
          Code.TRY_AGAIN_LATER,
          "the pod's rules are not in the kernel after " + PROGRAMMED_WITHIN_S + " s",
          String.join("; ", kernel.status().lastErrors()));
    }
    log.info(
        "pod attached pod={} container={} addresses={} interface={}",
        add.pod(),
        add.attachment().containerId(),
        endpoint.endpoint().addresses(),
        endpoint.endpoint().hostInterface());
    return endpoint;
  }

  /** With an address, an interface and a record of both; the same ones if it has them already. */
  private LocalEndpoint wired(Add add) throws CniException, InterruptedException {
    Handle handle = handle(add.attachment());
    List<IpAddress> given = switch (await(addresses.allocate(requests(add)))) {
      case Grants.All all -> all.allocations().stream().map(Allocation::ip).toList();
      case Grants.None none -> throw refusal(none.why());
    };
    LocalEndpoint endpoint = new LocalEndpoint(
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
        add.netns());
    try {
      kernelDone(kernel.wirePod(endpoint.wiring()), "make");
      records.put(LocalEndpoint.recordName(handle), endpoint.encode());
    } catch (IOException e) {
      throw new CniException(Code.IO_FAILURE, "the pod cannot be recorded on disk", e.toString());
    }
    return endpoint;
  }

  /** One of each family that there are pools of, or that the runtime asks for. */
  private List<AddressRequest> requests(Add add) {
    TreeMap<Family, @Nullable IpAddress> wanted = new TreeMap<>();
    for (Pool pool : loop.view().cluster().ipam().pools().values()) {
      wanted.put(pool.cidr().family(), null);
    }
    add.addresses().forEach(a -> wanted.put(a.family(), a));
    if (wanted.isEmpty()) {
      wanted.put(Family.IPV4, null); // refused, with the reason
    }
    List<AddressRequest> requests = new ArrayList<>();
    long now = System.currentTimeMillis();
    wanted.forEach((family, address) -> requests.add(new AddressRequest(
        handle(add.attachment()),
        family,
        address,
        add.pod().namespace(),
        add.pod().name(),
        now)));
    return requests;
  }

  private static CniException refusal(Denied denied) {
    Code code = switch (denied.why()) {
      case FULL, TAKEN, OUTSIDE, NO_BLOCK -> Code.NO_ADDRESS;
      case NO_QUORUM, BACKLOG -> Code.TRY_AGAIN_LATER;
      case RETIRED, DISK -> Code.IO_FAILURE;
    };
    return new CniException(code, denied.what(), "");
  }

  /** The address comes free last, when nothing leads to the pod any more. */
  private String del(Del del) throws CniException, InterruptedException {
    Handle handle = handle(del.attachment());
    lock.lockInterruptibly();
    try {
      LocalEndpoint known = loop.view().local().get(handle);
      await(loop.remove(handle));
      kernelDone(kernel.unwirePod(handle.containerId(), handle.ifname()), "remove");
      await(addresses.release(handle));
      records.remove(LocalEndpoint.recordName(handle));
      if (known != null) {
        log.info(
            "pod detached pod={} container={} addresses={}",
            known.endpoint().namespace() + "/" + known.endpoint().pod(),
            handle.containerId(),
            known.endpoint().addresses());
      }
    } catch (IOException e) {
      throw new CniException(Code.IO_FAILURE, "the record of the pod stays", e.toString());
    } finally {
      lock.unlock();
    }
    return "";
  }

  private String check(Check check) throws CniException {
    LocalEndpoint known = loop.view().local().get(handle(check.attachment()));
    if (known == null) {
      throw new CniException(
          Code.UNKNOWN_CONTAINER,
          "container " + check.attachment().containerId() + " has no "
              + check.attachment().ifName(),
          "");
    }
    return "";
  }

  private static Handle handle(Attachment attachment) {
    return new Handle(attachment.containerId(), attachment.ifName());
  }

  private static void kernelDone(CompletableFuture<Void> done, String what)
      throws CniException, InterruptedException {
    try {
      done.get(ANSWERED_WITHIN_S, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      String why =
          e.getCause() == null ? "no answer" : String.valueOf(e.getCause().getMessage());
      throw new CniException(
          Code.NOT_WIRED, "the kernel did not " + what + " the pod's interface", why);
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

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
