package dev.catwalk.lab.policy;

import dev.catwalk.net.addr.IpAddress;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The state of a cluster, and packets with what must become of them, as a file of cases has it.
 *
 * @param file where it is from, for messages
 * @param step its place among the states of one run, if it is one of several
 * @param namespaces name to labels
 * @param policies text of one object each
 */
public record PolicyCase(
    String id,
    String file,
    SortedSet<String> tags,
    Optional<Step> step,
    SortedMap<String, SortedMap<String, String>> namespaces,
    List<Pod> pods,
    List<Host> nodes,
    List<Host> externals,
    List<String> policies,
    List<Probe> probes) {

  private static final String IMPLEMENTATION_DEFINED = "implementation-defined";

  /**
   * One state of several of one run.
   *
   * @param of how many there are
   */
  public record Step(String sequence, int number, int of) {}

  /**
   * A pod.
   *
   * @param address as the file writes it, which may be none
   * @param ports what its spec declares
   * @param node where it runs, if that matters
   */
  public record Pod(
      String namespace,
      String name,
      String address,
      SortedMap<String, String> labels,
      List<Port> ports,
      Optional<String> node,
      boolean hostNetwork,
      Optional<String> phase) {
    public Pod {
      labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
      ports = List.copyOf(ports);
    }

    public String fullName() {
      return namespace + "/" + name;
    }

    /** Whether it has ended for good. */
    public boolean finished() {
      return phase.filter(p -> p.equals("Succeeded") || p.equals("Failed")).isPresent();
    }
  }

  /** A declared port. */
  public record Port(Optional<String> name, String protocol, int number) {}

  /** A node or an outside host. */
  public record Host(String name, IpAddress address) {}

  /**
   * A packet, or the first of a connection.
   *
   * @param from {@code namespace/name}, {@code ext:name} or {@code node:name}
   * @param protocol {@code TCP}, {@code UDP} or {@code SCTP}
   * @param expected {@code allow} or {@code deny}; nothing where the file says nothing
   */
  public record Probe(
      String from, String to, String protocol, int port, Optional<String> expected) {
    @Override
    public String toString() {
      return from + " " + to + " " + protocol + "/" + port;
    }
  }

  public PolicyCase {
    tags = Collections.unmodifiableSortedSet(new TreeSet<>(tags));
    namespaces = Collections.unmodifiableSortedMap(new TreeMap<>(namespaces));
    pods = List.copyOf(pods);
    nodes = List.copyOf(nodes);
    externals = List.copyOf(externals);
    policies = List.copyOf(policies);
    probes = List.copyOf(probes);
  }

  /** Whether the probe's expectation counts: a pod may always or never reach itself. */
  public boolean scores(Probe probe) {
    return probe.expected().isPresent()
        && !probe.from().equals(probe.to())
        && !tags.contains(IMPLEMENTATION_DEFINED);
  }

  /** What belongs together: the whole run of several states, or the case alone. */
  public String unit() {
    return step.map(Step::sequence).orElse(id);
  }
}
