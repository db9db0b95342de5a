package dev.catwalk.lab;

import dev.catwalk.lab.check.Check;
import dev.catwalk.lab.shell.CniBurst;
import dev.catwalk.lab.shell.Containers;
import dev.catwalk.lab.shell.Exec;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.shell.Verbs;
import dev.catwalk.lab.topology.Plan.Node;
import dev.catwalk.lab.topology.Plan.Pod;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * A pool with one block, which one node has: a pod of the other gets an address of it all the same,
 * and one that is made again on the other node has the address that it had.
 */
final class Sharing {
  private static final int REACHED_WITHIN_MS = 10_000;
  private static final int ASK_AGAIN_MS = 200;
  private static final Prefix BLOCK = Prefix.parse("10.0.2.0/29");

  private static final String MANIFESTS = """
      apiVersion: projectcalico.org/v3
      kind: IPPool
      metadata: {name: shared}
      spec: {cidr: 10.0.2.0/29, blockSize: 29, assignmentMode: Manual}
      ---
      apiVersion: projectcalico.org/v3
      kind: IPAMConfiguration
      metadata: {name: default}
      spec: {strictAffinity: false}
      ---
      apiVersion: v1
      kind: Namespace
      metadata: {name: lending, annotations: {catwalk.dev/pools: shared}}
      ---
      apiVersion: v1
      kind: Namespace
      metadata:
        name: keeping
        annotations: {catwalk.dev/pools: shared, catwalk.dev/sticky: "true"}
      """;

  private final Network network;
  private final Site site;
  private final Node one;
  private final Node other;
  private final Progress progress;

  Sharing(Network network, Progress progress) {
    this.network = network;
    this.site = network.site();
    this.one = network.plan().nodes().getFirst();
    this.other = network.plan().nodes().getLast();
    this.progress = progress;
  }

  void run() throws LabException {
    Pod lender = pod("lender", "lending", one);
    Pod borrower = pod("borrower", "lending", other);
    Pod first = pod("db-0", "keeping", one);
    Pod again = pod("db-0", "keeping", other);
    progress.step("an address is lent", () -> {
      Path file = site.write(site.state().resolve("shared.yaml"), MANIFESTS);
      Verbs.must(site, one.name(), "apply", "--wait", "-f", file.toString());
      CniBurst.namespaces(site, List.of(lender, borrower, first));
      Containers.attach(site, lender);
      IpAddress lent = Containers.attach(site, borrower).getFirst();
      has("an address of the block that " + one.name() + " has", borrower, lent);
      reaches(lender, lent);
      return lent + " to " + other.name();
    });
    progress.step("an address moves with its pod", () -> {
      IpAddress kept = Containers.attach(site, first).getFirst();
      has("an address", first, kept);
      reaches(borrower, kept);
      Containers.detach(site, first);
      CniBurst.remove(site, first);
      CniBurst.namespaces(site, List.of(again));
      IpAddress moved = attachWhenFree(again);
      progress.check(new Check(
          again.fullName() + " has the same address on " + other.name() + " as on " + one.name(),
          moved.equals(kept),
          kept + ", then " + moved));
      has("the address", again, moved);
      reaches(lender, moved);
      return kept + " from " + one.name() + " to " + other.name();
    });
  }

  /** What a node has let go of is told behind its answer: asks again, as a kubelet does. */
  private IpAddress attachWhenFree(Pod pod) throws LabException {
    long end = System.nanoTime() + REACHED_WITHIN_MS * 1_000_000L;
    while (true) {
      try {
        return Containers.attach(site, pod).getFirst();
      } catch (LabException e) {
        Containers.detach(site, pod);
        if (System.nanoTime() > end) {
          throw e;
        }
        Exec.pause(ASK_AGAIN_MS);
      }
    }
  }

  private static Pod pod(String name, String namespace, Node node) {
    return new Pod(
        name,
        namespace,
        Collections.emptySortedMap(),
        node.name(),
        8080,
        List.of(),
        Optional.empty());
  }

  private void has(String what, Pod pod, IpAddress ip) throws LabException {
    Prefix route = pod.node().equals(one.name()) ? BLOCK : ip.asPrefix();
    boolean told = Exec.await(
        REACHED_WITHIN_MS,
        () -> network.blocks(one).getOrDefault(pod.node(), List.of()).contains(route));
    progress.check(new Check(
        pod.fullName() + " has " + what + ", which " + pod.node() + " tells as " + route,
        BLOCK.contains(ip) && told,
        ip.toString()));
  }

  private void reaches(Pod from, IpAddress to) throws LabException {
    progress.check(new Check(
        from.fullName() + " on " + from.node() + " reaches " + to,
        Exec.await(REACHED_WITHIN_MS, () -> Containers.reaches(site, from, to)),
        "no answer to pings"));
  }
}
