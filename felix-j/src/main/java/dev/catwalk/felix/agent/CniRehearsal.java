package dev.catwalk.felix.agent;

import dev.catwalk.felix.calc.NodePlanner;
import dev.catwalk.felix.calc.NodePlanner.Plan;
import dev.catwalk.felix.cni.CniException;
import dev.catwalk.felix.cni.CniQuestion;
import dev.catwalk.felix.cni.CniRequest.Add;
import dev.catwalk.felix.cni.CniResult;
import dev.catwalk.felix.kernel.KernelException;
import dev.catwalk.felix.kernel.KernelService;
import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.felix.model.Endpoint;
import dev.catwalk.net.addr.IpAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes through what an ADD does, again and again, and does nothing of it: the code is compiled by
 * then, and the first pods after a start do not wait for that. Reads a question, plans, puts the
 * kernel's requests and the answer together, of pods that nobody has. Nothing of it reaches the
 * kernel, the store, the disk or the log. Costs some 100 ms of processor time, once.
 */
final class CniRehearsal {
  /** As often as a method must run to be compiled, and as often again. */
  static final int TIMES = 25;

  private static final Logger log = LoggerFactory.getLogger(CniRehearsal.class);

  private CniRehearsal() {}

  /** Begins it in a thread of its own when the kernel has the agent's first state. */
  static void beginWhenIdle(String node, KernelService kernel) {
    var unused = kernel
        .applied(0)
        .thenRun(() -> Thread.ofPlatform().name("cw-rehearsal").daemon().start(() -> {
          try {
            play(node);
          } catch (CniException | KernelException e) {
            log.warn("the first pods wait longer, for code that has not run yet why={}", e, e);
          }
        }));
  }

  /** Returns the host sides of all pods that were planned for. */
  static Set<String> play(String node) throws CniException, KernelException {
    NodePlanner planner = new NodePlanner();
    List<Endpoint> local = new ArrayList<>();
    Set<String> planned = new TreeSet<>();
    try (KernelService.Rehearsal kernel = KernelService.rehearsal()) {
      for (int i = 1; i <= TIMES; i++) {
        if (CniQuestion.read(question(i)).request() instanceof Add add) {
          LocalEndpoint pod =
              Attachments.endpoint(node, add, List.of(IpAddress.parse("192.0.2." + i)));
          var unusedRecord = pod.encode();
          local.add(pod.endpoint());
          Plan plan = planner.plan(new NodePlanner.Inputs(
              ClusterState.empty(),
              node,
              local,
              Collections.emptySortedSet(),
              Collections.emptySortedSet(),
              Collections.emptySortedMap()));
          kernel.wire(pod.wiring(), plan.kernel().rules());
          var unusedAnswer = CniResult.added(add.cniVersion(), pod.attached());
          planned.addAll(plan.kernel().podLinks());
        }
      }
    }
    return planned;
  }

  private static byte[] question(int number) {
    String text = "CNI_COMMAND=ADD\0CNI_CONTAINERID=rehearsal-" + number
        + "\0CNI_IFNAME=eth0\0CNI_NETNS=/run/netns/none\0"
        + "CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=rehearsal\0\0"
        + "{\"cniVersion\":\"1.0.0\",\"name\":\"catwalk\",\"type\":\"catwalk\"}";
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
