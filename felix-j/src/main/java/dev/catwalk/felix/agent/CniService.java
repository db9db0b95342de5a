package dev.catwalk.felix.agent;

import dev.catwalk.felix.alloc.LocalAddresses;
import dev.catwalk.felix.cni.CniException;
import dev.catwalk.felix.cni.CniException.Code;
import dev.catwalk.felix.cni.CniQuestion;
import dev.catwalk.felix.cni.CniRequest;
import dev.catwalk.felix.cni.CniRequest.Add;
import dev.catwalk.felix.cni.CniRequest.Check;
import dev.catwalk.felix.cni.CniRequest.Del;
import dev.catwalk.felix.cni.CniRequest.Gc;
import dev.catwalk.felix.cni.CniRequest.Status;
import dev.catwalk.felix.cni.CniRequest.Version;
import dev.catwalk.felix.cni.CniResult;
import dev.catwalk.felix.kernel.KernelService;
import dev.catwalk.felix.metrics.Metrics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers container runtimes. Any thread. */
final class CniService {
  private static final Logger log = LoggerFactory.getLogger(CniService.class);

  private final AgentLoop loop;
  private final LocalAddresses addresses;
  private final KernelService kernel;
  private final Attachments attachments;
  private final PodCheck podCheck;
  private final BooleanSupplier quorum;
  private final Metrics metrics;

  /**
   * @param quorum whether the store can decide, as a further block needs
   */
  CniService(
      String node,
      AgentLoop loop,
      LocalAddresses addresses,
      KernelService kernel,
      Records records,
      BooleanSupplier quorum,
      Metrics metrics) {
    this.loop = loop;
    this.addresses = addresses;
    this.kernel = kernel;
    this.attachments = new Attachments(node, loop, addresses, kernel, records);
    this.podCheck = new PodCheck(loop, addresses, kernel);
    this.quorum = quorum;
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
    switch (request) {
      case Version version -> {
        return CniResult.version(version.cniVersion());
      }
      case Add add -> {
        return CniResult.added(add.cniVersion(), attachments.attach(add).attached());
      }
      case Del del -> attachments.detach(del.attachment());
      case Check check -> podCheck.check(check, attachments.of(check.attachment()));
      case Gc gc -> attachments.collect(gc);
      case Status status -> requireAvailable();
    }
    return "";
  }

  /**
   * STATUS: whether an ADD would be served. What one pod or one route lacks is no reason to refuse
   * the others: a runtime starts no pod at all on a node whose plugin says no.
   */
  private void requireAvailable() throws CniException {
    List<String> errors = kernel.status().hindrances();
    if (!errors.isEmpty()) {
      throw new CniException(
          Code.LIMITED, "the kernel is not as it shall be", String.join("; ", errors));
    }
    if (loop.view().plan() == null || kernel.status().revision() < 0) {
      throw new CniException(
          Code.NOT_AVAILABLE, "the agent is not ready yet", "catwalk status says why");
    }
    List<String> problems = addresses.problems();
    if (!problems.isEmpty()) {
      throw new CniException(
          Code.NOT_AVAILABLE, "no address can be handed out", String.join("; ", problems));
    }
    if (addresses.blocks().isEmpty()) {
      throw new CniException(
          Code.NOT_AVAILABLE, "this node has no block of addresses", "catwalk status says why");
    }
    if (addresses.free() == 0 && !quorum.getAsBoolean()) {
      throw new CniException(
          Code.NOT_AVAILABLE,
          "all addresses of this node are taken, and no further block can be claimed",
          "bring back a majority of the store's members");
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
